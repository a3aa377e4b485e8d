import type { Bus, LogEntry } from '../bus/bus.ts';
import { LiveError } from '../errors.ts';
import { type Cursor, EMPTY_LOG, readCursor, sealOf, writeCursor } from './cursor.ts';
import type { LiveEvent } from './event.ts';
import type { RecentEvents } from './recent-events.ts';
import { cursorExpired, type TopicEvent, type TopicLog } from './topic-log.ts';

/** A replay that is under way: what it needs stays in memory until it is released. */
export interface Replay {
  /** The offset to go on behind. */
  readonly after: number;
  /** The events behind `after`, up to the offset of one that was told. */
  events(until: number): readonly TopicEvent[];
  release(): void;
}

export interface ReplayOptions {
  readonly bus: Bus;
  readonly stream: string;
  readonly generationKey: string;
  readonly topicLog: TopicLog;
  readonly recent: RecentEvents;
  /** Checks an event. */
  readonly read: (channel: string, event: Buffer) => LiveEvent | undefined;
}

/** How many events from before a cursor are read as well. */
const READ_BEFORE = 250;

/**
 * Prepares replays of a topic, from memory where it reaches and else from the log. They wait for one another, so that those
 * who come back together cost the log one read.
 */
export function createReplays(options: ReplayOptions): (cursor: string) => Promise<Replay> {
  const { bus, stream, topicLog, recent } = options;
  let queue: Promise<unknown> = Promise.resolve();

  async function prepare(cursor: Cursor): Promise<void> {
    const isAhead = (): boolean => cursor.offset > topicLog.last.offset;
    // Another process may have told more than this one has heard yet.
    if (isAhead()) await topicLog.catchUp();
    if (isAhead()) throw cursorExpired();
    if (cursor.offset === 0) await checkGeneration(cursor);
    else if (cursor.epoch !== topicLog.last.epoch) throw cursorExpired();
    const written = writeCursor(cursor);
    if (written === topicLog.cursor) return;
    const needed = Math.max(1, cursor.offset); // its own event as well, to know it by
    if (needed < (recent.first ?? Number.POSITIVE_INFINITY)) await readBack(cursor);
    if (cursor.offset > 0 && recent.at(cursor.offset)?.cursor !== written) throw cursorExpired();
  }

  async function checkGeneration(cursor: Cursor): Promise<void> {
    const generation = await bus.agree(options.generationKey, crypto.randomUUID());
    if (cursor.seal !== sealOf(stream, EMPTY_LOG, generation)) throw cursorExpired();
  }

  /**
   * Borrows the events from the cursor's own up to the oldest one in memory; and some from before, if they are there, for
   * those who come back together have not all come equally far.
   */
  async function readBack(cursor: Cursor): Promise<void> {
    const { epoch, offset: newest } = topicLog.last;
    const until = recent.first === undefined ? newest : recent.first - 1;
    const needed = Math.max(1, cursor.offset);
    const from = Math.max(1, needed - READ_BEFORE);
    const read = await bus.readFrom(stream, { epoch, offset: from }, until - from + 1);
    const entries = read.filter(({ position }) => position.offset <= until); // more, where the log begins behind `from`
    const first = entries[0]?.position.offset ?? Number.POSITIVE_INFINITY;
    const isWhole =
      first <= needed && entries.length === until - first + 1 && entries.every(stands(epoch, first));
    if (!isWhole) throw cursorExpired();
    const bytes = entries.reduce((sum, { event }) => sum + event.length, 0);
    recent.borrow(entries.map(toTopicEvent), bytes);
  }

  function toTopicEvent({ position, channel, event }: LogEntry): TopicEvent {
    const cursor = writeCursor({ ...position, seal: sealOf(stream, position, event) });
    return { event: options.read(channel, event), offset: position.offset, cursor };
  }

  return async (written) => {
    const cursor = readCursor(written);
    if (cursor === undefined) throw cursorExpired();
    const release = recent.hold();
    const prepared = queue.then(() => prepare(cursor));
    queue = prepared.catch(() => undefined);
    try {
      await prepared;
    } catch (error) {
      release();
      if (error instanceof LiveError) throw error;
      throw new LiveError(
        'SERVICE_UNAVAILABLE',
        'What you missed cannot be read now: try again in a moment.',
      );
    }
    return { after: cursor.offset, events: (until) => recent.between(cursor.offset, until), release };
  };
}

function stands(epoch: string, from: number): (entry: LogEntry, index: number) => boolean {
  return ({ position }, index) => position.epoch === epoch && position.offset === from + index;
}
