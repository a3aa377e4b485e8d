import type { Query } from '@tanstack/react-query';
import { type Backoff, createBackoff } from '../connection/backoff.ts';

/** A fetch of a query, as it has ended. */
export interface EndedFetch {
  readonly beganAt: number;
  /** When the fetch began whose answer the query shows. */
  readonly answeredSince: number;
  readonly hasFailed: boolean;
  /** Its answer was older than what the query shows already, so that another fetch may bring a newer one. */
  readonly isStale: boolean;
}

/** A query that has to be fetched. */
export interface OwedFetchState {
  readonly query: Query;
  /** In Unix milliseconds. */
  readonly since: number;
  /** How many fetches have failed. */
  readonly failures: number;
}

/**
 * Which queries have to be fetched, until an answer has what they lack. A fetch that fails is tried again after a random wait, whose
 * bound doubles from 1 s to 30 s.
 */
export interface OwedFetches {
  /** The query has to be fetched by a fetch that begins after `moment`. */
  owe(query: Query, moment: number): void;
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
  /** The queries that somebody looks at and that will be fetched, now or later. */
  updating(): readonly Query[];
  /** The queries that somebody looks at and whose last fetch has failed. */
  failed(): readonly Query[];
  /** Also those that nobody looks at. */
  all(): readonly OwedFetchState[];
}

interface OwedFetch {
  readonly since: number;
  failures: number;
  moment: number;
  readonly backoff: Backoff;
  /** Until the next attempt. */
  wait: ReturnType<typeof setTimeout> | undefined;
  /** How the last attempt has failed. `refused`: the same request would be refused again. */
  failure: 'failed' | 'refused' | undefined;
}

const [FIRST_MS, MAX_MS] = [1000, 30_000];

/**
 * @param onChange what the lists return may have changed.
 * @param onDue the wait of a query after a failure is over.
 */
export function createOwedFetches(onChange: () => void, onDue: () => void): OwedFetches {
  const owed = new Map<Query, OwedFetch>();

  function failed(query: Query, fetch: OwedFetch): void {
    clearTimeout(fetch.wait);
    fetch.failures += 1;
    fetch.failure = isRefusal(query.state.error) ? 'refused' : 'failed';
    fetch.wait =
      fetch.failure === 'refused' ? undefined : setTimeout(() => retry(fetch), fetch.backoff.next());
    onChange();
  }

  function retry(fetch: OwedFetch): void {
    fetch.wait = undefined;
    onDue();
  }

  function forget(query: Query): void {
    clearTimeout(owed.get(query)?.wait);
    if (owed.delete(query)) onChange();
  }

  function isDue(query: Query): boolean {
    const fetch = owed.get(query);
    if (fetch === undefined || fetch.wait !== undefined || fetch.failure === 'refused') return false;
    return query.state.fetchStatus === 'idle' && query.isActive();
  }

  const looked = (isMeant: (fetch: OwedFetch) => boolean): readonly Query[] =>
    [...owed].filter(([query, fetch]) => isMeant(fetch) && query.isActive()).map(([query]) => query);

  function owe(query: Query, moment: number): void {
    const known = owed.get(query);
    if (known === undefined) {
      const backoff = createBackoff(FIRST_MS, MAX_MS);
      const since = Date.now();
      owed.set(query, { since, failures: 0, moment, backoff, wait: undefined, failure: undefined });
      onChange();
      return;
    }
    known.moment = Math.max(known.moment, moment);
    if (known.failure !== 'refused') return;
    known.failure = 'failed'; // something has happened, so the answer may be another one
    onChange();
  }

  return {
    owe,
    settled(query, { beganAt, answeredSince, hasFailed, isStale }) {
      if (isStale) owe(query, beganAt);
      const fetch = owed.get(query);
      if (fetch === undefined) return 'done';
      if (isStale) {
        failed(query, fetch);
        return 'done';
      }
      if (answeredSince > fetch.moment) {
        forget(query);
        return 'done';
      }
      if (!hasFailed || beganAt <= fetch.moment) return 'again';
      failed(query, fetch);
      return 'done';
    },
    forget,
    forgetAll() {
      for (const query of [...owed.keys()]) forget(query);
    },
    hurry() {
      for (const fetch of owed.values()) {
        if (fetch.wait === undefined) continue;
        clearTimeout(fetch.wait);
        retry(fetch);
      }
    },
    has: (query) => owed.has(query),
    isDue,
    due: () => [...owed.keys()].filter(isDue),
    updating: () => looked(({ failure }) => failure !== 'refused'),
    failed: () => looked(({ failure }) => failure !== undefined),
    all: () => [...owed].map(([query, { since, failures }]) => ({ query, since, failures })),
  };
}

const REFUSALS: ReadonlySet<unknown> = new Set([403, 404, 410]);

/** Whether a REST API has answered that this is not to be had. An error of Axios and a `Response` both say it. */
function isRefusal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const response = 'response' in error && typeof error.response === 'object' ? error.response : error;
  return response !== null && 'status' in response && REFUSALS.has(response.status);
}
