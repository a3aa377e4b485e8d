import type { Bus, BusMessage, LogEntry } from '../bus/bus.ts';
import { type Envelope, isEnvelope, parseEnvelope } from '../bus/envelope.ts';
import type { LogPosition } from '../bus/position.ts';
import { LiveError, messageOf } from '../errors.ts';
import type { LiveEvent } from '../events/kinds.ts';
import type { Logger } from '../log.ts';
import { cursorExpired } from './cursor.ts';
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

/** Checks an event; `undefined`: it is passed over. */
export type ReadEvent = (channel: string, event: Buffer) => LiveEvent | undefined;

export interface TopicLogOptions {
  readonly bus: Bus;
  /** The log's name. */
  readonly stream: string;
  /** Of the positions in an envelope, the one in this log. */
  readonly positionIn: (envelope: Envelope) => LogPosition | undefined;
  /** The key whose value changes when Redis loses its data. */
  readonly generationKey: string;
  /** Checks an event that comes in. */
  readonly read: ReadEvent;
  /** Checks the event at the end of the log when the topic is opened. */
  readonly reread: ReadEvent;
  /** Takes the topic's events: in order, each once. Must not throw. */
  readonly deliver: (event: TopicEvent, bytes: number) => void;
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
  const { stream, read, deliver, log } = options;
  const tail = createLogTail(stream, options.deliveredAt);
  const reader = createLogReader(options.bus, stream, options.generationKey, tail);
  let state: State = 'opening';
  const isIn = (...states: readonly State[]): boolean => states.includes(state);
  /** Whether the end of the log was found, so that it can be read from there. */
  let isPlaced = false;
  /** Messages that wait until the log has been read. */
  let waiting: BusMessage[] = [];
  /** Whether the log has to be read, once more where that is under way. */
  let mustRead = false;
  let reading: Promise<void> | undefined;
  let checking: Promise<void> | undefined;
  const opening: RetryOptions = {
    isWanted: () => !isIn('closed'),
    onRetry: (reason) => log.debug({ stream, reason }, 'could not read a log; trying again'),
  };
  const patient: RetryOptions = { ...opening, maxRefusedMs: MAX_REFUSED_MS };

  /** Delivers a message that is the next, drops one that was delivered, and reads the log where events are missing before it. */
  function accept(message: BusMessage): void {
    const { channel, payload } = message;
    const envelope = isEnvelope(payload) ? parseEnvelope(payload) : undefined;
    const position = envelope && options.positionIn(envelope);
    if (envelope === undefined || position === undefined) {
      deliverBare(channel, payload);
    } else if (tail.isNext(position)) {
      advance({ position, channel, event: envelope.event });
    } else if (!tail.wasDelivered(position, envelope.event)) {
      waiting = [message];
      void catchUp();
    }
  }

  function deliverBare(channel: string, payload: Buffer): void {
    const event = read(channel, payload);
    if (event !== undefined) deliver({ event, offset: 0, cursor: undefined }, 0);
  }

  function advance(entry: LogEntry): void {
    deliver(tail.moveTo(entry, read(entry.channel, entry.event)), entry.event.length);
  }

  function lose(reason: string): void {
    if (isIn('closed')) return;
    log.warn({ stream, reason }, 'events were lost: their subscribers get CURSOR_EXPIRED, and refetch');
    state = 'closed';
    options.onLost(cursorExpired());
  }

  /** Redis lets nobody read the log. Nothing is known to be lost: subscribers may resume, here or elsewhere. */
  function giveUp(reason: string): void {
    if (isIn('closed')) return;
    log.warn({ stream, reason }, 'a log cannot be read: its subscribers are asked to come back');
    state = 'closed';
    options.onLost(
      new LiveError('SERVICE_UNAVAILABLE', 'The events cannot be read now: subscribe again, and resume.'),
    );
  }

  function catchUp(): Promise<void> {
    mustRead = true;
    if (!isPlaced) return Promise.resolve(); // it is read once it is known from where
    if (!isIn('paused')) state = 'reading';
    reading ??= readOn();
    return reading;
  }

  /** Reads after the last position until nothing is missing, then takes the messages that waited. */
  async function readOn(): Promise<void> {
    try {
      for (let stuck: BusMessage | undefined; mustRead && !isIn('closed'); ) {
        mustRead = false;
        const page = await reader.readPage(patient);
        if (isIn('closed')) return;
        const fault = page.fault ?? deliverAll(page.entries);
        if (fault !== undefined) return lose(fault);
        mustRead ||= page.isFull;
        if (mustRead) continue;
        if (isIn('paused')) return;
        takeWaiting();
        // The first that waits still lacks what comes before it, although the log was read after it came.
        const [next] = waiting;
        if (next !== undefined && next === stuck) return lose('the log has a hole');
        stuck = next;
      }
    } catch (error) {
      giveUp(messageOf(error));
    } finally {
      reading = undefined;
    }
  }

  /** Delivers entries of the log. Returns what is wrong with them, if anything. */
  function deliverAll(entries: readonly LogEntry[]): string | undefined {
    for (const entry of entries) {
      if (!tail.isNext(entry.position)) return 'the log has a hole';
      advance(entry);
    }
    return undefined;
  }

  /** Takes the messages that waited, up to one that lacks what comes before it: for that one the log is read again. */
  function takeWaiting(): void {
    const messages = waiting;
    waiting = [];
    state = 'live';
    for (const [index, message] of messages.entries()) {
      accept(message);
      if (isIn('live')) continue;
      waiting = messages.slice(index);
      return;
    }
  }

  async function compare(): Promise<void> {
    const { last } = tail;
    const isIdle = (): boolean => isPlaced && !isIn('closed') && reading === undefined && tail.last === last;
    if (!isIdle()) return;
    const isThere = await reader.isAtEnd().catch(() => true); // Redis is away: the next check looks again
    if (isIdle() && !isThere) await catchUp();
  }

  return {
    receive(message) {
      if (isIn('closed')) return;
      if (isIn('live')) accept(message);
      else if (waiting.length < MAX_WAITING) waiting.push(message);
      else mustRead = true;
    },
    async start(onFound) {
      const { entry, sealed, generation } = await reader.readEnd(opening);
      if (isIn('closed')) return;
      if (entry !== undefined) tail.moveTo(entry, options.reread(entry.channel, entry.event));
      else if (sealed !== undefined) tail.moveToSeal(sealed);
      else tail.moveToStart(generation);
      isPlaced = true;
      onFound();
      if (mustRead) void catchUp();
      else if (!isIn('paused')) takeWaiting();
      await reading;
    },
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
    check() {
      checking ??= compare().finally(() => {
        checking = undefined;
      });
      return checking;
    },
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
