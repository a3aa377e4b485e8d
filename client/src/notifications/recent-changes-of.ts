import type { LiveClient } from '../connection/types.ts';
import { createRecentChanges, type RecentChanges } from './recent-changes.ts';

const stores = new WeakMap<LiveClient, RecentChanges>();

/** The one store of a client: the live hooks write it, `useRecentlyChanged` reads it. */
export function recentChangesOf(client: LiveClient): RecentChanges {
  const known = stores.get(client) ?? createRecentChanges();
  stores.set(client, known);
  return known;
}
