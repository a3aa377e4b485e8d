import type { Query, QueryClient } from '@tanstack/react-query';
import type { LiveClient, LiveRefusal } from '../connection/types.ts';
import { OWN_QUERIES } from './apply-change.ts';
import type { Change, LiveKind } from './change.ts';
import { createChangeQueue } from './change-queue.ts';
import { createClock } from './clock.ts';
import { type FetchWatch, watchFetches } from './fetch-watch.ts';
import { fitsUnit } from './fit.ts';
import { createFollowings } from './followings.ts';
import { createNewestCrates } from './newest-crates.ts';
import { createOutdatedKpis } from './newest-kpis.ts';
import { createPatcher, type LivePatches } from './patcher.ts';
import { createKeyReader, type KeyMatch, type LiveQueryKeys } from './query-keys.ts';
import { createQueryWriter, type Heard } from './query-writer.ts';
import { createRefetcher, type RefetchOptions } from './refetcher.ts';

/** How a bridge finds, writes and fetches the queries of an app. */
export interface QueryBridgeOptions {
  /** Where the app's query keys differ from the DMS's. */
  readonly queryKeys?: LiveQueryKeys;
  /** How events are written into rows, where their fields' names do not say it. */
  readonly patches?: LivePatches;
  /** How refetches are gathered. */
  readonly refetch?: RefetchOptions;
}

/**
 * Keeps the queries of a TanStack `QueryClient` as new as the events are: what an event tells is written into the rows that are
 * there, what it does not is fetched anew, once for all events of a burst. `useLiveRequests` and its like stand on it; without
 * React:
 *
 * ```ts
 * const bridge = createQueryBridge(queryClient, createLiveClient({ url, getToken }));
 * const stop = bridge.follow('requests');
 * const stopCrates = bridge.follow('crates', 5);
 * bridge.subscribe(() => console.log(bridge.isUpdating('requests')));
 * stop();
 * stopCrates();
 * ```
 */
export interface QueryBridge {
  /** Follows a kind of event until the returned function is called; `unitId` left out: the viewer's own unit, or all. */
  follow(kind: LiveKind, unitId?: string | number | null): () => void;
  /** Whether queries of this kind that somebody looks at wait to be fetched anew, or are being fetched. */
  isUpdating(kind: LiveKind): boolean;
  /** Why the server does not serve what is followed; `undefined`: it does. */
  refusal(kind: LiveKind, unitId?: string | number | null): LiveRefusal | undefined;
  /** Calls back when `isUpdating` or `refusal` may have changed. Returns how to stop. */
  subscribe(listener: () => void): () => void;
}

/**
 * See {@link QueryBridge}. It watches the cache only while something is followed, and leaves nothing behind.
 * @param onChange told of every event that is followed, once.
 */
export function createQueryBridge(
  queryClient: QueryClient,
  client: Pick<LiveClient, 'follow'>,
  options: QueryBridgeOptions = {},
  onChange?: (change: Change) => void,
): QueryBridge {
  const cache = queryClient.getQueryCache();
  const clock = createClock();
  const listeners = new Set<() => void>();
  const readKey = createKeyReader(options.queryKeys ?? {});
  const matches = new WeakMap<Query, readonly KeyMatch[]>();
  const newestCrates = createNewestCrates();
  const isOutdated = createOutdatedKpis();
  let watch: FetchWatch | undefined;

  const notify = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const refetcher = createRefetcher(queryClient, options.refetch ?? {}, notify);
  const answeredSince = (query: Query): number => watch?.answeredSince(query) ?? 0;
  const writer = createQueryWriter(cache, {
    matchesOf,
    patcher: createPatcher(options.patches ?? {}),
    answeredSince,
    owe: refetcher.owe,
  });
  const queue = createChangeQueue<Heard>(writer.write);
  const followings = createFollowings(client, { change, started, refused: notify }, rest);

  function matchesOf(query: Query): readonly KeyMatch[] {
    const known = matches.get(query) ?? readKey(query.queryKey);
    matches.set(query, known);
    return known;
  }

  function change(told: Change): void {
    if (isOutdated(told)) return;
    onChange?.(told);
    refetcher.heard();
    queue.add({ change: newestCrates(told), moment: clock.tick() });
  }

  /** What was fetched before this may lack what happened before this. */
  function started(kind: LiveKind, unitId: string | undefined): void {
    const moment = clock.tick();
    for (const query of cache.getAll()) {
      const isConcerned = matchesOf(query).some(
        (match) => OWN_QUERIES[kind].includes(match.name) && fitsUnit(match, unitId),
      );
      const isEmpty = query.state.data === undefined && query.state.fetchStatus === 'idle';
      if (isConcerned && !isEmpty) refetcher.owe(query, moment);
    }
  }

  function settled(query: Query, fetch: { readonly beganAt: number; readonly hasFailed: boolean }): void {
    refetcher.settled(query, { ...fetch, answeredSince: answeredSince(query) });
    writer.settled(query);
  }

  function rest(): void {
    watch?.stop();
    watch = undefined;
    queue.clear();
    writer.forget();
    refetcher.stop();
  }

  return {
    follow(kind, unitId) {
      watch ??= watchFetches(cache, clock, { settled, removed: refetcher.forget });
      return followings.follow(kind, unitId == null ? undefined : String(unitId));
    },
    isUpdating: (kind) =>
      [...refetcher.owed()].some(
        (query) => query.isActive() && matchesOf(query).some(({ name }) => OWN_QUERIES[kind].includes(name)),
      ),
    refusal: (kind, unitId) => followings.refusal(kind, unitId == null ? undefined : String(unitId)),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
