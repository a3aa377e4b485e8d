'use client';

import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import type { Unit } from '../query/use-live-queries.ts';
import { useLiveClient } from '../react/live-context.ts';
import type { InboxItem } from './inbox-items.ts';
import { type InboxContent, inboxStoreOf } from './inbox-store.ts';
import {
  isRead,
  localReadMarks,
  NOTHING_READ,
  type ReadMarks,
  withAllRead,
  withOthersRead,
  withRead,
} from './read-marks.ts';

/** What happened to one thing, and whether the user has read it. */
export interface InboxEntry extends InboxItem {
  readonly isRead: boolean;
}

export interface Inbox {
  /** Unread send-backs first, then the last changed. What the user did is not among them. */
  readonly entries: readonly InboxEntry[];
  /** How many are not read. */
  readonly unread: number;
  /** The server has not answered yet. What came live is there. */
  readonly isLoading: boolean;
  /** From when on everything is in it, in Unix milliseconds; `undefined`: only what came live is. */
  readonly knownFrom: number | undefined;
  /** How many older things changed besides. */
  readonly more: number;
  /** Marks an entry as read, up to what is shown of it: what happens to it later is unread again. */
  markRead(entry: Pick<InboxEntry, 'key' | 'lastAt'>): void;
  markAllRead(): void;
}

export interface InboxOptions {
  /** Default: the user's own unit, or all for a System Admin. */
  readonly unitId?: Unit | undefined;
  /** How far back it goes, in milliseconds; default a day. The server knows no more than its logs do. */
  readonly sinceMs?: number;
  /** Where read marks are kept; default `localReadMarks` of the user. Give the same object each time. */
  readonly marks?: ReadMarks | undefined;
}

export const DAY_MS = 86_400_000;

const NOBODY: ReadMarks = { get: () => NOTHING_READ, set: () => undefined, subscribe: () => () => undefined };

export function useInboxContent({ unitId, sinceMs = DAY_MS }: InboxOptions): InboxContent {
  const store = inboxStoreOf(useLiveClient(), unitId == null ? undefined : String(unitId), sinceMs);
  return useSyncExternalStore(store.watch, store.get, store.get);
}

/**
 * What others did to the requests of the unit, one entry for each, and what was sent back to the user: of the last day from the server,
 * and live from then on. Nothing is in it twice, also after an interruption.
 */
export function useInbox(options: InboxOptions = {}): Inbox {
  const content = useInboxContent(options);
  const { items, viewerId, clockAheadMs, isLoading, knownFrom, more } = content;
  const own = useMemo(() => (viewerId === undefined ? NOBODY : localReadMarks(viewerId)), [viewerId]);
  const marks = options.marks ?? own;
  const state = useSyncExternalStore(marks.subscribe, marks.get, marks.get);
  const entries = useMemo(
    () =>
      items
        .map(({ eventIds: _ids, ...item }) => ({ ...item, isRead: isRead(state, item.key, item.lastAt) }))
        .sort((one, other) => rank(one) - rank(other) || other.lastAt - one.lastAt),
    [items, state],
  );
  const isKnown = knownFrom !== undefined;
  useEffect(() => {
    if (isKnown && marks.isNew?.() === true) marks.set(withOthersRead(marks.get(), entries));
  }, [isKnown, marks, entries]);
  const markRead = useCallback<Inbox['markRead']>(
    ({ key, lastAt }) => marks.set(withRead(marks.get(), key, lastAt)),
    [marks],
  );
  const markAllRead = useCallback(() => {
    marks.set(withAllRead(marks.get(), entries, Date.now() + clockAheadMs));
  }, [marks, entries, clockAheadMs]);
  const unread = entries.filter((entry) => !entry.isRead).length;
  return { entries, unread, isLoading, knownFrom, more, markRead, markAllRead };
}

const rank = ({ kind, isRead: isDone }: InboxEntry): number => (kind === 'sendback' && !isDone ? 0 : 1);
