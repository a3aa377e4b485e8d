'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useLiveSurroundings } from '../react/live-context.ts';
import { bridgeOf } from './bridge-of.ts';
import type { QueryBridge } from './query-bridge.ts';

/**
 * Keeps events about an entity back while the page shows what the server has not confirmed yet, where no mutation's `meta` can say
 * it (see {@link LiveMutationMeta}): until the returned function is called, for 30 s at most.
 *
 * ```tsx
 * const hold = useLiveHold();
 * const release = hold('request', id);
 * try {
 *   await save(id);
 * } finally {
 *   release();
 * }
 * ```
 */
export function useLiveHold(): QueryBridge['hold'] {
  const surroundings = useLiveSurroundings();
  const queryClient = useQueryClient();
  return useCallback(
    (kind, id) => bridgeOf(surroundings.client, queryClient, surroundings).hold(kind, id),
    [surroundings, queryClient],
  );
}
