import { QueryClient, type QueryKey, QueryObserver } from '@tanstack/react-query';
import { onTestFinished, vi } from 'vitest';
import { createQueryBridge, type QueryBridgeOptions } from '../../../client/src/index.ts';
import { createFakeLive } from './fake-live.ts';

/** A query that somebody looks at. */
export interface Watched {
  readonly queryKey: QueryKey;
  /** How often it was fetched. */
  readonly fetches: number;
  readonly data: unknown;
  readonly isInvalidated: boolean;
  /** What the next fetches give. */
  answer: unknown;
  refetch(): void;
  leave(): void;
}

/** A cache, a bridge and a live client that says what it is told to, with clocks that stand still unless they are turned. */
export function useCache(options?: QueryBridgeOptions) {
  vi.useFakeTimers();
  const queryClient = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } },
  });
  const live = createFakeLive();
  const bridge = createQueryBridge(queryClient, live.client, options);
  onTestFinished(() => {
    queryClient.clear();
    vi.useRealTimers();
  });

  return {
    queryClient,
    live,
    bridge,
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    /** Looks at a query; each fetch takes so many milliseconds, and answers with what is there at its beginning. */
    async watch(queryKey: QueryKey, answer: unknown, takes = 5): Promise<Watched> {
      let fetches = 0;
      const observer = new QueryObserver(queryClient, {
        queryKey,
        async queryFn({ signal }) {
          fetches += 1;
          const { answer: given } = watched;
          await new Promise((resolve) => setTimeout(resolve, takes));
          signal.throwIfAborted();
          return given;
        },
      });
      let leave: (() => void) | undefined;
      const state = () => queryClient.getQueryState(queryKey);
      const watched: Watched = {
        queryKey,
        answer,
        get fetches() {
          return fetches;
        },
        get data() {
          return state()?.data;
        },
        get isInvalidated() {
          return state()?.isInvalidated ?? false;
        },
        refetch: () => void observer.refetch(),
        leave: () => leave?.(),
      };
      leave = observer.subscribe(() => undefined);
      await vi.advanceTimersByTimeAsync(0);
      return watched;
    },
  };
}
