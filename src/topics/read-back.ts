import type { Bus, LogEntry } from '../bus/bus.ts';
import { sealOf } from '../bus/seal.ts';
import { cursorExpired, writeCursor } from './cursor.ts';
import type { ReadEvent } from './log-delivery.ts';
import { LOG_PAGE } from './log-reader.ts';
import type { TopicEvent } from './log-tail.ts';
import type { RecentEvents } from './recent-events.ts';
import type { TopicLog } from './topic-log.ts';

export interface ReadBackOptions {
  readonly bus: Pick<Bus, 'readFrom'>;
  readonly stream: string;
  readonly topicLog: Pick<TopicLog, 'last' | 'newest'>;
  readonly recent: RecentEvents;
  /** Checks an event that came in earlier. */
  readonly reread: ReadEvent;
}

/** How many events from before a cursor are read as well. */
const READ_BEFORE = 250;

/** Reads the events that memory lacks from the log. Returns how to read from an offset on, which throws `CURSOR_EXPIRED`. */
export function createReadBack(options: ReadBackOptions): (needed: number) => Promise<void> {
  const { bus, stream, topicLog, recent, reread } = options;

  /**
   * Borrows the events from an offset up to the oldest one in memory, page by page, the newest first. It also borrows some from before
   * that offset, since clients that come back together have not all come equally far. Each page is read with the event that follows on
   * it. If that is another event by now, the log has gone another way, and the pages do not belong together.
   */
  async function readBack(needed: number): Promise<void> {
    const oldest = Math.max(1, needed - READ_BEFORE);
    for (let first = recent.first ?? topicLog.last.offset + 1; first > needed; ) {
      const known = recent.first === undefined ? topicLog.newest : recent.at(first);
      const from = Math.max(oldest, first + 1 - LOG_PAGE);
      const page = await readPage(from, first, known);
      const found = page[0]?.position.offset ?? first;
      if (found > Math.max(needed, from)) throw cursorExpired(); // the log begins later
      const bytes = page.reduce((sum, { event }) => sum + event.length, 0);
      const borrowing = recent.borrow(page.map(toTopicEvent), bytes);
      if (borrowing === 'too much') throw cursorExpired();
      if (borrowing === 'not now') throw new Error('others replay as much as may be replayed at a time');
      first = found;
    }
  }

  /** The entries between two offsets; without the first ones, where the log begins later. */
  async function readPage(
    from: number,
    until: number,
    known: TopicEvent | undefined,
  ): Promise<readonly LogEntry[]> {
    const { epoch } = topicLog.last;
    const read = await bus.readFrom(stream, { epoch, offset: from }, until + 1 - from);
    const found = read.find(({ position }) => position.offset === known?.offset);
    if (found === undefined || cursorOf(found) !== known?.cursor) throw cursorExpired();
    const entries = read.filter(({ position }) => position.offset < until); // there are more where the log begins after `from`
    const first = entries[0]?.position.offset ?? until;
    const isWhole = entries.length === until - first && entries.every(stands(epoch, first));
    return isWhole ? entries : [];
  }

  const cursorOf = ({ position, event }: LogEntry): string =>
    writeCursor({ ...position, seal: sealOf(stream, position, event) });

  function toTopicEvent(entry: LogEntry): TopicEvent {
    const event = reread(entry.channel, entry.event);
    return {
      event,
      offset: entry.position.offset,
      cursor: cursorOf(entry),
      appendedBy: entry.appendedBy,
    };
  }

  return readBack;
}

function stands(epoch: string, from: number): (entry: LogEntry, index: number) => boolean {
  return ({ position }, index) => position.epoch === epoch && position.offset === from + index;
}
