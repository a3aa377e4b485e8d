import type { LogEntry } from '../bus/bus.ts';
import type { LogPosition } from '../bus/position.ts';
import { EMPTY_LOG } from '../bus/position.ts';
import { type SealedEntry, type SealedPosition, sealOf } from '../bus/seal.ts';
import type { LiveEvent } from '../events/kinds.ts';
import { writeCursor } from './cursor.ts';
import type { LogAge } from './log-age.ts';

/** An event that came in on a topic. */
export interface TopicEvent {
  /** `undefined`: the event at this position breaks the contract, and is passed over. */
  readonly event: LiveEvent | undefined;
  /** Its offset in the log of its topic, or in its own channel's log where the topic has none; 0: it was published bare. */
  readonly offset: number;
  /** The cursor to resume after it; `undefined` for a bare one. */
  readonly cursor: string | undefined;
  /** It was appended at this time or before, by `performance.now()`. */
  readonly appendedBy?: number;
}

/** How far a log has been read: the newest entry that is known, and whether others follow on it. */
export interface LogTail {
  /** The newest position known. */
  readonly last: LogPosition;
  /** The event at `last`, if there is one. */
  readonly newest: TopicEvent | undefined;
  /** The cursor to resume after `last`. */
  readonly cursor: string;
  /** What is at `last`, and all before it, was appended at this time or before, by `performance.now()`. */
  readonly appendedBy: number;
  /** Moves to an entry, whose event was read. */
  moveTo(entry: LogEntry, event: LiveEvent | undefined): TopicEvent;
  /** Moves before the first event of an empty log, in this generation of Redis's data. */
  moveToStart(generation: string): void;
  /** Moves to an entry whose event is no longer kept. */
  moveToSeal(sealed: SealedEntry): void;
  /** Whether a position is the one after `last`. */
  isNext(position: LogPosition): boolean;
  /** Whether this event was delivered, as far as that is known. A log that lost its end may have another event at that position now. */
  wasDelivered(position: LogPosition, event: Buffer): boolean;
  /** Whether this is the entry at `last`; an empty log has none. */
  isAt(entry: LogEntry | undefined): boolean;
  /** Whether this is the entry at `last`, of which only the seal is left. */
  isAtSeal(sealed: SealedPosition | undefined): boolean;
}

/**
 * @param stream the log's name.
 * @param deliveredAt the event that was delivered with an offset, if that is still known.
 * @param age what is known of the age of logs that never had an entry.
 */
export function createLogTail(
  stream: string,
  deliveredAt: (offset: number) => TopicEvent | undefined,
  age: LogAge,
): LogTail {
  let last = EMPTY_LOG;
  let appendedBy = Number.POSITIVE_INFINITY;
  let seal = '';
  let newest: TopicEvent | undefined;
  const cursorHere = (): string => writeCursor({ ...last, seal });

  return {
    get last() {
      return last;
    },
    get newest() {
      return newest;
    },
    get cursor() {
      return cursorHere();
    },
    get appendedBy() {
      return appendedBy;
    },
    moveTo(entry, event) {
      last = entry.position;
      seal = sealOf(stream, last, entry.event);
      appendedBy = entry.appendedBy;
      newest = { event, offset: last.offset, cursor: cursorHere(), appendedBy };
      return newest;
    },
    moveToStart(generation) {
      seal = sealOf(stream, EMPTY_LOG, generation);
      appendedBy = age.emptySince(generation);
    },
    moveToSeal(sealed) {
      last = { epoch: sealed.epoch, offset: sealed.offset };
      seal = sealed.seal;
      newest = undefined;
      appendedBy = sealed.appendedBy ?? performance.now(); // then nobody knows how old it was
    },
    isNext: ({ epoch, offset }) =>
      last.offset === 0 ? offset === 1 : epoch === last.epoch && offset === last.offset + 1,
    wasDelivered(position, event) {
      if (position.epoch !== last.epoch || position.offset > last.offset) return false;
      const delivered = position.offset === last.offset ? cursorHere() : deliveredAt(position.offset)?.cursor;
      return (
        delivered === undefined ||
        delivered === writeCursor({ ...position, seal: sealOf(stream, position, event) })
      );
    },
    isAt: (entry) =>
      entry === undefined ? last.offset === 0 : sealOf(stream, entry.position, entry.event) === seal,
    isAtSeal: (sealed) => sealed !== undefined && writeCursor(sealed) === cursorHere(),
  };
}
