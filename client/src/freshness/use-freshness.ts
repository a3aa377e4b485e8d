'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useReducer, useRef, useSyncExternalStore } from 'react';
import type { LiveQueries } from '../query/use-live-queries.ts';
import { useLiveClient } from '../react/live-context.ts';
import { type Freshness, freshnessOf, type Lack, LONG_MS, lackOf, type QueryToJudge } from './freshness.ts';
import { livenessOf } from './liveness.ts';
import { retryNow } from './retry-now.ts';

/** How new the data is, and how to try again at once. */
export type FreshnessNow = Freshness & {
  /** Connects, and fetches again whatever on the page has failed, hangs or waits. The same function each time. */
  readonly retry: () => void;
};

const NOTHING: readonly never[] = [];

/**
 * How new is what a screen shows: `fresh`, `updating`, `old` since when and why, or `waiting` since when and why.
 *
 * ```tsx
 * const live = useLiveRequests();
 * const requests = useQuery(…);
 * const freshness = useFreshness(requests, live);
 * ```
 * @param queries one query or several, as `useQuery` returns them. If one of them lacks its data, all are waited for.
 * @param lives what the hooks for queries (`useLiveRequests`, …) return that keep them live. Left out: only their fetches count.
 */
export function useFreshness(
  queries: QueryToJudge | readonly QueryToJudge[],
  lives: LiveQueries | readonly LiveQueries[] = NOTHING,
): FreshnessNow {
  const client = useLiveClient();
  const queryClient = useQueryClient();
  const liveness = livenessOf(client);
  const status = useSyncExternalStore(
    liveness.watch,
    () => client.status,
    () => IDLE,
  );
  const lack = useRememberedError(
    lackOf({
      queries: [queries].flat(),
      lives: [lives].flat(),
      status,
      lastLiveAt: liveness.lastLiveAt(),
    }),
  );
  const since = useBeginning(lack.kind);
  useRenderAt(lack.kind === 'nothing' || lack.kind === 'refused' ? undefined : since + LONG_MS);
  const retry = useCallback(() => retryNow(client, queryClient), [client, queryClient]);
  return { ...freshnessOf(lack, since, Date.now()), retry };
}

const IDLE = { phase: 'idle', since: 0 } as const;

/** While a query is tried again, TanStack Query has forgotten why it failed. */
function useRememberedError(lack: Lack): Lack {
  const last = useRef<unknown>(undefined);
  if (lack.kind !== 'data' || lack.why !== 'failed') {
    last.current = undefined;
    return lack;
  }
  last.current = lack.error ?? last.current;
  return { ...lack, error: last.current };
}

/** Since when it is so, in Unix milliseconds. */
function useBeginning(kind: Lack['kind']): number {
  const beginning = useRef({ kind, at: Date.now() });
  if (beginning.current.kind !== kind) beginning.current = { kind, at: Date.now() };
  return beginning.current.at;
}

/** Timers may be a little early. */
const EARLY_MS = 20;

/** Renders again at a moment, unless it has passed. */
function useRenderAt(moment: number | undefined): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const ms = moment === undefined ? 0 : moment - Date.now();
    if (ms <= 0) return undefined;
    const timer = setTimeout(render, ms + EARLY_MS);
    return () => clearTimeout(timer);
  }, [moment]);
}
