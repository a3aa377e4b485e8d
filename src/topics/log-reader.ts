import type { Bus, LogEntry } from '../bus/bus.ts';
import type { LogPosition } from '../bus/position.ts';
import type { SealedEntry, SealedPosition } from '../bus/seal.ts';
import { createLogGeneration } from './log-generation.ts';
import type { LogTail } from './log-tail.ts';
import { type RetryOptions, retry } from './retry.ts';

/** How many entries are read at once. With the largest events these are 16 MiB. */
export const LOG_PAGE = 250;

/** What a log has after the position that was read last. */
export interface LogPage {
  /** The entries that follow; not checked for holes. */
  readonly entries: readonly LogEntry[];
  /** Whether more may follow. */
  readonly isFull: boolean;
  /** Why the entries do not follow on that position, if they do not. */
  readonly fault: string | undefined;
}

/** The end of a log: its last entry, or what is left of it, or the generation of an empty log. */
export interface LogEnd {
  readonly entry: LogEntry | undefined;
  readonly sealed: SealedEntry | undefined;
  readonly generation: string;
}

/** Reads a log, and compares it with the position that was read last. */
export interface LogReader {
  /** Waits out whatever keeps Redis away. Rejects as {@link retry} does. */
  readEnd(patience: RetryOptions): Promise<LogEnd>;
  /** Waits out whatever keeps Redis away. Rejects as {@link retry} does. */
  readPage(patience: RetryOptions): Promise<LogPage>;
  /** Whether nothing follows the last position. Does not retry. */
  isAtEnd(): Promise<boolean>;
}

/**
 * @param stream the log's name.
 * @param generationKey the key whose value changes when Redis loses its data.
 */
export function createLogReader(bus: Bus, stream: string, generationKey: string, tail: LogTail): LogReader {
  const generation = createLogGeneration(bus, generationKey);

  /** Whether the log, read from the last position, begins where it should. */
  function isBegunBy(entry: LogEntry | undefined): boolean {
    if (entry === undefined) return false;
    const { epoch, offset }: LogPosition = entry.position;
    return tail.last.offset === 0 ? offset === 1 : epoch === tail.last.epoch && offset === tail.last.offset;
  }

  /**
   * The entries that follow on the last position. The first entry is the one at that position, unless it was deleted for its age.
   * @param sealed the last entry that was deleted for its age, if the log does not begin where it should.
   */
  function follow(
    entries: readonly LogEntry[],
    sealed: SealedPosition | undefined,
  ): Pick<LogPage, 'entries' | 'fault'> {
    const [first] = entries;
    if (tail.last.offset === 0) {
      const isCut = first === undefined && sealed !== undefined;
      return { entries, fault: isCut ? 'the log begins later' : undefined };
    }
    if (tail.isAtSeal(sealed)) return { entries, fault: undefined };
    return { entries: entries.slice(1), fault: faultOf(first) };
  }

  function faultOf(first: LogEntry | undefined): string | undefined {
    if (first === undefined) return 'the log is gone';
    if (!isBegunBy(first)) return 'the log begins later';
    return tail.isAt(first) ? undefined : 'the log went another way';
  }

  async function readLast(): Promise<Pick<LogEnd, 'entry' | 'sealed'>> {
    const entry = await bus.readLast(stream);
    return { entry, sealed: entry === undefined ? await bus.readSeal(stream) : undefined };
  }

  return {
    async readEnd(patience) {
      const found = await retry(generation.find, patience);
      return { ...(await retry(readLast, patience)), generation: found };
    },
    async readPage(patience) {
      const entries = await retry(() => bus.readFrom(stream, tail.last, LOG_PAGE), patience);
      const isWhole = isBegunBy(entries[0]);
      const sealed = isWhole ? undefined : await retry(() => bus.readSeal(stream), patience);
      // Nothing had been read yet, so nothing can be lost. Only the generation may be new.
      if (tail.last.offset === 0) tail.moveToStart(await retry(generation.find, patience));
      return { ...follow(entries, sealed), isFull: entries.length === LOG_PAGE };
    },
    async isAtEnd() {
      const { entry, sealed } = await readLast();
      if (entry !== undefined) return tail.isAt(entry);
      if (sealed !== undefined) return tail.isAtSeal(sealed);
      return tail.last.offset === 0 && !generation.isProposed;
    },
  };
}
