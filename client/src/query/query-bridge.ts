import type { Query, QueryClient } from '@tanstack/react-query';
import type { LiveRefusal } from '../connection/types.ts';
import { KINDS, type LiveKind } from '../generated/kinds.ts';
import { type FetchWatch, watchFetches } from './fetch-watch.ts';
import { fitsUnit } from './fit.ts';
import type { Change, Followable, KeyMatch, Kind } from './kind.ts';
import { createLiveKinds } from './live-kinds.ts';
import { createPatcher, type LivePatches } from './patcher.ts';
import { createKeyReader, type LiveQueryKeys } from './query-keys.ts';
import { createQueryWriter } from './query-writer.ts';
import { createRefetcher, type RefetchOptions } from './refetcher.ts';
import { ALL_KINDS } from './rules.ts';

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
 * Keeps the queries of a TanStack `QueryClient` as new as the events are: what an event says is written into the rows that are
 * there; what it does not say is refetched, once for all events of a burst. `useLiveRequests` and its like stand on it; without
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
  /** Whether queries of this kind that somebody looks at wait to be refetched, or are being fetched. */
  isUpdating(kind: LiveKind): boolean;
  /** Why the server does not serve what is followed; `undefined`: it does. */
  refusal(kind: LiveKind, unitId?: string | number | null): LiveRefusal | undefined;
  /** Calls back when `isUpdating` or `refusal` may have changed. Returns how to stop. */
  subscribe(listener: () => void): () => void;
}

/**
 * See {@link QueryBridge}. It watches the cache only while something is followed, and leaves nothing in it.
 * @param onChange receives every event that is followed, once.
 */
export function createQueryBridge(
  queryClient: QueryClient,
  client: Followable,
  options: QueryBridgeOptions = {},
  onChange?: (change: Change) => void,
): QueryBridge {
  const cache = queryClient.getQueryCache();
  const listeners = new Set<() => void>();
  const readKey = createKeyReader(options.queryKeys ?? {});
  const matches = new WeakMap<Query, readonly KeyMatch[]>();
  const filters = ALL_KINDS.flatMap(({ createFilter }) => createFilter?.() ?? []);
  let watch: FetchWatch | undefined;
  let moment = 0;

  /** The next moment, from 1. Moments say which of two things came first; the computer's clock would not, as it can be set back. */
  const tick = (): number => {
    moment += 1;
    return moment;
  };
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
  const liveKinds = createLiveKinds(client, { change, started, refused: notify, emptied: rest });

  function matchesOf(query: Query): readonly KeyMatch[] {
    const known = matches.get(query) ?? readKey(query.queryKey);
    matches.set(query, known);
    return known;
  }

  function change(received: Change): void {
    let filtered: Change | undefined = received;
    for (const filter of filters) if (filtered !== undefined) filtered = filter(filtered);
    if (filtered === undefined) return;
    onChange?.(filtered);
    refetcher.received();
    writer.add({ change: filtered, moment: tick() });
  }

  /** What was fetched before this may lack what happened before this. */
  function started(kind: Kind, unitId: string | undefined): void {
    const now = tick();
    for (const query of cache.getAll()) {
      const isConcerned = matchesOf(query).some(
        (match) => match.name in kind.queries && fitsUnit(match, unitId),
      );
      const isEmpty = query.state.data === undefined && query.state.fetchStatus === 'idle';
      if (isConcerned && !isEmpty) refetcher.owe(query, now);
    }
  }

  function settled(query: Query, fetch: { readonly beganAt: number; readonly hasFailed: boolean }): void {
    refetcher.settled(query, { ...fetch, answeredSince: answeredSince(query) });
    writer.settled(query);
  }

  function rest(): void {
    watch?.stop();
    watch = undefined;
    writer.forget();
    refetcher.stop();
  }

  return {
    follow(kind, unitId) {
      watch ??= watchFetches(cache, tick, { settled, removed: refetcher.forget });
      return liveKinds.follow(kind, unitId == null ? undefined : String(unitId));
    },
    isUpdating: (kind) =>
      [...refetcher.owed()].some(
        (query) => query.isActive() && matchesOf(query).some(({ name }) => name in KINDS[kind].queries),
      ),
    refusal: (kind, unitId) => liveKinds.refusal(kind, unitId == null ? undefined : String(unitId)),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
