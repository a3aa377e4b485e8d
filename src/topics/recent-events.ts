import type { TopicEvent } from './log-tail.ts';

/**
 * The newest events of a topic's log, in memory and without gaps. All topics of a process together have a limit. For a replay, older
 * events may be borrowed from the log; they are dropped when nobody replays any more.
 */
export interface RecentEvents {
  /** Adds the next event. */
  append(event: TopicEvent, bytes: number): void;
  /** Puts older events in front, if there is room for their bytes. Only while the events are held. */
  borrow(older: readonly TopicEvent[], bytes: number): Borrowing;
  /** The offset of the oldest event there is, if there is any. */
  readonly first: number | undefined;
  at(offset: number): TopicEvent | undefined;
  /** The newest event that was appended before a time of `performance.now()`, if that is certain of any. */
  before(time: number): TopicEvent | undefined;
  /** The events after the offset `after`, up to the offset `until`. */
  between(after: number, until: number): readonly TopicEvent[];
  /** Keeps all events until the returned function is called. */
  hold(): () => void;
  close(): void;
}

/** `too much`: one topic may never borrow so much. `not now`: others have borrowed what there is. */
export type Borrowing = 'done' | 'too much' | 'not now';

/** The memory that all topics of a process share for their recent events. */
export interface RecentBudget {
  /** A topic has one more event. If there are too many bytes, the oldest events of all topics are dropped. */
  grew(bytes: number, dropOldest: () => void): void;
  /** Drops the events that are older than `seconds`. */
  dropOlderThan(seconds: number): void;
  /** Lends bytes to a topic that has borrowed some already. If there is no room, topics that only linger give theirs back first. */
  lend(bytes: number, borrowed: number): Borrowing;
  giveBack(bytes: number): void;
  /** Nobody needs what a topic has borrowed, but a client may soon. So it stays, until room is needed; then `end` is called. */
  linger(end: () => void): void;
  /** A client needs it again, or it was dropped. */
  unlinger(end: () => void): void;
}

/**
 * @param maxBytes how many bytes of events, as they were published, all topics may keep.
 * @param maxLent how many they may borrow besides.
 */
export function createRecentBudget(maxBytes: number, maxLent: number): RecentBudget {
  let grown: { readonly bytes: number; readonly at: number; readonly dropOldest: () => void }[] = [];
  let next = 0;
  let kept = 0;
  let lent = 0;
  const lingering = new Set<() => void>();

  /** @param since events that came before this time are dropped, by `performance.now()`. */
  function drop(since: number): void {
    for (let oldest = grown[next]; oldest !== undefined; oldest = grown[next]) {
      if (kept <= maxBytes && oldest.at >= since) break;
      kept -= oldest.bytes;
      oldest.dropOldest();
      next += 1;
    }
    if (next < 1024) return;
    grown = grown.slice(next);
    next = 0;
  }

  return {
    grew(bytes, dropOldest) {
      kept += bytes;
      grown.push({ bytes, at: performance.now(), dropOldest });
      drop(0);
    },
    dropOlderThan: (seconds) => drop(performance.now() - seconds * 1000),
    lend(bytes, borrowed) {
      if (borrowed + bytes > maxLent) return 'too much';
      for (const end of lingering) if (lent + bytes > maxLent) end();
      if (lent + bytes > maxLent) return 'not now';
      lent += bytes;
      return 'done';
    },
    giveBack(bytes) {
      lent -= bytes;
    },
    linger: (end) => void lingering.add(end),
    unlinger: (end) => void lingering.delete(end),
  };
}

/** How long borrowed events stay after the last replay, in milliseconds: clients come back together, but not at once. */
const LINGER_MS = 10_000;

export function createRecentEvents(budget: RecentBudget): RecentEvents {
  let events: TopicEvent[] = [];
  let holds = 0;
  let borrowedCount = 0;
  let borrowedBytes = 0;
  /** Own events whose time has passed while they were held. */
  let overdue = 0;
  let linger: NodeJS.Timeout | undefined;
  let isClosed = false;

  function dropOldest(): void {
    if (holds > 0 || linger !== undefined) overdue += 1;
    else events.shift();
  }

  function stopLingering(): void {
    clearTimeout(linger);
    linger = undefined;
    budget.unlinger(settle);
  }

  function settle(): void {
    stopLingering();
    events = events.slice(borrowedCount + overdue);
    budget.giveBack(borrowedBytes);
    borrowedCount = 0;
    borrowedBytes = 0;
    overdue = 0;
  }

  function release(): void {
    holds -= 1;
    if (holds > 0 || isClosed) return;
    if (borrowedCount === 0) {
      settle();
    } else {
      linger = setTimeout(settle, LINGER_MS);
      budget.linger(settle);
    }
  }

  return {
    append(event, bytes) {
      events.push(event);
      budget.grew(bytes, dropOldest);
    },
    borrow(older, bytes) {
      const outcome = isClosed ? 'not now' : budget.lend(bytes, borrowedBytes);
      if (outcome !== 'done') return outcome;
      events = [...older, ...events];
      borrowedCount += older.length;
      borrowedBytes += bytes;
      return outcome;
    },
    get first() {
      return events[0]?.offset;
    },
    at: (offset) => events[offset - (events[0]?.offset ?? 0)],
    before: (time) => events.findLast(({ appendedBy }) => appendedBy !== undefined && appendedBy < time),
    between(after, until) {
      const first = events[0]?.offset ?? 0;
      return events.slice(Math.max(0, after + 1 - first), Math.max(0, until + 1 - first));
    },
    hold() {
      stopLingering();
      holds += 1;
      let isHeld = true;
      return () => {
        if (isHeld) release();
        isHeld = false;
      };
    },
    close() {
      isClosed = true;
      settle();
      events = [];
    },
  };
}
