import { notifyManager, type QueryClient } from '@tanstack/react-query';
import { createFrame } from '../connection/frame.ts';
import type { LiveClient } from '../connection/types.ts';
import { type ChangeLog, changeLogOf } from '../notifications/change-log.ts';
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
  const log = changeLogOf(client);
  const known =
    ofClient.get(queryClient) ?? createQueryBridge(queryClient, client, options, createNotes(client, log));
  ofClient.set(queryClient, known);
  return known;
}

/**
 * Rows are marked when they are written: at once, and together at the end of a frame in a burst. Otherwise each event of a burst would
 * render by itself.
 */
function createNotes(client: LiveClient, log: ChangeLog): (change: Change) => void {
  const recent = recentChangesOf(client);
  let waiting: (() => void)[] = [];
  const frame = createFrame(() => {
    const notes = waiting;
    waiting = [];
    notifyManager.schedule(() => {
      for (const note of notes) note();
    });
  });
  return (change) => {
    if (change.kind.subscription.isState) return;
    log.note(change);
    const at = Date.now();
    waiting.push(() => noteChange(recent, change, at));
    frame.ask();
  };
}

function noteChange(recent: RecentChanges, { kind, entities, action, actor }: Change, at: number): void {
  for (const { id } of entities) recent.note(kind.entity, String(id), { action, actor, at });
}
