import type { InboxEntry, WhileAwayNow } from 'dms-live-react';
import { describeChange } from '../words/activity.ts';

/** `While you were away: 12 requests changed` */
export function describeAway({ items }: WhileAwayNow): string {
  const count = new Set(items.map(({ requestId }) => requestId)).size;
  return `While you were away: ${count} ${count === 1 ? 'request' : 'requests'} changed`;
}

export function titleOf({ kind, requestId, isOwnRequest }: InboxEntry): string {
  if (kind === 'sendback') return `Request ${requestId} was sent back to you`;
  return isOwnRequest ? `Your request ${requestId}` : `Request ${requestId}`;
}

/** `Approved, issued by Noor Rahman`, or why it was sent back. */
export function describeEntry({ kind, reason, actor, actions }: InboxEntry): string {
  if (kind === 'sendback') return `${actor?.name ?? 'The system'}: ${reason ?? 'no reason given'}`;
  const words = actions.map((action) => describeChange({ action, actor: null }));
  const [first = 'Changed', ...others] = words;
  const what = [first, ...others.map((word) => word.toLowerCase())].join(', ');
  return actor?.name == null ? what : `${what} by ${actor.name}`;
}

export interface Group {
  readonly title: string;
  readonly entries: readonly InboxEntry[];
}

/** What was sent back to the user and is not read, then by day. */
export function groupEntries(entries: readonly InboxEntry[], now: Date): readonly Group[] {
  const groups = new Map<string, InboxEntry[]>();
  for (const entry of entries) {
    const title = entry.kind === 'sendback' && !entry.isRead ? 'Sent back to you' : dayOf(entry.lastAt, now);
    groups.set(title, [...(groups.get(title) ?? []), entry]);
  }
  return [...groups].map(([title, ofGroup]) => ({ title, entries: ofGroup }));
}

function dayOf(at: number, now: Date): string {
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (at >= today.getTime()) return 'Today';
  return at >= yesterday.getTime() ? 'Yesterday' : 'Earlier';
}
