import type { Query } from '@tanstack/react-query';
import { type Backoff, createBackoff } from '../connection/backoff.ts';
import { isRefusal } from '../freshness/refusal.ts';

/** A fetch of a query, as it has ended. */
export interface EndedFetch {
  readonly beganAt: number;
  /** When the fetch began whose answer the query shows. */
  readonly answeredSince: number;
  readonly hasFailed: boolean;
  /** Its answer was older than what the query shows already, so that another fetch may bring a newer one. */
  readonly isStale: boolean;
  /** It may have been older, see {@link createDoubts}. */
  readonly isDoubtful: boolean;
  /** It is tried again when it has failed, also if nothing had to be fetched. */
  readonly isRetried: boolean;
}

/** A query that has to be fetched. */
export interface OwedFetchState {
  readonly query: Query;
  /** In Unix milliseconds. */
  readonly since: number;
  /** How many fetches have failed. */
  readonly failures: number;
  /** The query shows what was at this moment, in Unix milliseconds. */
  readonly asOf: number;
}

/**
 * Which queries have to be fetched, until an answer has what they lack. A fetch that fails is tried again after a random wait, whose
 * bound doubles from 1 s to 30 s.
 */
export interface OwedFetches {
  /**
   * The query has to be fetched by a fetch that begins after `moment`.
   * @param asOf what it shows was so at this moment, in Unix milliseconds; left out: until now.
   * @param withinMs it is due at a random moment within this time, unless it is owed already; default: at once.
   */
  owe(query: Query, moment: number, asOf?: number, withinMs?: number): void;
  /** A fetch has ended. `again`: it did not have what the query lacks, so another one has to begin. */
  settled(query: Query, fetch: EndedFetch): 'again' | 'done';
  /** The query is gone, or is never fetched. */
  forget(query: Query): void;
  forgetAll(): void;
  /** Nothing has to wait any more after a failure: whatever was not reachable may be back. */
  hurry(): void;
  has(query: Query): boolean;
  /** Whether the query can be fetched now: somebody looks at it, and it is neither being fetched nor waiting after a failure. */
  isDue(query: Query): boolean;
  due(): readonly Query[];
  /** The queries that somebody looks at and that will be fetched, now or later, for more than a doubt. */
  updating(): readonly Query[];
  /** The queries that somebody looks at and whose last fetch has failed. */
  failed(): readonly Query[];
  /** Also those that nobody looks at. */
  all(): readonly OwedFetchState[];
}

interface OwedFetch {
  readonly since: number;
  asOf: number;
  failures: number;
  moment: number;
  readonly backoff: Backoff;
  /** Until the next attempt. */
  wait: ReturnType<typeof setTimeout> | undefined;
  /** How the last attempt has failed. `refused`: the same request would be refused again. */
  failure: 'failed' | 'refused' | undefined;
  /** Nothing is known to be missing. An answer was only in doubt. */
  isDoubt: boolean;
  /** No event has asked for it: a fetch of the page has failed. */
  isRetry: boolean;
}

const [FIRST_MS, MAX_MS] = [1000, 30_000];

type OwedFor = 'event' | 'doubt' | 'retry';

function createOwedFetch(moment: number, reason: OwedFor): OwedFetch {
  const backoff = createBackoff(FIRST_MS, MAX_MS);
  const since = Date.now();
  return {
    since,
    asOf: since,
    failures: 0,
    moment,
    backoff,
    wait: undefined,
    failure: undefined,
    isDoubt: reason === 'doubt',
    isRetry: reason === 'retry',
  };
}

/** Something more has happened, so that the answer may be another one. */
function oweMore(fetch: OwedFetch, moment: number): void {
  fetch.moment = Math.max(fetch.moment, moment);
  if (fetch.failure === 'refused') fetch.failure = 'failed';
  if (!fetch.isDoubt && !fetch.isRetry) return;
  fetch.isDoubt = false;
  fetch.isRetry = false;
  clearTimeout(fetch.wait); // now something is missing for sure
  fetch.wait = undefined;
}

interface OwedFetchEvents {
  /** What the lists return may have changed. */
  onChange(): void;
  /** The wait of a query is over. */
  onDue(): void;
  /** Whether the answer of a query is still in doubt. */
  isStillDoubtful(query: Query): boolean;
}

export function createOwedFetches({ onChange, onDue, isStillDoubtful }: OwedFetchEvents): OwedFetches {
  const owed = new Map<Query, OwedFetch>();

  function add(query: Query, moment: number, reason: OwedFor): OwedFetch {
    const fetch = createOwedFetch(moment, reason);
    owed.set(query, fetch);
    onChange();
    return fetch;
  }

  function failed(query: Query, fetch: OwedFetch, isRefused: boolean): void {
    fetch.failures += 1;
    fetch.failure = isRefused ? 'refused' : 'failed';
    clearTimeout(fetch.wait);
    fetch.wait = undefined;
    if (!isRefused) wait(query, fetch);
    onChange();
  }

  /** The answer may be right, so that it is no failure. But another one is fetched after a while. */
  function doubt(query: Query, beganAt: number): void {
    const fetch = owed.get(query) ?? add(query, beganAt, 'doubt');
    fetch.isDoubt = true;
    fetch.moment = beganAt;
    fetch.failure = undefined;
    wait(query, fetch);
    onChange();
  }

  function wait(query: Query, fetch: OwedFetch): void {
    clearTimeout(fetch.wait);
    fetch.wait = setTimeout(() => retry(query, fetch), fetch.backoff.next());
  }

  function retry(query: Query, fetch: OwedFetch): void {
    clearTimeout(fetch.wait);
    fetch.wait = undefined;
    // An event may have said meanwhile that the answer was right.
    if (fetch.isDoubt && fetch.failure === undefined && !isStillDoubtful(query)) forget(query);
    else onDue();
  }

  function forget(query: Query): void {
    clearTimeout(owed.get(query)?.wait);
    if (owed.delete(query)) onChange();
  }

  function owe(query: Query, moment: number, asOf = Date.now(), withinMs = 0): void {
    const known = owed.get(query);
    const fetch = known ?? add(query, moment, 'event');
    fetch.asOf = Math.min(fetch.asOf, asOf);
    if (known === undefined) {
      if (withinMs > 0) fetch.wait = setTimeout(() => retry(query, fetch), Math.random() * withinMs);
      return;
    }
    const wasRefused = known.failure === 'refused';
    oweMore(known, moment);
    if (wasRefused) onChange();
  }

  return {
    owe,
    settled(query, { beganAt, answeredSince, hasFailed, isStale, isDoubtful, isRetried }) {
      if (isStale) owe(query, beganAt);
      const fetch = owed.get(query);
      const isRefused = hasFailed && isRefusal(query.state.error);
      if (isStale && fetch !== undefined) failed(query, fetch, false);
      else if (hasFailed && isDoubtful) failed(query, fetch ?? add(query, beganAt, 'doubt'), false);
      else if (isDoubtful && answeredSince > (fetch?.moment ?? 0)) doubt(query, beganAt);
      else if (fetch === undefined && hasFailed && isRetried && !isRefused)
        failed(query, add(query, beganAt, 'retry'), false);
      else if (fetch === undefined) return 'done';
      else if (answeredSince > fetch.moment || (fetch.isDoubt && isRefused)) forget(query);
      else if (!hasFailed || beganAt <= fetch.moment) return 'again';
      else failed(query, fetch, isRefused);
      return 'done';
    },
    forget,
    forgetAll() {
      for (const query of [...owed.keys()]) forget(query);
    },
    hurry() {
      for (const [query, fetch] of [...owed]) if (fetch.wait !== undefined) retry(query, fetch);
    },
    ...createLists(owed),
  };
}

/** What can be read of the queries that have to be fetched. */
function createLists(owed: ReadonlyMap<Query, OwedFetch>) {
  function isDue(query: Query): boolean {
    const fetch = owed.get(query);
    if (fetch === undefined || fetch.wait !== undefined || fetch.failure === 'refused') return false;
    return query.state.fetchStatus === 'idle' && query.isActive();
  }

  const looked = (isMeant: (fetch: OwedFetch) => boolean): readonly Query[] =>
    [...owed].filter(([query, fetch]) => isMeant(fetch) && query.isActive()).map(([query]) => query);

  return {
    has: (query: Query) => owed.has(query),
    isDue,
    due: () => [...owed.keys()].filter(isDue),
    updating: () => looked(({ failure, isDoubt }) => !isDoubt && failure !== 'refused'),
    failed: () => looked(({ failure, isDoubt }) => !isDoubt && failure !== undefined),
    all: () => [...owed].map(([query, { since, failures, asOf }]) => ({ query, since, failures, asOf })),
  };
}
