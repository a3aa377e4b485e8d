import type { Bus, BusMessage } from '../bus/bus.ts';
import { isEnvelope } from '../bus/envelope.ts';
import type { LogPosition } from '../bus/position.ts';
import { LiveError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { cursorExpired } from './cursor.ts';
import { createCatchUp } from './log-catch-up.ts';
import { createLogDelivery, type LogDeliveryOptions, type ReadEvent } from './log-delivery.ts';
import { createLogReader } from './log-reader.ts';
import { createLogTail, type TopicEvent } from './log-tail.ts';
import type { RetryOptions } from './retry.ts';

/**
 * What this process does with the messages of a topic. While they wait, at most {@link MAX_WAITING} are kept; those beyond are
 * dropped, and the log is read for them.
 *
 * | state     | a message that comes                     | leaves it for                                                      |
 * |-----------|------------------------------------------|--------------------------------------------------------------------|
 * | `opening` | waits                                    | `live`: the log's end was found; `reading`: and more is to be read |
 * | `live`    | is delivered, if it is the next          | `reading`: events are missing before it, or `catchUp`              |
 * | `reading` | waits                                    | `live`: the log was read, and nothing is missing                   |
 * | `paused`  | waits                                    | `reading`: `resume`; `opening`: the same before the end was found  |
 * | `closed`  | is dropped                               |                                                                    |
 *
 * Every state but `closed` becomes `paused` by `pause`, and `closed` by `close`, or when events were lost. While it is `paused`
 * the log may be read too, and what it has is delivered; only the messages go on waiting.
 */
type State = 'opening' | 'live' | 'reading' | 'paused' | 'closed';

export interface TopicLogOptions extends LogDeliveryOptions {
  readonly bus: Bus;
  /** The log's name. */
  readonly stream: string;
  /** The key whose value changes when Redis loses its data. */
  readonly generationKey: string;
  /** Checks the event at the end of the log when the topic is opened. */
  readonly reread: ReadEvent;
  /** What was delivered with an offset, if that is still known. */
  readonly deliveredAt: (offset: number) => TopicEvent | undefined;
  /** Events were lost for good, or the log went another way: nothing more is delivered. */
  readonly onLost: (error: LiveError) => void;
  readonly log: Logger;
}

/** One topic as this process knows it: the messages of the bus, and the events of the log where messages are missing. */
export interface TopicLog {
  /** Takes a message of the bus. */
  receive(message: BusMessage): void;
  /**
   * Finds the end of the log. To be called once messages arrive; they wait until it is found.
   * @param onFound called before anything is delivered.
   */
  start(onFound: () => void): Promise<void>;
  /** From now on messages may go missing. */
  pause(): void;
  /** None go missing any more. Reads those that did. */
  resume(): void;
  /** Reads what may have been missed, before anything newer is delivered. Resolves when that is done. */
  catchUp(): Promise<void>;
  /**
   * Compares the end of the log with the last position, and catches up where they differ; one comparison at a time, however
   * often it is called. For a topic that is silent, or paused.
   */
  check(): Promise<void>;
  /** The newest position delivered. */
  readonly last: LogPosition;
  /** By which a client resumes after `last`. */
  readonly cursor: string;
  /** The event at `last`, if there is one. */
  readonly newest: TopicEvent | undefined;
  /** Whether it was closed, or events were lost: nothing more is delivered. */
  readonly isClosed: boolean;
  close(): void;
}

/** How long subscribers who are there wait while Redis refuses to be read, in milliseconds: it may load its data. */
const MAX_REFUSED_MS = 60_000;
/** How many messages may wait. The log has those beyond too; bare ones are delivered at most once anyhow. */
const MAX_WAITING = 1000;

export function createTopicLog(options: TopicLogOptions): TopicLog {
  const { stream, log } = options;
  const tail = createLogTail(stream, options.deliveredAt);
  const reader = createLogReader(options.bus, stream, options.generationKey, tail);
  const delivery = createLogDelivery(options, tail);
  let state: State = 'opening';
  const isIn = (...states: readonly State[]): boolean => states.includes(state);
  /** Whether the end of the log was found, so that it can be read from there. */
  let isPlaced = false;
  /** Messages that wait until the log has been read. */
  let waiting: BusMessage[] = [];
  const patience: RetryOptions = {
    isWanted: () => !isIn('closed'),
    onRetry: (reason) => log.debug({ stream, reason }, 'could not read a log; trying again'),
  };
  const reading = createCatchUp({
    isWanted: patience.isWanted,
    readPage: () => reader.readPage({ ...patience, maxRefusedMs: MAX_REFUSED_MS }),
    deliver: delivery.takeAll,
    finish: goLive,
    onLost: (reason) =>
      end(reason, 'events were lost: their subscribers get CURSOR_EXPIRED, and refetch', cursorExpired()),
    // Nothing is known to be lost: subscribers may resume, here or elsewhere.
    onRefused: (reason) =>
      end(reason, 'a log cannot be read: its subscribers are asked to come back', unreadable()),
  });

  function end(reason: string, meaning: string, error: LiveError): void {
    if (isIn('closed')) return;
    log.warn({ stream, reason }, meaning);
    state = 'closed';
    options.onLost(error);
  }

  function accept(message: BusMessage): void {
    if (delivery.take(message)) return;
    waiting = [message];
    void catchUp();
  }

  function catchUp(): Promise<void> {
    reading.request();
    if (!isPlaced) return Promise.resolve(); // it is read once it is known from where
    if (!isIn('paused')) state = 'reading';
    return reading.run();
  }

  /** Takes the messages that waited, up to one that lacks what comes before it: for that one the log is read again. */
  function goLive(): BusMessage | undefined {
    if (isIn('paused')) return undefined;
    const messages = waiting;
    waiting = [];
    state = 'live';
    for (const [index, message] of messages.entries()) {
      accept(message);
      if (isIn('live')) continue;
      waiting = messages.slice(index);
      break;
    }
    return waiting[0];
  }

  async function start(onFound: () => void): Promise<void> {
    const { entry, sealed, generation } = await reader.readEnd(patience);
    if (isIn('closed')) return;
    if (entry !== undefined) tail.moveTo(entry, options.reread(entry.channel, entry.event));
    else if (sealed !== undefined) tail.moveToSeal(sealed);
    else tail.moveToStart(generation);
    isPlaced = true;
    onFound();
    if (reading.isRequested) void catchUp();
    else goLive();
    await reading.underWay;
  }

  async function compare(): Promise<void> {
    const { last } = tail;
    const isIdle = (): boolean =>
      isPlaced && !isIn('closed') && reading.underWay === undefined && tail.last === last;
    if (!isIdle()) return;
    const isThere = await reader.isAtEnd().catch(() => true); // Redis is away: the next check looks again
    if (isIdle() && !isThere) await catchUp();
  }

  return {
    receive(message) {
      if (isIn('closed')) return;
      if (isIn('live')) accept(message);
      else if (waiting.length < MAX_WAITING) waiting.push(message);
      else reading.request();
    },
    start,
    pause() {
      if (isIn('closed')) return;
      // What waits came by the connection that is lost, and a fail-over may have lost it too: if not, it is read from the log.
      waiting = waiting.filter(({ payload }) => !isEnvelope(payload));
      state = 'paused';
    },
    resume() {
      if (isIn('closed')) return;
      state = isPlaced ? 'reading' : 'opening';
      void catchUp();
    },
    catchUp: async () => {
      if (!isIn('closed')) await catchUp();
    },
    check: oneAtATime(compare),
    get last() {
      return tail.last;
    },
    get cursor() {
      return tail.cursor;
    },
    get newest() {
      return tail.newest;
    },
    get isClosed() {
      return isIn('closed');
    },
    close() {
      state = 'closed';
      waiting = [];
    },
  };
}

/** Runs something that is not run again while it runs: callers share the run that is under way. */
function oneAtATime(run: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  return () => {
    underWay ??= run().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

const unreadable = (): LiveError =>
  new LiveError('SERVICE_UNAVAILABLE', 'The events cannot be read now: subscribe again, and resume.');
