import type { Bus } from '../bus/bus.ts';
import { EMPTY_LOG } from '../bus/position.ts';
import { type SealedPosition, sealOf } from '../bus/seal.ts';
import { LiveError } from '../errors.ts';
import { cursorExpired, readCursor, writeCursor } from './cursor.ts';
import { type LogBeginningOptions, readBeginning } from './log-beginning.ts';
import type { ReadEvent } from './log-delivery.ts';
import type { TopicEvent } from './log-tail.ts';
import { createLooks } from './looks.ts';
import { createPast, type PastOptions, type PastStart } from './past.ts';
import { createReadBack } from './read-back.ts';
import type { RecentEvents } from './recent-events.ts';
import type { TopicLog } from './topic-log.ts';

/** A replay that is under way: what it needs stays in memory until it is released. */
export interface Replay {
  /** The offset after which the client goes on. */
  readonly after: number;
  /** The events up to the offset of one that was delivered. `from`: after this offset, as far as they are in memory; default `after`. */
  events(until: number, from?: number): readonly TopicEvent[];
  release(): void;
}

/** A replay for a client that begins in the past. */
export interface PastReplay extends Replay, PastStart {}

/** Prepares replays of one topic. */
export interface Replays {
  /** What follows a cursor. Rejects with `CURSOR_EXPIRED` when that is no longer known. */
  after(cursor: string): Promise<Replay>;
  /** What was appended within the last milliseconds, or as much of it as is known. `maxMs`: the most; default a minute. */
  since(ms: number, maxMs?: number): Promise<PastReplay>;
}

export interface ReplayOptions extends Pick<PastOptions, 'origin' | 'isOfSnapshots'>, LogBeginningOptions {
  readonly bus: Bus;
  readonly topicLog: TopicLog;
  readonly recent: RecentEvents;
  /** Checks an event that came in earlier. */
  readonly reread: ReadEvent;
}

/**
 * Prepares replays of a topic: from memory as far back as that reaches, otherwise from the log. They are prepared one after another, so
 * that each entry of the log is read once for all clients that come back together.
 */
export function createReplays(options: ReplayOptions): Replays {
  const { bus, stream, topicLog, recent } = options;
  const readBack = createReadBack(options);
  const findPast = createPast({ ...options, ...readBeginning(options), readBack });
  const arrive = createLooks(topicLog.look);
  let queue: Promise<unknown> = Promise.resolve();

  /** Prepares after those who came before. What may wait for long stays out of this: a bad cursor must not hold up a good one. */
  function inTurn<Result>(prepareOne: () => Promise<Result>): Promise<Result> {
    const prepared = queue.then(async () => {
      const result = await prepareOne();
      if (topicLog.isClosed) throw new Error('the topic has ended');
      return result;
    });
    queue = prepared.catch(() => undefined);
    return prepared;
  }

  async function prepare(cursor: SealedPosition): Promise<void> {
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

  /**
   * The topic may have lost events without having noticed it yet. Its listeners then get `CURSOR_EXPIRED`, but a cursor that does not
   * fit the topic may be a good one: the client comes back, and resumes on the topic that is opened next.
   * @param look lets the topic notice what the log has by now.
   */
  async function replay(cursor: SealedPosition, look: () => Promise<void>): Promise<Replay> {
    // Another process may have delivered more than this one has received yet.
    if (cursor.offset > topicLog.last.offset) await look();
    const release = recent.hold();
    try {
      await inTurn(() => prepare(cursor));
    } catch (error) {
      release();
      if (error instanceof LiveError) await look();
      throw topicLog.isClosed ? new Error('the topic has ended') : error;
    }
    return {
      after: cursor.offset,
      events: (until, from = cursor.offset) => recent.between(from, until),
      release,
    };
  }

  async function since(ms: number, maxMs?: number): Promise<PastReplay> {
    const release = recent.hold();
    try {
      const start = await inTurn(() => findPast(ms, maxMs));
      return { ...start, events: (until, from = start.after) => recent.between(from, until), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  return {
    async after(written) {
      const cursor = readCursor(written);
      if (cursor === undefined) throw cursorExpired();
      return replay(cursor, arrive()).catch(rethrow);
    },
    since: (ms, maxMs) => since(ms, maxMs).catch(rethrow),
  };
}

function rethrow(error: unknown): never {
  if (error instanceof LiveError) throw error;
  throw new LiveError('SERVICE_UNAVAILABLE', 'What you missed cannot be read now: try again in a moment.');
}
