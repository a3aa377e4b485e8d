import type { Query, QueryClient } from '@tanstack/react-query';
import type { LiveRefusal } from '../connection/types.ts';
import { KINDS, type LiveKind } from '../generated/kinds.ts';
import type { ChangedKind } from '../notifications/recent-changes.ts';
import { type FetchWatch, watchFetches } from './fetch-watch.ts';
import { fitsUnit } from './fit.ts';
import { createHeldMutations, entityOf } from './held-by-mutation.ts';
import { createHolds, type HeldEntity, type Hold } from './holds.ts';
import type { Change, Followable, Followed, KeyMatch } from './kind.ts';
import { createLiveKinds } from './live-kinds.ts';
import { type MutationWatch, watchMutations } from './mutation-watch.ts';
import { createOtherFields, type LiveConstantFields } from './other-fields.ts';
import { createPatcher, type LivePatches } from './patcher.ts';
import { createKeyReader, type LiveQueryKeys } from './query-keys.ts';
import { createQueryWriter, type Received } from './query-writer.ts';
import { createRefetcher, type RefetchOptions } from './refetcher.ts';
import { createReplacedData } from './replaced-data.ts';
import { ALL_KINDS, shows } from './rules.ts';

/** How a bridge finds, writes and fetches the queries of an app. */
export interface QueryBridgeOptions {
  /** Where the app's query keys differ from the DMS's. */
  readonly queryKeys?: LiveQueryKeys;
  /** How events are written into rows, where their fields' names do not say it. */
  readonly patches?: LivePatches;
  /** Fields of rows that no event has, but that never change. */
  readonly constantFields?: LiveConstantFields;
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
  /**
   * Keeps events about an entity back until the returned function is called, for 30 s at most: for what the page shows before the
   * server has answered. A mutation names it in its `meta`, see {@link LiveMutationMeta}.
   */
  hold(kind: ChangedKind, id: string | number): () => void;
  /** Whether queries of this kind that somebody looks at wait to be refetched, or are being fetched. */
  isUpdating(kind: LiveKind): boolean;
  /** Whether such a query could not be refetched, so that it shows something older than what has happened. It is tried again. */
  isOutdated(kind: LiveKind): boolean;
  /** Why the server does not serve what is followed; `undefined`: it does. */
  refusal(kind: LiveKind, unitId?: string | number | null): LiveRefusal | undefined;
  /** Calls back when `isUpdating`, `isOutdated` or `refusal` may have changed. Returns how to stop. */
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
  const others = createOtherFields(options.constantFields ?? {});
  let watch: FetchWatch | undefined;
  let mutations: MutationWatch | undefined;
  let moment = 0;

  /** Which of two things came first, which the computer's clock may not know. Moments only grow, from 1. */
  const tick = (): number => {
    moment += 1;
    return moment;
  };
  const notify = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const holds = createHolds({ released });
  const refetcher = createRefetcher(queryClient, options.refetch ?? {}, { onChange: notify, isHeld });
  const answeredSince = (query: Query): number => watch?.answeredSince(query) ?? 0;
  const writer = createQueryWriter(cache, {
    matchesOf,
    patcher: createPatcher(options.patches ?? {}, others),
    write: (query, data) => watch?.write(query, data),
    answeredSince,
    owe: refetcher.owe,
  });
  const liveKinds = createLiveKinds(client, {
    change,
    started,
    resumed: refetcher.hurry,
    refused: notify,
    emptied: rest,
  });
  const replaced = createReplacedData({
    watch: () => watch,
    mutations: () => mutations,
    writer,
    isFollowed: (query) => liveKinds.started().some((followed) => isConcerned(query, followed)),
    owe: (query) => refetcher.owe(query, 0),
  });
  const heldMutations = createHeldMutations(hold);

  function matchesOf(query: Query): readonly KeyMatch[] {
    const known = matches.get(query) ?? readKey(query.queryKey);
    matches.set(query, known);
    return known;
  }

  const isOf = (kind: LiveKind, query: Query): boolean =>
    matchesOf(query).some(({ name }) => name in KINDS[kind].queries);

  const isConcerned = (query: Query, { kind, unitAsked }: Followed): boolean =>
    matchesOf(query).some(
      (match) => fitsUnit(match, unitAsked) && shows(kind, match.name, query.state.data, others),
    );

  function isHeld(query: Query): boolean {
    return holds.held().some(({ entity, id }) => {
      const kind = ALL_KINDS.find((one) => one.entity === entity);
      if (kind === undefined) return false;
      return matchesOf(query).some(({ name }) => shows(kind, name, query.state.data, others, id));
    });
  }

  function change(event: Change): void {
    let filtered: Change | undefined = event;
    for (const filter of filters) if (filtered !== undefined) filtered = filter(filtered);
    if (filtered === undefined) return;
    onChange?.(filtered);
    refetcher.received();
    const received = { change: filtered, moment: tick() };
    if (!holds.keep(received)) add(received);
  }

  function add(...received: readonly Received[]): void {
    for (const one of received) mutations?.note(one);
    writer.add(...received);
  }

  function hold(held: HeldEntity): Hold {
    writer.flush();
    return holds.hold(held);
  }

  function released(received: readonly Received[], isUncertain: boolean): void {
    if (isUncertain) writer.checkAll(received);
    else add(...received); // all together, so that only the last one is shown
    refetcher.resume();
  }

  /** What was fetched before this may lack what happened before this. */
  function started(followed: Followed): void {
    const now = tick();
    for (const query of cache.getAll()) {
      const { data, fetchStatus, status } = query.state;
      const isEmpty = data === undefined && fetchStatus === 'idle' && status !== 'error';
      if (!isEmpty && isConcerned(query, followed)) refetcher.owe(query, now);
    }
  }

  function settled(query: Query, fetch: { readonly beganAt: number; readonly hasFailed: boolean }): void {
    refetcher.settled(query, { ...fetch, answeredSince: answeredSince(query) });
    writer.settled(query);
  }

  function begin(): void {
    watch ??= watchFetches(cache, tick, {
      settled,
      replaced,
      observed: refetcher.observed,
      removed: refetcher.forget,
    });
    mutations ??= watchMutations(queryClient.getMutationCache(), tick, heldMutations);
  }

  function rest(): void {
    watch?.stop();
    watch = undefined;
    mutations?.stop();
    mutations = undefined;
    holds.stop();
    writer.forget();
    refetcher.stop();
  }

  return {
    follow(kind, unitId) {
      begin();
      return liveKinds.follow(kind, unitId == null ? undefined : String(unitId));
    },
    hold(kind, id) {
      const { release } = hold({ entity: entityOf(kind), id: String(id) });
      return () => release({ hasFailed: false });
    },
    isUpdating: (kind) => refetcher.updating().some((query) => isOf(kind, query)),
    isOutdated: (kind) => refetcher.failed().some((query) => isOf(kind, query)),
    refusal: (kind, unitId) => liveKinds.refusal(kind, unitId == null ? undefined : String(unitId)),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
