import type { Bus, BusMessage } from '../bus/bus.ts';
import type { LogPosition } from '../bus/position.ts';
import { LiveError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { cursorExpired } from './cursor.ts';
import type { LogAge } from './log-age.ts';
import { createCatchUp } from './log-catch-up.ts';
import { createLogDelivery, type LogDeliveryOptions, type ReadEvent } from './log-delivery.ts';
import { createInbox } from './log-inbox.ts';
import { createLogReader } from './log-reader.ts';
import { createLogTail, type TopicEvent } from './log-tail.ts';
import type { RetryOptions } from './retry.ts';

export interface TopicLogOptions extends LogDeliveryOptions {
  readonly bus: Bus;
  /** The log's name. */
  readonly stream: string;
  /** The key whose value changes when Redis loses its data. */
  readonly generationKey: string;
  readonly age: LogAge;
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
  /**
   * Compares the end of the log with the last position, and catches up where they differ; one comparison at a time, however
   * often it is called. For a topic that is silent, or paused.
   */
  check(): Promise<void>;
  /**
   * The same for a client that may know more of the log. It always asks, and rejects if the log cannot be read now; messages do not
   * wait for the answer.
   */
  look(): Promise<void>;
  /** The newest position delivered. */
  readonly last: LogPosition;
  /** By which a client resumes after `last`. */
  readonly cursor: string;
  /** What is at `last`, and all before it, was appended at this time or before, by `performance.now()`. */
  readonly appendedBy: number;
  /** The event at `last`, if there is one. */
  readonly newest: TopicEvent | undefined;
  /** Whether it was closed, or events were lost: nothing more is delivered. */
  readonly isClosed: boolean;
  close(): void;
}

/** How long subscribers who are there wait while Redis refuses to be read, in milliseconds: it may load its data. */
const MAX_REFUSED_MS = 60_000;

export function createTopicLog(options: TopicLogOptions): TopicLog {
  const { stream, log } = options;
  const tail = createLogTail(stream, options.deliveredAt, options.age);
  const reader = createLogReader(options.bus, stream, options.generationKey, tail);
  const delivery = createLogDelivery(options, tail);
  const inbox = createInbox({
    deliver: delivery.take,
    onGap: () => void catchUp(),
    onFull: () => reading.request(),
  });
  const isOpen = (): boolean => inbox.state !== 'closed';
  /** Whether the end of the log was found, so that it can be read from there. */
  let isPlaced = false;
  const patience: RetryOptions = {
    isWanted: isOpen,
    onRetry: (reason) => log.debug({ stream, reason }, 'could not read a log; trying again'),
  };
  const reading = createCatchUp({
    isWanted: isOpen,
    readPage: () => reader.readPage({ ...patience, maxRefusedMs: MAX_REFUSED_MS }),
    deliver: delivery.takeAll,
    finish: inbox.goLive,
    onLost: (reason) =>
      end(reason, 'events were lost: their subscribers get CURSOR_EXPIRED, and refetch', cursorExpired()),
    // Nothing is known to be lost: subscribers may resume, here or elsewhere.
    onRefused: (reason) =>
      end(reason, 'a log cannot be read: its subscribers are asked to come back', unreadable()),
  });

  function end(reason: string, meaning: string, error: LiveError): void {
    if (!isOpen()) return;
    log.warn({ stream, reason }, meaning);
    inbox.close();
    options.onLost(error);
  }

  /** Reads what may have been missed, before anything newer is delivered. Resolves when that is done. */
  async function catchUp(): Promise<void> {
    if (!isOpen()) return;
    reading.request();
    if (!isPlaced) return; // it is read once it is known from where
    if (inbox.state !== 'paused') inbox.wait('reading');
    await reading.run();
  }

  async function start(onFound: () => void): Promise<void> {
    const { entry, sealed, generation } = await reader.readEnd(patience);
    if (!isOpen()) return;
    if (entry !== undefined) tail.moveTo(entry, options.reread(entry.channel, entry.event));
    else if (sealed !== undefined) tail.moveToSeal(sealed);
    else tail.moveToStart(generation);
    isPlaced = true;
    onFound();
    if (reading.isRequested) void catchUp();
    else inbox.goLive();
    await reading.underWay;
  }

  async function compare(): Promise<void> {
    const { last } = tail;
    const isIdle = (): boolean =>
      isPlaced && isOpen() && reading.underWay === undefined && tail.last === last;
    if (!isIdle()) return;
    const isThere = await reader.isAtEnd().catch(() => true); // Redis is away: the next check looks again
    if (isIdle() && !isThere) await catchUp();
  }

  async function look(): Promise<void> {
    if (isPlaced && isOpen() && !(await reader.isAtEnd())) await catchUp();
  }

  return {
    receive: inbox.receive,
    start,
    pause: inbox.pause,
    resume() {
      if (!isOpen()) return;
      inbox.wait(isPlaced ? 'reading' : 'opening');
      void catchUp();
    },
    check: oneAtATime(compare),
    look,
    get last() {
      return tail.last;
    },
    get cursor() {
      return tail.cursor;
    },
    get appendedBy() {
      return tail.appendedBy;
    },
    get newest() {
      return tail.newest;
    },
    get isClosed() {
      return !isOpen();
    },
    close: inbox.close,
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
