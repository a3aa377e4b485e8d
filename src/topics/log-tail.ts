import type { LogEntry } from '../bus/bus.ts';
import type { LiveEvent } from '../events/kinds.ts';
import { type Cursor, EMPTY_LOG, sealOf, writeCursor } from './cursor.ts';
import type { LogPosition } from './position.ts';

/** What came in on a topic. */
export interface TopicEvent {
  /** `undefined`: what stands there breaks the contract, and is passed over. */
  readonly event: LiveEvent | undefined;
  /** Where it stands in the log of its topic, or of its own channel's where the topic has none; 0: it was published bare. */
  readonly offset: number;
  /** By which a client resumes behind it; `undefined` for a bare one. */
  readonly cursor: string | undefined;
}

/** How far a log has been read: its newest entry that is known, and whether what comes follows on it. */
export interface LogTail {
  /** The newest position known. */
  readonly last: LogPosition;
  /** What stands there, if anything does. */
  readonly newest: TopicEvent | undefined;
  /** By which a client resumes behind it. */
  readonly cursor: string;
  /** Goes to an entry, of which this was read. */
  moveTo(entry: LogEntry, event: LiveEvent | undefined): TopicEvent;
  /** It stands before the first event of a log that is empty, in this generation of Redis's data. */
  moveToStart(generation: string): void;
  /** It stands at an entry whose event is kept no longer. */
  moveToSeal(sealed: Cursor): void;
  /** Whether a position is the one behind `last`. */
  isNext(position: LogPosition): boolean;
  /** Whether this event was told, as far as that is known; in a log that lost its end another may stand there now. */
  isTold(position: LogPosition, event: Buffer): boolean;
  /** Whether this is the entry at `last`; of an empty log there is none. */
  isAt(entry: LogEntry | undefined): boolean;
  /** Whether this is the entry at `last`, of which only the seal is left. */
  isAtSeal(sealed: Cursor | undefined): boolean;
}

/**
 * @param stream the log's name.
 * @param toldAt what was told of an offset, if that is still known.
 */
export function createLogTail(stream: string, toldAt: (offset: number) => TopicEvent | undefined): LogTail {
  let last = EMPTY_LOG;
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
    moveTo(entry, event) {
      last = entry.position;
      seal = sealOf(stream, last, entry.event);
      newest = { event, offset: last.offset, cursor: cursorHere() };
      return newest;
    },
    moveToStart(generation) {
      seal = sealOf(stream, EMPTY_LOG, generation);
    },
    moveToSeal(sealed) {
      last = { epoch: sealed.epoch, offset: sealed.offset };
      seal = sealed.seal;
      newest = undefined;
    },
    isNext: ({ epoch, offset }) =>
      last.offset === 0 ? offset === 1 : epoch === last.epoch && offset === last.offset + 1,
    isTold(position, event) {
      if (position.epoch !== last.epoch || position.offset > last.offset) return false;
      const told = position.offset === last.offset ? cursorHere() : toldAt(position.offset)?.cursor;
      return (
        told === undefined || told === writeCursor({ ...position, seal: sealOf(stream, position, event) })
      );
    },
    isAt: (entry) =>
      entry === undefined ? last.offset === 0 : sealOf(stream, entry.position, entry.event) === seal,
    isAtSeal: (sealed) => sealed !== undefined && writeCursor(sealed) === cursorHere(),
  };
}
