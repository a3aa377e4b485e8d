import type { Query, QueryClient } from '@tanstack/react-query';
import { backgroundFetches } from './background-fetches.ts';
import { createOwedFetches, type EndedFetch, type OwedFetchState } from './owed-fetches.ts';

/** How refetches are gathered. */
export interface RefetchOptions {
  /**
   * How long it has to be quiet before queries are refetched, in milliseconds; default 60. In a burst of more than ten events it is
   * four times as long, so that a pause in the burst does not cost a second refetch.
   */
  readonly quietMs?: number;
  /** How long a refetch waits at most, in milliseconds, while events go on or a mutation is under way; default 1000. */
  readonly maxMs?: number;
  /**
   * Figures, which the server computes, are fetched at a random moment within this time after an event, in milliseconds; default
   * 800. So hundreds of dashboards do not ask all at once, and one answer does for all events meanwhile.
   */
  readonly figuresMs?: number;
  /**
   * A fetch that fails is tried again, as a refetch after an event is: a random wait, whose bound doubles from 1 s to 30 s. `live`
   * (default): if events are written into the query. `all`: any query of the `QueryClient` that somebody looks at.
   */
  readonly retry?: 'live' | 'all';
}

/** Refetches queries, each once for all that happened meanwhile. */
export interface Refetcher {
  /** An event has come in. Many of them are a burst. */
  received(): void;
  /**
   * The query has to be fetched by a fetch that begins after `moment`; if nobody looks at it, as soon as somebody does.
   * @param asOf what it shows was so at this moment, in Unix milliseconds; left out: until now.
   */
  owe(query: Query, moment: number, asOf?: number): void;
  /** A fetch has ended: if a newer one is still owed, the query is fetched again. */
  settled(query: Query, fetch: EndedFetch): void;
  /** Somebody looks at the query, looks at it in another way, or has set its data. */
  touched(query: Query): void;
  /** The query is gone: nothing is owed to it any more. */
  forget(query: Query): void;
  /** The connection is back: what has failed is tried again at once. */
  hurry(): void;
  /** What was held may be fetched now. */
  resume(): void;
  /** The queries on screen that wait to be fetched, or are being fetched. */
  updating(): readonly Query[];
  /** The queries on screen whose refetch has failed. */
  failed(): readonly Query[];
  /** The queries that have to be fetched, also those that nobody looks at. */
  owed(): readonly OwedFetchState[];
  stop(): void;
}

const BURST = 10;

interface RefetcherSurroundings {
  onChange(): void;
  /** The query shows figures that the server computes. */
  isOfFigures(query: Query): boolean;
  /** The query shows what the user has just changed, so that it is not fetched yet. */
  isHeld(query: Query): boolean;
  /** The query still does not show what its answer was doubted for. */
  isStillDoubtful(query: Query): boolean;
}

export function createRefetcher(
  queryClient: QueryClient,
  { quietMs = 60, maxMs = 1000, figuresMs = 800 }: RefetchOptions,
  { onChange, isOfFigures, isHeld, isStillDoubtful }: RefetcherSurroundings,
): Refetcher {
  const owed = createOwedFetches({ onChange, onDue: wait, isStillDoubtful });
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
    timer = undefined;
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
    const due = new Set(owed.due().filter((query) => !isHeld(query)));
    const isDue = (query: Query): boolean => due.has(query);
    due.forEach(backgroundFetches.begin);
    void queryClient.refetchQueries({ type: 'active', predicate: isDue }, { cancelRefetch: false });
    // A query that is never fetched (`staleTime: 'static'`) stays marked.
    for (const query of due) {
      if (query.state.fetchStatus !== 'idle') continue;
      owed.forget(query);
      backgroundFetches.end(query);
    }
  }

  return {
    received() {
      if (firstAt !== undefined) burst += 1;
    },
    owe(query, moment, asOf) {
      query.invalidate();
      owed.owe(query, moment, asOf, isOfFigures(query) ? figuresMs : 0);
      if (owed.isDue(query)) wait();
    },
    settled(query, fetch) {
      backgroundFetches.end(query);
      if (fetch.isStale || fetch.isDoubtful) query.invalidate();
      if (owed.settled(query, fetch) === 'done') return;
      query.invalidate(); // an answer from before has taken the mark away
      wait();
    },
    touched(query) {
      if (!owed.has(query)) return;
      if (timer === undefined && owed.isDue(query)) wait();
      query.invalidate(); // data that were set have taken the mark away
      onChange();
    },
    forget: owed.forget,
    hurry: owed.hurry,
    resume() {
      if (owed.due().length > 0) wait();
    },
    updating: owed.updating,
    failed: owed.failed,
    owed: owed.all,
    stop() {
      rest();
      owed.forgetAll();
    },
  };
}

function isMutating(queryClient: QueryClient): boolean {
  return queryClient.isMutating({ predicate: ({ state }) => !state.isPaused }) > 0;
}
