import type { Query, QueryCache, QueryCacheNotifyEvent } from '@tanstack/react-query';

/** When each fetch of a query began. An answer includes everything that happened before its fetch began. */
export interface FetchWatch {
  /** When the fetch began whose answer a query shows; 0: before the watch began, or never. */
  answeredSince(query: Query): number;
  stop(): void;
}

/** Is notified of fetches. */
export interface FetchListener {
  /** A fetch has ended, by an answer or otherwise. */
  settled(query: Query, fetch: { readonly beganAt: number; readonly hasFailed: boolean }): void;
  /** Somebody looks at the query, or with other options. */
  observed(query: Query): void;
  /** The query is no longer in the cache. */
  removed(query: Query): void;
}

interface Fetches {
  /** When the last one began. */
  beganAt: number;
  answeredSince: number;
  isUnderWay: boolean;
}

/**
 * Watches a cache. Of an infinite query only fetches of all its pages count, since a fetch of one page leaves the others as they
 * were.
 * @param tick the next moment.
 */
export function watchFetches(cache: QueryCache, tick: () => number, listener: FetchListener): FetchWatch {
  const fetches = new WeakMap<Query, Fetches>();

  function fetchesOf(query: Query): Fetches {
    const known = fetches.get(query);
    if (known !== undefined) return known;
    const fresh = { beganAt: 0, answeredSince: 0, isUnderWay: query.state.fetchStatus !== 'idle' };
    fetches.set(query, fresh);
    return fresh;
  }

  function onUpdate({ query, action }: Extract<QueryCacheNotifyEvent, { type: 'updated' }>): void {
    const known = fetchesOf(query);
    if (action.type === 'fetch') {
      known.isUnderWay = true;
      if (!isOfOnePage(query)) known.beganAt = tick();
      return;
    }
    const isAnswer = action.type === 'success' && action.manual !== true;
    if (!isAnswer && !(known.isUnderWay && query.state.fetchStatus === 'idle')) return;
    known.isUnderWay = false;
    if (isAnswer && !isOfOnePage(query)) known.answeredSince = known.beganAt;
    listener.settled(query, { beganAt: known.beganAt, hasFailed: action.type === 'error' });
  }

  for (const query of cache.getAll()) fetchesOf(query);
  const stop = cache.subscribe((event) => {
    if (event.type === 'updated') onUpdate(event);
    if (event.type === 'observerAdded' || event.type === 'observerOptionsUpdated')
      listener.observed(event.query);
    if (event.type === 'removed') listener.removed(event.query);
  });
  return { answeredSince: (query) => fetches.get(query)?.answeredSince ?? 0, stop };
}

const isOfOnePage = (query: Query): boolean => query.state.fetchMeta?.fetchMore !== undefined;
