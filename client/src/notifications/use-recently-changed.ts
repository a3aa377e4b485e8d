'use client';

import { useCallback, useSyncExternalStore } from 'react';
import { useLiveClient } from '../react/live-context.ts';
import { type ChangedKind, type RecentChange, recentChangesOf } from './recent-changes.ts';

/** What is watched, and for how long a change counts as recent. */
export interface RecentlyChangedOptions {
  /** Default `request`. */
  readonly kind?: ChangedKind;
  /** In milliseconds; default 4000. */
  readonly forMs?: number;
}

/**
 * What has just happened to something, to highlight its row; `undefined` once that is `forMs` ago. It reports what the live hooks of
 * the page receive (`useLiveRequests`, …), and renders only the row that changed.
 *
 * ```tsx
 * function RequestRow({ request }: { request: RequestRow }) {
 *   const change = useRecentlyChanged(request.id);
 *   return (
 *     <tr className={change ? 'bg-amber-50 transition-colors' : 'transition-colors'}>
 *       <td>{request.id}</td>
 *       <td title={change && `${change.action} by ${change.actor?.name ?? 'the system'}`}>{request.status}</td>
 *     </tr>
 *   );
 * }
 * ```
 */
export function useRecentlyChanged(
  id: string | number | null | undefined,
  { kind = 'request', forMs = 4000 }: RecentlyChangedOptions = {},
): RecentChange | undefined {
  const recent = recentChangesOf(useLiveClient());
  const key = id == null ? undefined : String(id);
  const watch = useCallback(
    (listener: () => void) => (key === undefined ? () => {} : recent.watch(kind, key, forMs, listener)),
    [recent, kind, key, forMs],
  );
  return useSyncExternalStore(
    watch,
    () => (key === undefined ? undefined : recent.get(kind, key, forMs)),
    () => undefined,
  );
}
