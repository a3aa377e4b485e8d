import type { QueryClient } from '@tanstack/react-query';
import type { LiveClient } from 'dms-live-react';
import { statusOf } from '../api/http.ts';

/** Once the connection is back, what could not be reached meanwhile is asked for again. Ends with the client. */
export function refetchFailedWhenBack(live: LiveClient, queryClient: QueryClient): void {
  live.onStatus(() => {
    if (live.status.phase !== 'live') return;
    void queryClient.refetchQueries({
      type: 'active',
      predicate: ({ state }) => state.status === 'error' && statusOf(state.error) === undefined,
    });
  });
}
