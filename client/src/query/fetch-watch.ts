import type { Query, QueryCache, QueryCacheNotifyEvent, QueryClient } from '@tanstack/react-query';
import { tick } from '../connection/moments.ts';

/** When each fetch of a query began. An answer includes everything that happened before its fetch began. */
export interface FetchWatch {
  /** When the fetch began whose answer a query shows; 0: before the watch began, or never. */
  answeredSince(query: Query): number;
  /** When the fetch began whose answer a query will show, or shows; 0: before the watch began, or never. */
  beganAt(query: Query): number;
  /**
   * Replaces a query's data by what events say. Not `setQueryData`, which would make stale data pass for fresh, and a failed
   * refetch for a success.
   */
  write(query: Query, data: unknown): void;
  /** When the last answer came. */
  answeredAt(query: Query): number;
  /** The query does not show its last answer any more. */
  forgetAnswer(query: Query): void;
  /** Returns how to stop. */
  listen(listener: FetchListener): () => void;
}

/** Is notified of fetches. */
export interface FetchListener {
  /** A fetch has ended. */
  settled(query: Query, fetch: { readonly beganAt: number; readonly by: EndedBy }): void;
  /**
   * The query has data that none of the page's fetches has brought: by `hydrate`, `initialData` or a persisted cache. `isSet`: by
   * `setQueryData`. It may be notified while React renders.
   */
  replaced(query: Query, how: { readonly isSet: boolean; readonly before?: unknown }): void;
  /** Somebody looks at the query, looks at it with other options, or has set its data. */
  touched(query: Query): void;
  /** The query is no longer in the cache. */
  removed(query: Query): void;
}

/** How a fetch has ended; `other`: it was cancelled. */
export type EndedBy = 'answer' | 'failure' | 'other';

interface Fetches {
  /** When the last one began. */
  beganAt: number;
  answeredSince: number;
  answeredAt: number;
  isUnderWay: boolean;
  /** The fetch awaits a promise of the server that rendered the page: nobody knows when that began. */
  isStreamed: boolean;
  data: unknown;
}

type Update = Extract<QueryCacheNotifyEvent, { type: 'updated' }>;

const watches = new WeakMap<QueryCache, FetchWatch>();

/**
 * The one watch of a cache, which begins when it is first asked for, and lasts as long as the cache: what a screen fetches before it
 * follows anything counts, too. Of an infinite query only fetches of all its pages count, since a fetch of one page leaves the others as
 * they were.
 */
export function fetchesIn(cache: QueryCache): FetchWatch {
  const watch = watches.get(cache) ?? watchCache(cache);
  watches.set(cache, watch);
  return watch;
}

/**
 * Notes from now on when queries are fetched. `LiveProvider` does it when it is rendered; an app whose router fetches before that calls
 * this where it makes its `QueryClient`, so that its screens do not fetch the same again.
 */
export function watchFetches(queryClient: QueryClient): void {
  fetchesIn(queryClient.getQueryCache());
}

function watchCache(cache: QueryCache): FetchWatch {
  const listeners = new Set<FetchListener>();
  const notify = (call: (listener: FetchListener) => void): void => {
    for (const listener of [...listeners]) call(listener);
  };
  const fetches = new WeakMap<Query, Fetches>();
  let isWriting = false;

  function fetchesOf(query: Query): Fetches {
    const known = fetches.get(query);
    if (known !== undefined) return known;
    const { fetchStatus, data } = query.state;
    const isUnderWay = fetchStatus !== 'idle';
    const fresh = { beganAt: 0, answeredSince: 0, answeredAt: 0, isUnderWay, isStreamed: false, data };
    fetches.set(query, fresh);
    return fresh;
  }

  function onUpdate({ query, action }: Update): void {
    const known = fetchesOf(query);
    const before = known.data;
    const isNew = query.state.data !== before;
    known.data = query.state.data;
    if (isWriting) return;
    if (action.type === 'fetch') {
      known.isUnderWay = true;
      known.isStreamed = query.options.queryFn === undefined;
      if (!isOfOnePage(query)) known.beganAt = tick();
      return;
    }
    const isAnswer = action.type === 'success' && action.manual !== true;
    if (isAnswer || (known.isUnderWay && query.state.fetchStatus === 'idle')) {
      end(query, known, isAnswer ? 'answer' : action.type === 'error' ? 'failure' : 'other');
      return;
    }
    if (action.type === 'success') notify(({ touched }) => touched(query));
    if (query.state.data === undefined) return;
    if (action.type === 'success' && isNew) replaced(query, { isSet: true, before });
    else if (action.type === 'setState' && (isNew || 'dataUpdatedAt' in action.state))
      replaced(query, { isSet: false });
  }

  function replaced(query: Query, how: Parameters<FetchListener['replaced']>[1]): void {
    if (listeners.size === 0) fetchesOf(query).answeredSince = 0;
    notify((listener) => listener.replaced(query, how));
  }

  function end(query: Query, known: Fetches, by: EndedBy): void {
    known.isUnderWay = false;
    if (by === 'answer') known.answeredAt = tick();
    if (by === 'answer' && known.isStreamed) replaced(query, { isSet: false });
    else if (by === 'answer' && !isOfOnePage(query)) known.answeredSince = known.beganAt;
    const fetch = { beganAt: known.beganAt, by };
    notify(({ settled }) => settled(query, fetch));
  }

  for (const query of cache.getAll()) fetchesOf(query);
  cache.subscribe((event) => {
    if (event.type === 'updated') onUpdate(event);
    else if (event.type === 'added') {
      if (fetchesOf(event.query).data !== undefined) replaced(event.query, { isSet: false });
    } else if (event.type === 'removed') notify(({ removed }) => removed(event.query));
    else if (event.type === 'observerAdded' || event.type === 'observerOptionsUpdated')
      notify(({ touched }) => touched(event.query));
  });
  return {
    answeredSince: (query) => fetches.get(query)?.answeredSince ?? 0,
    beganAt(query) {
      const { beganAt = 0, answeredSince = 0, isUnderWay = false } = fetches.get(query) ?? {};
      return isUnderWay ? beganAt : answeredSince;
    },
    write(query, data) {
      isWriting = true;
      try {
        query.setState({ data });
      } finally {
        isWriting = false; // also if an observer of the app throws
      }
    },
    answeredAt: (query) => fetches.get(query)?.answeredAt ?? 0,
    forgetAnswer(query) {
      fetchesOf(query).answeredSince = 0;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const isOfOnePage = (query: Query): boolean => query.state.fetchMeta?.fetchMore !== undefined;
