import type { Bus } from '../bus/bus.ts';
import { EMPTY_LOG } from '../bus/position.ts';
import { type SealedPosition, sealOf } from '../bus/seal.ts';
import { LiveError } from '../errors.ts';
import { cursorExpired, readCursor, writeCursor } from './cursor.ts';
import type { ReadEvent } from './log-delivery.ts';
import type { TopicEvent } from './log-tail.ts';
import { createReadBack } from './read-back.ts';
import type { RecentEvents } from './recent-events.ts';
import type { TopicLog } from './topic-log.ts';

/** A replay that is under way: what it needs stays in memory until it is released. */
export interface Replay {
  /** The offset after which the client goes on. */
  readonly after: number;
  /** The events after `after`, up to the offset of one that was delivered. */
  events(until: number): readonly TopicEvent[];
  release(): void;
}

export interface ReplayOptions {
  readonly bus: Bus;
  readonly stream: string;
  readonly generationKey: string;
  readonly topicLog: TopicLog;
  readonly recent: RecentEvents;
  /** Checks an event that came in earlier. */
  readonly reread: ReadEvent;
}

/**
 * Prepares replays of a topic: from memory as far back as that reaches, otherwise from the log. They are prepared one after another, so
 * that each entry of the log is read once for all clients that come back together.
 */
export function createReplays(options: ReplayOptions): (cursor: string) => Promise<Replay> {
  const { bus, stream, topicLog, recent } = options;
  const readBack = createReadBack(options);
  let queue: Promise<unknown> = Promise.resolve();
  /** How many clients have come, and how many of them had come when the log was last read for them. */
  let arrivals = 0;
  let caughtUpFor = 0;

  /** Reads what is new in the log, as one read for all clients who have come. */
  async function catchUpFor(arrival: number): Promise<void> {
    if (arrival <= caughtUpFor) return;
    const come = arrivals;
    await topicLog.catchUp();
    caughtUpFor = come;
  }

  /**
   * The topic may have lost events without having noticed it yet. Its listeners then get `CURSOR_EXPIRED`, but a cursor that does not
   * fit the topic may be a good one: the client comes back, and resumes on the topic that is opened next.
   */
  async function prepare(cursor: SealedPosition, arrival: number): Promise<void> {
    let expired: LiveError | undefined;
    // Another process may have delivered more than this one has received yet.
    if (cursor.offset > topicLog.last.offset) await catchUpFor(arrival);
    try {
      await prepareKnown(cursor);
    } catch (error) {
      if (!(error instanceof LiveError)) throw error;
      expired = error;
      await catchUpFor(arrival);
    }
    if (topicLog.isClosed) throw new Error('the topic has ended');
    if (expired !== undefined) throw expired;
  }

  async function prepareKnown(cursor: SealedPosition): Promise<void> {
    if (cursor.offset > topicLog.last.offset) throw cursorExpired();
    if (cursor.offset === 0) await checkGeneration(cursor);
    else if (cursor.epoch !== topicLog.last.epoch) throw cursorExpired();
    const written = writeCursor(cursor);
    if (written === topicLog.cursor) return;
    // The event of the cursor is read as well, to recognise the cursor; unless it was deleted for its age, and nothing after it. That is
    // asked only after it was not found: it may be deleted at any moment.
    let needed = Math.max(1, cursor.offset);
    try {
      await readBack(needed);
    } catch (error) {
      const isForGood = error instanceof LiveError && cursor.offset > 0;
      if (!isForGood || !(await isSealed(written))) throw error;
      needed += 1;
      await readBack(needed);
    }
    if (needed !== cursor.offset) return;
    const known = recent.at(cursor.offset);
    if (known === undefined) throw new Error('the topic was closed meanwhile'); // otherwise it would be there, since it is held
    if (known.cursor !== written) throw cursorExpired();
  }

  async function isSealed(written: string): Promise<boolean> {
    const sealed = await bus.readSeal(stream);
    return sealed !== undefined && writeCursor(sealed) === written;
  }

  async function checkGeneration(cursor: SealedPosition): Promise<void> {
    const generation = await bus.agree(options.generationKey, crypto.randomUUID());
    const isKnown =
      generation === undefined
        ? writeCursor(cursor) === topicLog.cursor
        : cursor.seal === sealOf(stream, EMPTY_LOG, generation);
    if (!isKnown) throw cursorExpired();
  }

  return async (written) => {
    const cursor = readCursor(written);
    if (cursor === undefined) throw cursorExpired();
    const release = recent.hold();
    arrivals += 1;
    const arrival = arrivals;
    const prepared = queue.then(() => prepare(cursor, arrival));
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
