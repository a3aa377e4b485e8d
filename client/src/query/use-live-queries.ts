'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { LiveRefusal } from '../connection/types.ts';
import type { LiveKind } from '../generated/kinds.ts';
import { useLiveSurroundings } from '../react/live-context.ts';
import { bridgeOf } from './bridge-of.ts';

/** How the queries of a kind are doing. */
export interface LiveQueries {
  /**
   * Something happened that is being fetched, or the events are still coming in after a start or an interruption: for an "updating…"
   * sign. The screen goes on showing what it has.
   */
  readonly isUpdating: boolean;
  /**
   * A refetch has failed, so the screen shows something older than what has happened. It is tried again; `isUpdating` stays true
   * until it has succeeded, unless the REST API has refused it (403, 404, 410).
   */
  readonly isOutdated: boolean;
  /** While `isUpdating` or `isOutdated`: what the screen shows was so at this moment, in Unix milliseconds. See {@link useFreshness}. */
  readonly asOf: number | undefined;
  /** Why the server does not serve it (`FORBIDDEN`, …); `undefined`: it does. */
  readonly refusal: LiveRefusal | undefined;
}

export interface LiveQueriesOptions {
  /** `false`: follow nothing for now. Default `true`. */
  readonly enabled?: boolean;
}

export type Unit = string | number | null;

/** Keeps the queries of a kind live. `npm run generate` writes a hook for each kind, such as `useLiveRequests`. */
export function useLiveQueries(
  kind: LiveKind,
  unitId: Unit | undefined,
  { enabled = true }: LiveQueriesOptions = {},
): LiveQueries {
  const surroundings = useLiveSurroundings();
  const queryClient = useQueryClient();
  const bridge = useMemo(
    () => bridgeOf(surroundings.client, queryClient, surroundings),
    [surroundings, queryClient],
  );
  useEffect(() => (enabled ? bridge.follow(kind, unitId) : undefined), [bridge, kind, unitId, enabled]);
  const isUpdating = useSyncExternalStore(
    bridge.subscribe,
    () => bridge.isUpdating(kind),
    () => false,
  );
  const isOutdated = useSyncExternalStore(
    bridge.subscribe,
    () => bridge.isOutdated(kind),
    () => false,
  );
  const asOf = useSyncExternalStore(
    bridge.subscribe,
    () => bridge.asOf(kind),
    () => undefined,
  );
  const refusal = useSyncExternalStore(
    bridge.subscribe,
    () => bridge.refusal(kind, unitId),
    () => undefined,
  );
  return { isUpdating, isOutdated, asOf, refusal };
}
