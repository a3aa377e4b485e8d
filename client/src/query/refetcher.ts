import type { Query, QueryClient } from '@tanstack/react-query';

/** How refetches are gathered. */
export interface RefetchOptions {
  /**
   * How long it has to be quiet before queries are refetched, in milliseconds; default 60. In a burst of more than ten events it is
   * four times as long, so that a pause in the burst does not cost a second refetch.
   */
  readonly quietMs?: number;
  /** How long a refetch waits at most, in milliseconds, while events go on or a mutation is under way; default 1000. */
  readonly maxMs?: number;
}

/** Refetches queries, each once for all that happened meanwhile. */
export interface Refetcher {
  /** An event has come in. Many of them are a burst. */
  received(): void;
  /** The query has to be fetched by a fetch that begins after `moment`. If nobody looks at it, it is only marked stale. */
  owe(query: Query, moment: number): void;
  /** A fetch has ended: if a newer one is still owed, the query is fetched again. */
  settled(
    query: Query,
    fetch: { readonly beganAt: number; readonly answeredSince: number; readonly hasFailed: boolean },
  ): void;
  /** The query is gone: nothing is owed to it any more. */
  forget(query: Query): void;
  /** The queries that wait to be fetched, or are being fetched. */
  owed(): Iterable<Query>;
  stop(): void;
}

const BURST = 10;

export function createRefetcher(
  queryClient: QueryClient,
  { quietMs = 60, maxMs = 1000 }: RefetchOptions,
  onChange: () => void,
): Refetcher {
  const owed = new Map<Query, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let firstAt: number | undefined;
  let burst = 0;

  function wait(): void {
    firstAt ??= performance.now();
    const quiet = burst > BURST ? quietMs * 4 : quietMs;
    clearTimeout(timer);
    timer = setTimeout(flush, Math.max(0, Math.min(quiet, firstAt + maxMs - performance.now())));
  }

  function rest(): void {
    clearTimeout(timer);
    firstAt = undefined;
    burst = 0;
  }

  function flush(): void {
    // A mutation usually invalidates its queries when it ends. That fetch includes its events, so it is waited for.
    if (isMutating(queryClient) && firstAt !== undefined && performance.now() < firstAt + maxMs) {
      wait();
      return;
    }
    rest();
    // A fetch under way is not cut off: while events keep coming, it would never end. `settled` fetches again if it is too old.
    const due = new Set([...owed.keys()].filter(({ state }) => state.fetchStatus === 'idle'));
    const isDue = (query: Query): boolean => due.has(query);
    void queryClient.refetchQueries({ type: 'active', predicate: isDue }, { cancelRefetch: false });
    // A query that nobody looks at any more, or that is never fetched (`staleTime: 'static'`), stays marked.
    for (const query of due) if (query.state.fetchStatus === 'idle') owed.delete(query);
    onChange();
  }

  return {
    received() {
      if (firstAt !== undefined) burst += 1;
    },
    owe(query, moment) {
      query.invalidate();
      if (!query.isActive() && query.state.fetchStatus === 'idle') return;
      owed.set(query, moment);
      wait();
      onChange();
    },
    settled(query, { beganAt, answeredSince, hasFailed }) {
      const moment = owed.get(query);
      if (moment === undefined) return;
      if (answeredSince > moment || (hasFailed && beganAt > moment)) {
        owed.delete(query);
        onChange();
        return;
      }
      query.invalidate(); // an answer from before has taken the mark away
      wait();
    },
    forget(query) {
      if (owed.delete(query)) onChange();
    },
    owed: () => owed.keys(),
    stop() {
      rest();
      owed.clear();
      onChange();
    },
  };
}

function isMutating(queryClient: QueryClient): boolean {
  return queryClient.isMutating({ predicate: ({ state }) => !state.isPaused }) > 0;
}
