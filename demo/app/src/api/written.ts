import type { AxiosResponse } from 'axios';
import { useLiveClient } from 'dms-live-react';

/** What a request has written. */
export interface Written<Row> {
  readonly row: Row;
  /** Whether the cached queries show it already; otherwise they have to be fetched. */
  readonly isShown: boolean;
}

/** Awaits a request that writes something, until its events are shown: so a dialog closes at the moment at which the row changes. */
export function useWritten(): <Row>(answer: Promise<AxiosResponse<Row>>) => Promise<Written<Row>> {
  const live = useLiveClient();
  return async (answer) => {
    const response = await answer;
    const { seen } = await live.seen(response);
    return { row: response.data, isShown: seen };
  };
}
