import type { QueryClient } from '@tanstack/react-query';
import type { LiveClient } from '../connection/types.ts';
import { changeLogOf } from '../notifications/change-log.ts';
import { type RecentChanges, recentChangesOf } from '../notifications/recent-changes.ts';
import type { Change } from './kind.ts';
import { createQueryBridge, type QueryBridge, type QueryBridgeOptions } from './query-bridge.ts';

const bridges = new WeakMap<LiveClient, WeakMap<QueryClient, QueryBridge>>();

/** The one bridge between two clients, which all hooks share. `options` are those of the first caller. */
export function bridgeOf(
  client: LiveClient,
  queryClient: QueryClient,
  options: QueryBridgeOptions,
): QueryBridge {
  const ofClient = bridges.get(client) ?? new WeakMap<QueryClient, QueryBridge>();
  bridges.set(client, ofClient);
  const recent = recentChangesOf(client);
  const log = changeLogOf(client);
  const known =
    ofClient.get(queryClient) ??
    createQueryBridge(queryClient, client, options, (change) => {
      if (change.kind.subscription.isState) return;
      noteChange(recent, change);
      log.note(change);
    });
  ofClient.set(queryClient, known);
  return known;
}

function noteChange(recent: RecentChanges, { kind, entities, action, actor }: Change): void {
  const change = { action, actor, at: Date.now() };
  for (const { id } of entities) recent.note(kind.entity, String(id), change);
}
