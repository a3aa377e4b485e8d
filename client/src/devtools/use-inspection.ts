'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useReducer, useState } from 'react';
import { subscriptionsOf } from '../connection/inspection.ts';
import type { SubscriptionState } from '../connection/subscription.ts';
import type { LiveStatus } from '../connection/types.ts';
import { bridgeOf } from '../query/bridge-of.ts';
import type { OwedFetchState } from '../query/owed-fetches.ts';
import { insidesOf } from '../query/trace.ts';
import { useLiveSurroundings } from '../react/live-context.ts';
import { recorderOf, type SeenEvent } from './recorder.ts';

/** What the panel shows. */
export interface Inspection {
  /** The newest first; the first is the present one. */
  readonly statuses: readonly LiveStatus[];
  readonly subscriptions: readonly SubscriptionState[];
  /** The newest first. */
  readonly events: readonly SeenEvent[];
  readonly owed: readonly OwedFetchState[];
  /** The keys of cached queries that no kind knows. */
  readonly unknownKeys: readonly string[];
  clear(): void;
}

/** It is rendered this often at most, in milliseconds. */
const RENDER_MS = 100;
const STATUSES_KEPT = 10;

/** Records what the bridge does, and renders again when something happens. */
export function useInspection(): Inspection {
  const surroundings = useLiveSurroundings();
  const queryClient = useQueryClient();
  const { client } = surroundings;
  const bridge = useMemo(
    () => bridgeOf(client, queryClient, surroundings),
    [client, queryClient, surroundings],
  );
  const [, render] = useReducer((renders: number) => renders + 1, 0);
  const [statuses, setStatuses] = useState<readonly LiveStatus[]>([client.status]);
  const insides = insidesOf(bridge);
  const recorder = recorderOf(insides);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const renderSoon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        render();
      }, RENDER_MS);
    };
    const noteStatus = (): void => setStatuses((before) => withStatus(before, client.status));
    noteStatus();
    const stops = [
      recorder.begin(),
      recorder.subscribe(renderSoon),
      bridge.subscribe(renderSoon),
      client.onStatus(noteStatus),
      () => clearTimeout(timer),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [recorder, bridge, client]);

  return {
    statuses,
    subscriptions: subscriptionsOf(client),
    events: recorder.events,
    owed: insides.owed(),
    unknownKeys: insides.cache
      .getAll()
      .filter((query) => insides.matchesOf(query).length === 0)
      .map(({ queryKey }) => JSON.stringify(queryKey)),
    clear: recorder.clear,
  };
}

const withStatus = (before: readonly LiveStatus[], status: LiveStatus): readonly LiveStatus[] =>
  before[0] === status ? before : [status, ...before].slice(0, STATUSES_KEPT);
