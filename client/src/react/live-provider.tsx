'use client';

import { QueryClientContext } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useContext, useMemo } from 'react';
import { Provider } from 'urql';
import type { LiveClient } from '../connection/types.ts';
import { fetchesIn } from '../query/fetch-watch.ts';
import type { LiveFilters } from '../query/filters.ts';
import type { LiveConstantFields } from '../query/other-fields.ts';
import type { LivePatches } from '../query/patcher.ts';
import type { LiveQueryKeys } from '../query/query-keys.ts';
import type { RefetchOptions } from '../query/refetcher.ts';
import type { LiveOrder } from '../query/row-order.ts';
import { LiveContext } from './live-context.ts';

export interface LiveProviderProps {
  readonly client: LiveClient;
  /** Where the app's query keys differ from the DMS's. Like the next five, it is read once for a client and a `QueryClient`. */
  readonly queryKeys?: LiveQueryKeys;
  /** How lists are filtered by other things than words, units and ids. */
  readonly filters?: LiveFilters;
  /** How events are written into rows, where their fields' names do not say it. */
  readonly patches?: LivePatches;
  /** Fields of rows that no event has, but that never change. */
  readonly constantFields?: LiveConstantFields;
  /** How the server sorts the rows of lists. */
  readonly order?: LiveOrder;
  /** How refetches are gathered. */
  readonly refetch?: RefetchOptions;
  readonly children?: ReactNode;
}

/**
 * Makes a page live: gives the client to the hooks below, and its urql client to the generated ones. It neither opens nor closes
 * the client, which belongs to the code that made it: make it outside of components, or in `useState`, and `close()` it at logout.
 */
export function LiveProvider({
  client,
  queryKeys,
  filters,
  patches,
  constantFields,
  order,
  refetch,
  children,
}: LiveProviderProps): ReactElement {
  const surroundings = useMemo(
    () => ({
      client,
      ...(queryKeys && { queryKeys }),
      ...(filters && { filters }),
      ...(patches && { patches }),
      ...(constantFields && { constantFields }),
      ...(order && { order }),
      ...(refetch && { refetch }),
    }),
    [client, queryKeys, filters, patches, constantFields, order, refetch],
  );
  // What screens fetch before the first hook follows anything counts, too: see `fetchesIn`.
  const cache = useContext(QueryClientContext)?.getQueryCache();
  useMemo(() => cache && fetchesIn(cache), [cache]);
  return (
    <LiveContext.Provider value={surroundings}>
      <Provider value={client.urql}>{children}</Provider>
    </LiveContext.Provider>
  );
}
