import { type ReactElement, type ReactNode, useMemo } from 'react';
import { Provider } from 'urql';
import type { LiveClient } from '../connection/types.ts';
import type { LiveQueryKeys } from '../query/query-keys.ts';
import { LiveContext } from './live-context.ts';

export interface LiveProviderProps {
  readonly client: LiveClient;
  /** Where the app's query keys differ from the DMS's. */
  readonly queryKeys?: LiveQueryKeys;
  readonly children?: ReactNode;
}

const DMS_KEYS: LiveQueryKeys = {};

/**
 * Makes a page live: gives the client to the hooks below, and its urql client to the generated ones. It neither opens nor closes
 * the client, which belongs to whoever made it: make it outside of components, or in `useState`, and `close()` it at logout.
 */
export function LiveProvider({ client, queryKeys = DMS_KEYS, children }: LiveProviderProps): ReactElement {
  const surroundings = useMemo(() => ({ client, queryKeys }), [client, queryKeys]);
  return (
    <LiveContext.Provider value={surroundings}>
      <Provider value={client.urql}>{children}</Provider>
    </LiveContext.Provider>
  );
}
