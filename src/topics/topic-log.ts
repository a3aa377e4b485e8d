import type { Bus, BusMessage, LogEntry } from '../bus/bus.ts';
import { LiveError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { EMPTY_LOG, sealOf, writeCursor } from './cursor.ts';
import type { LiveEvent } from './event.ts';
import { type Persistence, persistently } from './persistently.ts';
import { type Envelope, isEnvelope, type LogPosition, parseEnvelope } from './position.ts';

/** What came in on a topic. */
export interface TopicEvent {
  /** `undefined`: what stands there breaks the contract, and is passed over. */
  readonly event: LiveEvent | undefined;
  /** Where it stands in the topic's log; 0: it was published bare, and stands in none. */
  readonly offset: number;
  /** By which a client resumes behind it; `undefined` for a bare one. */
  readonly cursor: string | undefined;
}

export interface TopicLogOptions {
  readonly bus: Bus;
  /** The log's name. */
  readonly stream: string;
  /** Of the positions in an envelope, the one in this log. */
  readonly positionIn: (envelope: Envelope) => LogPosition | undefined;
  /** The key whose value changes when Redis loses its data. */
  readonly generationKey: string;
  /** Checks an event. */
  readonly read: (channel: string, event: Buffer) => LiveEvent | undefined;
  /** Takes the topic's events: in order, each once. Must not throw. */
  readonly tell: (event: TopicEvent, bytes: number) => void;
  /** What was told of an offset, if that is still known. */
  readonly toldAt: (offset: number) => TopicEvent | undefined;
  /** Events were lost for good, or the log went another way: nothing more is told. */
  readonly onLost: (error: LiveError) => void;
  readonly log: Logger;
}

/** One topic as this process knows it: what the bus tells, made whole by what the log has. */
export interface TopicLog {
  /** Takes a message of the bus. */
  receive(message: BusMessage): void;
  /**
   * Finds where the log ends. To be called once messages arrive; until it is done they wait, and are told then.
   * @param onFound called before anything is told.
   */
  start(onFound: () => void): Promise<void>;
  /** From now on messages may go missing: those that come wait. */
  pause(): void;
  /** None go missing any more. Reads those that did. */
  resume(): void;
  /** Reads what may have been missed, before anything newer is told; answers when that is done. */
  catchUp(): Promise<void>;
  /** Looks whether the log ends where this is, and catches up if not. For a topic on which nothing comes. */
  check(): Promise<void>;
  /** Where it is: the newest position told. */
  readonly last: LogPosition;
  /** By which a client resumes behind `last`. */
  readonly cursor: string;
  /** What stands at `last`, if anything does. */
  readonly newest: TopicEvent | undefined;
  close(): void;
}

/** How many entries are read at once. */
export const LOG_PAGE = 10_000;
/** How many messages wait while the log is read; those beyond are dropped, since the log has them too. */
const MAX_HELD = 10_000;

export function cursorExpired(): LiveError {
  return new LiveError(
    'CURSOR_EXPIRED',
    'What came after is no longer known: fetch the data anew, then subscribe anew.',
  );
}

export function createTopicLog(options: TopicLogOptions): TopicLog {
  const { bus, stream, tell, log } = options;
  let last = EMPTY_LOG;
  let seal = '';
  let newest: TopicEvent | undefined;
  /** Messages that wait until the log has been read; `undefined`: none has to. */
  let held: BusMessage[] | undefined = [];
  let reading: Promise<void> | undefined;
  let mustRead = false;
  let isStarted = false;
  let isPaused = false;
  let isClosed = false;
  const persistence: Persistence = {
    isWanted: () => !isClosed,
    onRetry: (reason) => log.debug({ stream, reason }, 'could not read a log; trying again'),
  };

  /** Tells a message that is next, drops one that was told, and reads the log where something is missing before it. */
  function accept(message: BusMessage): void {
    const { channel, payload } = message;
    const envelope = isEnvelope(payload) ? parseEnvelope(payload) : undefined;
    const position = envelope && options.positionIn(envelope);
    if (envelope === undefined || position === undefined) {
      tellBare(channel, payload);
    } else if (isNext(position)) {
      advance({ position, channel, event: envelope.event });
    } else if (!isTold(position, envelope.event)) {
      held = [message];
      void catchUp();
    }
  }

  function tellBare(channel: string, payload: Buffer): void {
    const event = options.read(channel, payload);
    if (event !== undefined) tell({ event, offset: 0, cursor: undefined }, 0);
  }

  function isNext({ epoch, offset }: LogPosition): boolean {
    return last.offset === 0 ? offset === 1 : epoch === last.epoch && offset === last.offset + 1;
  }

  /** Whether it is that very event, as far as that is known; in a log that lost its end another may stand there now. */
  function isTold(position: LogPosition, event: Buffer): boolean {
    if (position.epoch !== last.epoch || position.offset > last.offset) return false;
    const told = position.offset === last.offset ? newest : options.toldAt(position.offset);
    return (
      told === undefined ||
      told.cursor === writeCursor({ ...position, seal: sealOf(stream, position, event) })
    );
  }

  function advance(entry: LogEntry): void {
    moveTo(entry);
    if (newest !== undefined) tell(newest, entry.event.length);
  }

  function moveTo({ position, channel, event }: LogEntry): void {
    last = position;
    seal = sealOf(stream, position, event);
    newest = {
      event: options.read(channel, event),
      offset: position.offset,
      cursor: writeCursor({ ...last, seal }),
    };
  }

  function lose(reason: string): void {
    if (isClosed) return;
    log.warn({ stream, reason }, 'events were lost: their subscribers are told to fetch anew');
    isClosed = true;
    options.onLost(cursorExpired());
  }

  function catchUp(): Promise<void> {
    held ??= [];
    mustRead = true;
    if (isStarted) reading ??= readOn(); // else it is read once it is known from where
    return reading ?? Promise.resolve();
  }

  /** Reads behind the last position until nothing is missing, then takes the messages that waited. */
  async function readOn(): Promise<void> {
    try {
      for (let stuck: BusMessage | undefined; mustRead && !isClosed; ) {
        mustRead = false;
        const entries = await persistently(() => bus.readFrom(stream, last, LOG_PAGE), persistence);
        // Of an empty log nothing can be gone: in a Redis that lost its data it is just as empty.
        if (last.offset === 0) seal = sealOf(stream, EMPTY_LOG, await findGeneration());
        if (isClosed) return;
        const fault = takeEntries(entries);
        if (fault !== undefined) return lose(fault);
        if (isPaused) return;
        mustRead ||= entries.length === LOG_PAGE;
        if (mustRead) continue;
        takeHeld();
        // One that still lacks what comes before it, although the log was read after it came.
        const [next] = held ?? [];
        if (next !== undefined && next === stuck) return lose('the log has a hole');
        stuck = next;
      }
    } catch (error) {
      lose(messageOf(error));
    } finally {
      reading = undefined;
    }
  }

  function findGeneration(): Promise<string> {
    return persistently(() => bus.agree(options.generationKey, crypto.randomUUID()), persistence);
  }

  /** Tells entries of the log, the first of which is the one told last. Answers what is wrong with them, if anything. */
  function takeEntries(entries: readonly LogEntry[]): string | undefined {
    const [first] = entries;
    const isBegun = last.offset > 0;
    if (isBegun) {
      if (first === undefined) return 'the log is gone';
      if (first.position.epoch !== last.epoch || first.position.offset !== last.offset)
        return 'the log begins later';
      if (sealOf(stream, first.position, first.event) !== seal) return 'the log went another way';
    }
    for (const entry of isBegun ? entries.slice(1) : entries) {
      if (!isNext(entry.position)) return 'the log has a hole';
      advance(entry);
    }
    return undefined;
  }

  /** Takes the messages that waited, up to one that lacks what comes before it: that one makes the log be read again. */
  function takeHeld(): void {
    const messages = held ?? [];
    held = undefined;
    for (const [index, message] of messages.entries()) {
      accept(message);
      if (held !== undefined) {
        held = messages.slice(index);
        return;
      }
    }
  }

  return {
    receive(message) {
      if (isClosed) return;
      if (held === undefined) accept(message);
      else if (held.length < MAX_HELD) held.push(message);
      else mustRead = true;
    },
    async start(onFound) {
      const generation = await findGeneration();
      const entry = await persistently(() => bus.readLast(stream), persistence);
      if (isClosed) return;
      if (entry === undefined) seal = sealOf(stream, EMPTY_LOG, generation);
      else moveTo(entry);
      isStarted = true;
      onFound();
      if (mustRead) void catchUp();
      else if (!isPaused) takeHeld();
      await reading;
    },
    pause() {
      held ??= [];
      isPaused = true;
    },
    resume() {
      isPaused = false;
      if (!isClosed) void catchUp();
    },
    catchUp: async () => {
      if (!isClosed) await catchUp();
    },
    async check() {
      const told = last;
      const isIdle = (): boolean => isStarted && !isClosed && reading === undefined && last === told;
      if (!isIdle()) return;
      const entry = await bus.readLast(stream).catch(() => undefined); // away: its return is heard
      const isSame =
        entry === undefined ? told.offset === 0 : sealOf(stream, entry.position, entry.event) === seal;
      if (isIdle() && !isSame) await catchUp();
    },
    get last() {
      return last;
    },
    get cursor() {
      return writeCursor({ ...last, seal });
    },
    get newest() {
      return newest;
    },
    close() {
      isClosed = true;
      held = undefined;
    },
  };
}
