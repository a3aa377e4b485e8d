import type { QueryClient } from '@tanstack/react-query';
import { createListeners } from '../connection/listeners.ts';
import { tick } from '../connection/moments.ts';
import { shownEventsOf } from '../connection/shown-events.ts';
import type { LiveRefusal } from '../connection/types.ts';
import type { LiveKind } from '../generated/kinds.ts';
import type { ChangedKind } from '../notifications/recent-changes.ts';
import { createAnswerChecks } from './answer-checks.ts';
import { type FetchListener, type FetchWatch, fetchesIn } from './fetch-watch.ts';
import type { LiveFilters } from './filters.ts';
import { createHeldMutations, entityOf } from './held-by-mutation.ts';
import { createIntake } from './intake.ts';
import type { Change, Followable } from './kind.ts';
import { createLacks } from './lacks.ts';
import { createLiveKinds } from './live-kinds.ts';
import { type MutationListener, type MutationWatch, watchMutations } from './mutation-watch.ts';
import { createNewestEntities } from './newest-entities.ts';
import { createNewestStates } from './newest-states.ts';
import { createOtherFields, type LiveConstantFields } from './other-fields.ts';
import { createPatcher, type LivePatches } from './patcher.ts';
import type { LiveQueryKeys } from './query-keys.ts';
import { createQuerySubjects } from './query-subjects.ts';
import { createQueryWriter } from './query-writer.ts';
import { createRefetcher, type RefetchOptions } from './refetcher.ts';
import { createReplacedData } from './replaced-data.ts';
import { createRowOrder, type LiveOrder } from './row-order.ts';
import { isFigures } from './rules.ts';
import { createStart } from './start-following.ts';
import { type Trace, withInsides } from './trace.ts';

/** How a bridge finds, writes and fetches the queries of an app. */
export interface QueryBridgeOptions {
  /** Where the app's query keys differ from the DMS's. */
  readonly queryKeys?: LiveQueryKeys;
  /** How lists are filtered by other things than words, units and ids. */
  readonly filters?: LiveFilters;
  /** How events are written into rows, where their fields' names do not say it. */
  readonly patches?: LivePatches;
  /** Fields of rows that no event has, but that never change. */
  readonly constantFields?: LiveConstantFields;
  /** How the server sorts the rows of lists. */
  readonly order?: LiveOrder;
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
  /**
   * Whether queries of this kind that somebody looks at wait to be refetched, or are being fetched; or events of it may be missing,
   * although the connection is live.
   */
  isUpdating(kind: LiveKind): boolean;
  /** Whether such a query could not be refetched, so that it shows something older than what has happened. It is tried again. */
  isOutdated(kind: LiveKind): boolean;
  /** While `isUpdating` or `isOutdated`: what such queries show was so at this moment, in Unix milliseconds. */
  asOf(kind: LiveKind): number | undefined;
  /** Why the server does not serve what is followed; `undefined`: it does. */
  refusal(kind: LiveKind, unitId?: string | number | null): LiveRefusal | undefined;
  /** Calls back when `isUpdating`, `isOutdated`, `asOf` or `refusal` may have changed. Returns how to stop. */
  subscribe(listener: () => void): () => void;
}

/**
 * See {@link QueryBridge}. It writes into the cache only while something is followed.
 * @param onChange receives every event that is followed, once.
 */
export function createQueryBridge(
  queryClient: QueryClient,
  client: Followable,
  options: QueryBridgeOptions = {},
  onChange?: (change: Change) => void,
): QueryBridge {
  const cache = queryClient.getQueryCache();
  const trace: Trace = { listener: undefined };
  const fetches = fetchesIn(cache);
  const { notify, add: subscribe } = createListeners();
  const others = createOtherFields(options.constantFields ?? {});
  const subjects = createQuerySubjects(options, others);
  const { matchesOf } = subjects;
  const refetcher = createRefetcher(queryClient, options.refetch ?? {}, {
    onChange: notify,
    isOfFigures: (query) => matchesOf(query).some(({ name }) => isFigures(name)),
    isHeld: (query) => intake.held().some((entity) => subjects.showsEntity(query, entity)),
    isStillDoubtful: (query) => checks.isStillDoubtful(query),
  });
  const newest = createNewestEntities();
  const states = createNewestStates();
  const shown = shownEventsOf(client);
  const writer = createQueryWriter(cache, {
    matchesOf,
    patcher: createPatcher(options.patches ?? {}, createRowOrder(options.order ?? {}), others),
    write: fetches.write,
    answeredSince: fetches.answeredSince,
    owe: refetcher.owe,
    trace,
  });
  const intake = createIntake({
    writer,
    refetcher,
    newest,
    onChange,
    received: shown.received,
    note(received) {
      watches.mutations?.note(received);
      states.note(received);
    },
    trace,
  });
  const checks = createAnswerChecks({ newest, states: states.all, writer, matchesOf, held: intake.held });
  const liveKinds = createLiveKinds(client, {
    change: intake.change,
    ...createStart(cache, { fetches, subjects, refetcher }),
    resumed: refetcher.hurry,
    changed: notify,
    emptied: rest,
  });
  const replaced = createReplacedData({
    fetches,
    mutations: () => watches.mutations,
    writer,
    isFollowed: (query) => liveKinds.started().some((followed) => subjects.isConcerned(query, followed)),
    owe: refetcher.owe,
  });
  const settled: FetchListener['settled'] = (query, fetch) => {
    const outcome = checks.settled(query, fetch);
    const answeredSince = fetches.answeredSince(query);
    const isRetried = options.refetch?.retry === 'all' || matchesOf(query).length > 0;
    refetcher.settled(query, { ...outcome, beganAt: fetch.beganAt, answeredSince, isRetried });
    writer.settled(query);
  };

  const onFetch = { settled, ...replaced, touched: refetcher.touched, removed: refetcher.forget };
  const onMutation = { ...createHeldMutations(intake.hold), over: replaced.over };
  const watches = createWatches(queryClient, fetches, onFetch, onMutation);
  const screen = { follows: liveKinds.isFollowing, flush: writer.flush };

  function rest(): void {
    watches.stop();
    replaced.over(false);
    intake.stop();
    writer.forget();
    newest.forget();
    states.forget();
    shown.remove(screen);
    refetcher.stop();
  }

  const bridge: QueryBridge = {
    follow(kind, unitId) {
      watches.begin();
      shown.add(screen);
      return liveKinds.follow(kind, unitOf(unitId));
    },
    hold(kind, id) {
      const { release } = intake.hold({ entity: entityOf(kind), id: String(id) });
      return () => release({ hasFailed: false });
    },
    ...createLacks({ liveKinds, refetcher, subjects }),
    refusal: (kind, unitId) => liveKinds.refusal(kind, unitOf(unitId)),
    subscribe,
  };
  return withInsides(bridge, { cache, trace, matchesOf, owed: refetcher.owed });
}

const unitOf = (id: string | number | null | undefined): string | undefined =>
  id == null ? undefined : String(id);

/** Watches what the app fetches and changes, from `begin` to `stop`. */
function createWatches(
  queryClient: QueryClient,
  watch: FetchWatch,
  onFetch: FetchListener,
  onMutation: MutationListener,
) {
  let stopListening: (() => void) | undefined;
  let mutations: MutationWatch | undefined;
  return {
    get mutations() {
      return mutations;
    },
    begin(): void {
      stopListening ??= watch.listen(onFetch);
      mutations ??= watchMutations(queryClient.getMutationCache(), tick, onMutation);
    },
    stop(): void {
      stopListening?.();
      stopListening = undefined;
      mutations?.stop();
      mutations = undefined;
    },
  };
}
