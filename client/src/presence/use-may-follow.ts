'use client';

import { useCallback, useSyncExternalStore } from 'react';
import type { LiveClient, LiveRefusal } from '../connection/types.ts';
import { refusedTo } from './refused.ts';

/** Whether it is worth asking the server, and what to call when it refuses. `key` names what is asked. */
export function useMayFollow(
  client: LiveClient,
  key: string,
): { readonly mayFollow: boolean; readonly refused: (refusal: LiveRefusal) => void } {
  const store = refusedTo(client);
  const mayFollow = useSyncExternalStore(
    store.onChange,
    () => !store.has(key),
    () => true,
  );
  const refused = useCallback((refusal: LiveRefusal) => store.note(key, refusal), [store, key]);
  return { mayFollow, refused };
}
