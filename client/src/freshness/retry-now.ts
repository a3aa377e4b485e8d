import type { Query, QueryClient } from '@tanstack/react-query';
import type { LiveClient } from '../connection/types.ts';

/** Tries everything again that the page lacks: the connection, what has failed, and what hangs. */
export function retryNow(client: Pick<LiveClient, 'status' | 'reconnect'>, queryClient: QueryClient): void {
  if (CAN_RECONNECT.has(client.status.phase)) client.reconnect();
  void fetchAgain(queryClient);
}

const CAN_RECONNECT: ReadonlySet<string> = new Set(['reconnecting', 'offline', 'stopped']);

async function fetchAgain(queryClient: QueryClient): Promise<void> {
  const lacks = new Set(queryClient.getQueryCache().findAll({ type: 'active', predicate: isLacking }));
  const predicate = (query: Query): boolean => lacks.has(query);
  // A first fetch that hangs would not be replaced by another one otherwise.
  await queryClient.cancelQueries({
    predicate: (query) => lacks.has(query) && query.state.data === undefined,
  });
  await queryClient.refetchQueries({ type: 'active', predicate });
}

const isLacking = ({ state: { data, status, fetchStatus, isInvalidated } }: Query): boolean =>
  status === 'error' || isInvalidated || data === undefined || fetchStatus !== 'idle';
