import type { Position } from 'yoga-shared-subscriptions';
import { LiveError } from '../errors.ts';
import type { TopicEvent } from './log-tail.ts';
import type { RecentEvents } from './recent-events.ts';
import type { TopicLog } from './topic-log.ts';

/** How far back a subscription may begin, in milliseconds. */
export const MAX_PAST_MS = 60_000;

/** Where a subscription begins that begins in the past. */
export interface PastStart {
  /** It gets all events after this offset. */
  readonly after: number;
  /** The cursor of that offset. */
  readonly cursor: string;
  /** How far back from `now` it gets all events, in milliseconds. That may be less than was asked. */
  readonly ms: number;
  /** By `performance.now()`. */
  readonly now: number;
  /** The log could not be read to its beginning for the moment: asked later, there may be more. */
  readonly isInterrupted: boolean;
}

export interface PastOptions {
  readonly topicLog: Pick<TopicLog, 'last' | 'cursor' | 'appendedBy'>;
  readonly recent: Pick<RecentEvents, 'first' | 'at' | 'before'>;
  /** The end of the log when the topic was opened. */
  readonly origin: () => Position | undefined;
  /** Reads the events that memory lacks, from an offset on. Rejects if they cannot be had. */
  readonly readBack: (needed: number) => Promise<void>;
  /** The beginning of a log that has its first event still, and since when that was certainly the end; `undefined`: that is not known. */
  readonly beginning: () => Promise<Anchor | undefined>;
  /** The last event that was deleted for its age. */
  readonly sealed: () => Promise<Anchor | undefined>;
  /** Whether only the newest event counts, which every subscriber gets. */
  readonly isOfSnapshots: boolean;
}

/** An offset, and when what stands there was appended at the latest. */
export interface Anchor {
  readonly offset: number;
  readonly cursor: string;
  readonly appendedBy: number;
}

/**
 * Finds where a subscription begins that shall get the events of the last `ms` milliseconds: after the newest event that is certainly
 * older. To be called while the recent events are held. If the log does not reach back so far, it begins where it can. `maxMs` is the
 * most that anybody gets.
 */
export function createPast(options: PastOptions): (ms: number, maxMs?: number) => Promise<PastStart> {
  const { topicLog, recent, origin, readBack, beginning, sealed, isOfSnapshots } = options;

  const toAnchor = ({ offset, cursor, appendedBy = Number.POSITIVE_INFINITY }: TopicEvent) =>
    cursor === undefined ? undefined : { offset, cursor, appendedBy };
  const end = (): Anchor => ({
    offset: topicLog.last.offset,
    cursor: topicLog.cursor,
    appendedBy: topicLog.appendedBy,
  });
  /** The offset of the oldest event in memory. */
  const first = (): number => recent.first ?? topicLog.last.offset + 1;

  /** The end of the log when the topic was opened, if memory has all events since, and none before. */
  function opened(): Anchor | undefined {
    const position = origin();
    if (position === undefined || first() !== position.offset + 1) return undefined;
    return { ...position, appendedBy: position.at ?? Number.POSITIVE_INFINITY };
  }

  function findBefore(time: number): Anchor | undefined {
    if (topicLog.appendedBy < time || (isOfSnapshots && topicLog.last.offset > 0)) return end();
    const event = recent.before(time);
    if (event !== undefined) return toAnchor(event);
    const start = opened();
    return start !== undefined && start.appendedBy < time ? start : undefined;
  }

  /** The oldest position that is known. */
  function oldest(): Anchor {
    const event = recent.first === undefined ? undefined : recent.at(recent.first);
    return [opened(), event && toAnchor(event)].find((anchor) => anchor !== undefined) ?? end();
  }

  async function findAnchor(time: number): Promise<Anchor | undefined> {
    for (;;) {
      const found = findBefore(time);
      if (found !== undefined || first() <= 1) return found;
      await readBack(first() - 1);
    }
  }

  /** The position before the first event of the log, as far as events are known. */
  async function beforeFirst(): Promise<Anchor | undefined> {
    if (topicLog.last.offset === 0) return undefined;
    if (first() <= 1) return beginning();
    const anchor = await sealed();
    return anchor?.offset === first() - 1 ? anchor : undefined;
  }

  return async (asked, maxMs = MAX_PAST_MS) => {
    const now = performance.now();
    const wanted = Math.min(asked, maxMs);
    const interruption = noteInterruption();
    const found = await findAnchor(now - wanted).catch(interruption.note);
    const { offset, cursor, appendedBy } =
      found ?? (await beforeFirst().catch(interruption.note)) ?? oldest(); // it gets what there is
    const ms = found === undefined ? Math.max(0, Math.min(wanted, now - appendedBy)) : wanted;
    return { after: offset, cursor, ms: Math.floor(ms), now, isInterrupted: interruption.isNoted };
  };
}

/** Distinguishes a log that cannot be read for the moment from one that does not reach back so far. */
function noteInterruption() {
  let isNoted = false;
  return {
    get isNoted() {
      return isNoted;
    },
    note(error: unknown): undefined {
      isNoted ||= !(error instanceof LiveError);
    },
  };
}
