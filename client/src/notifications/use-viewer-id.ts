'use client';

import { useCallback, useSyncExternalStore } from 'react';
import { useLiveClient } from '../react/live-context.ts';
import { viewerStoreOf } from './viewer-store.ts';

/**
 * Who the user is; `undefined` until the server has said it.
 * @param isNeeded whether the server is asked.
 */
export function useViewerId(isNeeded = true): string | undefined {
  const store = viewerStoreOf(useLiveClient());
  const watch = useCallback(
    (listener: () => void) => (isNeeded ? store.watch(listener) : () => undefined),
    [store, isNeeded],
  );
  return useSyncExternalStore(
    watch,
    () => store.get()?.id,
    () => undefined,
  );
}
