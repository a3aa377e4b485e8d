'use client';

import { createContext, useContext } from 'react';
import type { LiveClient } from '../connection/types.ts';
import type { LiveFilters } from '../query/filters.ts';
import type { LiveConstantFields } from '../query/other-fields.ts';
import type { LivePatches } from '../query/patcher.ts';
import type { LiveQueryKeys } from '../query/query-keys.ts';
import type { RefetchOptions } from '../query/refetcher.ts';
import type { LiveOrder } from '../query/row-order.ts';

/** What a `LiveProvider` provides to the hooks below it. */
export interface LiveSurroundings {
  readonly client: LiveClient;
  readonly queryKeys?: LiveQueryKeys;
  readonly filters?: LiveFilters;
  readonly patches?: LivePatches;
  readonly constantFields?: LiveConstantFields;
  readonly order?: LiveOrder;
  readonly refetch?: RefetchOptions;
}

export const LiveContext = createContext<LiveSurroundings | undefined>(undefined);

/** What the nearest `LiveProvider` was given. Throws where there is none. */
export function useLiveSurroundings(): LiveSurroundings {
  const surroundings = useContext(LiveContext);
  if (surroundings === undefined) throw new Error('Put a <LiveProvider client={…}> around this.');
  return surroundings;
}

/** The client of the nearest `LiveProvider`. Throws where there is none. */
export function useLiveClient(): LiveClient {
  return useLiveSurroundings().client;
}
