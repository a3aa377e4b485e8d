import { type DefaultOptions, QueryClient, type QueryKey, QueryObserver } from '@tanstack/react-query';
import { onTestFinished, vi } from 'vitest';
import {
  createQueryBridge,
  type QueryBridgeOptions,
  RequestUpdatedDocument,
} from '../../../client/src/index.ts';
import { createFakeLive } from './fake-live.ts';
import { sample } from './sample.ts';

/** A query with an observer. */
export interface Watched {
  readonly queryKey: QueryKey;
  /** How often it was fetched. */
  readonly fetches: number;
  readonly data: unknown;
  readonly isInvalidated: boolean;
  /** The result of the next fetches; an `Error`: they fail. */
  answer: unknown;
  refetch(): void;
  leave(): void;
  comeBack(): void;
}

/** A cache, a bridge and a fake live client. The clocks move only when the test advances them. */
export function useCache(options?: QueryBridgeOptions, queries?: DefaultOptions['queries']) {
  vi.useFakeTimers();
  const queryClient = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, ...queries } },
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
    /** Observes a query. Each fetch takes `takes` milliseconds, and returns the answer from the start of the fetch. */
    async watch(queryKey: QueryKey, answer: unknown, takes = 5): Promise<Watched> {
      let fetches = 0;
      const observer = new QueryObserver(queryClient, {
        queryKey,
        async queryFn({ signal }) {
          fetches += 1;
          const { answer: given } = watched;
          await new Promise((resolve) => setTimeout(resolve, takes));
          signal.throwIfAborted();
          if (given instanceof Error) throw given;
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
        comeBack() {
          leave = observer.subscribe(() => undefined);
        },
      };
      watched.comeBack();
      await vi.advanceTimersByTimeAsync(0);
      return watched;
    },
  };
}

/** A request as the REST API writes it. */
export const row = (id: number, status = 'Pending') => ({
  id,
  request_type: 'Withdrawal',
  status,
  unit_id: 5,
});

/** A request as in an event. */
export const request = (id: number, status: 'PENDING' | 'APPROVED' | 'SENT_BACK' = 'PENDING') =>
  sample.request({ id: `${id}`, status });

export const ALL = ['requests', 'all', 'all', 5];
export const PENDING = ['requests', 'all', 'Pending', 5];

/** Subscribes to requests, and fetches two lists of them: request 1 is pending, request 2 is approved. */
export async function useRequests(options?: QueryBridgeOptions, queries?: DefaultOptions['queries']) {
  const cache = useCache(options, queries);
  cache.bridge.follow('requests', 5);
  cache.live.start(RequestUpdatedDocument);
  const all = await cache.watch(ALL, [row(1), row(2, 'Approved')]);
  const pending = await cache.watch(PENDING, [row(1)]);
  await cache.pass(50);
  return { ...cache, all, pending };
}
