'use client';

import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import { useLiveStatus } from '../react/use-live-status.ts';
import { type Absence, absencesOf } from './absences.ts';
import { changedBetween, type InboxItem } from './inbox-items.ts';
import { type InboxOptions, useInboxContent } from './use-inbox.ts';

export interface WhileAwayOptions extends Pick<InboxOptions, 'unitId' | 'sinceMs'> {
  /** After how long an absence there is something to say, in milliseconds; default 15 minutes. */
  readonly afterMs?: number;
}

/** An absence, and what happened in it. */
export interface WhileAwayNow {
  /** When the user went, in Unix milliseconds. */
  readonly since: number;
  /** What happened since then, one item for each thing. It grows no more once the user is back. */
  readonly items: readonly InboxItem[];
  /** Whether everything since then is known; otherwise what happened first may be missing. */
  readonly isWhole: boolean;
  /** It has been noticed: no component of the page says it any more. */
  dismiss(): void;
}

/** Which items count to an absence. */
interface Counted {
  readonly of: Absence;
  readonly keys: ReadonlySet<string>;
}

/**
 * What happened while the user was away: the page was closed, hidden or without a connection for longer than `afterMs`. `undefined`: they
 * were not, or nothing happened, or they have seen it. It is made of what `useInbox` knows, and costs no further request.
 */
export function useWhileAway({
  afterMs = 900_000,
  ...options
}: WhileAwayOptions = {}): WhileAwayNow | undefined {
  const { items, viewerId, knownFrom, clockAheadMs, isLoading } = useInboxContent(options);
  const isLive = useLiveStatus().phase === 'live';
  const absences = useMemo(() => (viewerId === undefined ? undefined : absencesOf(viewerId)), [viewerId]);
  const watch = useCallback(
    (listener: () => void) => (isLive && absences ? absences.watch(listener) : () => undefined),
    [absences, isLive],
  );
  const absence = useSyncExternalStore(
    watch,
    () => absences?.longerThan(afterMs),
    () => undefined,
  );
  const counted = useRef<Counted>(undefined);

  return useMemo(() => {
    if (absence === undefined || isLoading) return undefined;
    const [from, to] = [absence.since + clockAheadMs, absence.until + clockAheadMs];
    const known = counted.current?.of === absence ? counted.current.keys : new Set<string>();
    const missed = changedBetween(items, from, to, known);
    counted.current = { of: absence, keys: new Set(missed.map(({ key }) => key)) };
    if (missed.length === 0) return undefined;
    return {
      since: absence.since,
      items: missed.map(({ eventIds: _ids, ...item }) => item),
      isWhole: knownFrom !== undefined && knownFrom <= absence.since,
      dismiss: () => absences?.dismiss(absence),
    };
  }, [absence, absences, items, clockAheadMs, knownFrom, isLoading]);
}
