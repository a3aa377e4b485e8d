import type { Bus, BusMessage, LogEntry } from '../bus/bus.ts';
import { LiveError, messageOf } from '../errors.ts';
import type { LiveEvent } from '../events/kinds.ts';
import type { Logger } from '../log.ts';
import type { Cursor } from './cursor.ts';
import { createLogTail, type TopicEvent } from './log-tail.ts';
import { type Envelope, isEnvelope, type LogPosition, parseEnvelope } from './position.ts';
import { type Persistence, persistently } from './retry.ts';

export type { TopicEvent } from './log-tail.ts';

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
  /** Checks the event that the log ends with when this begins to hear. */
  readonly reread: ReadEvent;
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
  /**
   * Looks whether the log ends where this is, and catches up if not; one look at a time, however often it is called. For a
   * topic on which nothing comes, be it since it is paused.
   */
  check(): Promise<void>;
  /** Where it is: the newest position told. */
  readonly last: LogPosition;
  /** By which a client resumes behind `last`. */
  readonly cursor: string;
  /** What stands at `last`, if anything does. */
  readonly newest: TopicEvent | undefined;
  close(): void;
}

/** How many entries are read at once: of the largest they are 16 MiB. */
export const LOG_PAGE = 250;
/** How long subscribers who are there wait while Redis refuses to be read, in milliseconds: it may load its data. */
const MAX_REFUSED_MS = 60_000;
/** How many messages wait while the log is read. Those beyond are dropped: the log has them too, and bare ones are told at most once. */
const MAX_HELD = 1000;

export function cursorExpired(): LiveError {
  return new LiveError(
    'CURSOR_EXPIRED',
    'What came after is no longer known: fetch the data anew, then subscribe anew.',
  );
}

export function createTopicLog(options: TopicLogOptions): TopicLog {
  const { bus, stream, read, tell, log } = options;
  const tail = createLogTail(stream, options.toldAt);
  /** Messages that wait until the log has been read; `undefined`: none has to. */
  let held: BusMessage[] | undefined = [];
  let reading: Promise<void> | undefined;
  let checking: Promise<void> | undefined;
  let mustRead = false;
  let isStarted = false;
  let isPaused = false;
  let isClosed = false;
  /** The generation to be, where there is none yet; whether it is not agreed upon, since the bus refuses to write. */
  let proposal = crypto.randomUUID();
  let isProposed = false;
  const persistence: Persistence = {
    isWanted: () => !isClosed,
    onRetry: (reason) => log.debug({ stream, reason }, 'could not read a log; trying again'),
  };

  const patience: Persistence = { ...persistence, maxRefusedMs: MAX_REFUSED_MS };

  /** Tells a message that is next, drops one that was told, and reads the log where something is missing before it. */
  function accept(message: BusMessage): void {
    const { channel, payload } = message;
    const envelope = isEnvelope(payload) ? parseEnvelope(payload) : undefined;
    const position = envelope && options.positionIn(envelope);
    if (envelope === undefined || position === undefined) {
      tellBare(channel, payload);
    } else if (tail.isNext(position)) {
      advance({ position, channel, event: envelope.event });
    } else if (!tail.isTold(position, envelope.event)) {
      held = [message];
      void catchUp();
    }
  }

  function tellBare(channel: string, payload: Buffer): void {
    const event = read(channel, payload);
    if (event !== undefined) tell({ event, offset: 0, cursor: undefined }, 0);
  }

  function advance(entry: LogEntry): void {
    tell(tail.moveTo(entry, read(entry.channel, entry.event)), entry.event.length);
  }

  function lose(reason: string): void {
    if (isClosed) return;
    log.warn({ stream, reason }, 'events were lost: their subscribers are told to fetch anew');
    isClosed = true;
    options.onLost(cursorExpired());
  }

  /** Redis lets nobody read the log. Nothing is known to be lost: subscribers may resume, here or elsewhere. */
  function giveUp(reason: string): void {
    if (isClosed) return;
    log.warn({ stream, reason }, 'a log cannot be read: its subscribers are told to come back');
    isClosed = true;
    options.onLost(
      new LiveError('SERVICE_UNAVAILABLE', 'The events cannot be read now: subscribe again, and resume.'),
    );
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
        const entries = await persistently(() => bus.readFrom(stream, tail.last, LOG_PAGE), patience);
        const isWhole = entries[0] !== undefined && isBegunBy(entries[0].position);
        const sealed = isWhole ? undefined : await persistently(() => bus.readSeal(stream), patience);
        // Of an empty log nothing can be gone: in a Redis that lost its data it is just as empty.
        if (tail.last.offset === 0) tail.moveToStart(await persistently(findGeneration, patience));
        if (isClosed) return;
        const fault = takeEntries(entries, sealed);
        if (fault !== undefined) return lose(fault);
        mustRead ||= entries.length === LOG_PAGE;
        if (mustRead) continue;
        if (isPaused) return;
        takeHeld();
        // One that still lacks what comes before it, although the log was read after it came.
        const [next] = held ?? [];
        if (next !== undefined && next === stuck) return lose('the log has a hole');
        stuck = next;
      }
    } catch (error) {
      giveUp(messageOf(error));
    } finally {
      reading = undefined;
    }
  }

  /**
   * Of an empty log the generation shows whether anything was ever in it. While the bus refuses to write, a cursor has the one
   * that is proposed: it is as good as any, should it be agreed upon, and else is no longer known.
   */
  async function findGeneration(): Promise<string> {
    const agreed = await bus.agree(options.generationKey, proposal);
    isProposed = agreed === undefined;
    if (agreed === undefined) return proposal;
    proposal = crypto.randomUUID(); // a Redis that lost its data must not get the same one again
    return agreed;
  }

  /** Whether the log, read from `last`, begins where it should. */
  function isBegunBy({ epoch, offset }: LogPosition): boolean {
    return tail.last.offset === 0 ? offset === 1 : epoch === tail.last.epoch && offset === tail.last.offset;
  }

  /**
   * Tells entries of the log, the first of which is the one told last, unless that was deleted for its age.
   * @param sealed the last that was deleted so, if the log does not begin where it should.
   * @returns what is wrong with them, if anything.
   */
  function takeEntries(entries: readonly LogEntry[], sealed: Cursor | undefined): string | undefined {
    const [first] = entries;
    const isBegun = tail.last.offset > 0;
    const isSealed = isBegun && tail.isAtSeal(sealed);
    if (isBegun && !isSealed) {
      if (first === undefined) return 'the log is gone';
      if (!isBegunBy(first.position)) return 'the log begins later';
      if (!tail.isAt(first)) return 'the log went another way';
    }
    if (!isBegun && first === undefined && sealed !== undefined) return 'the log begins later';
    for (const entry of isBegun && !isSealed ? entries.slice(1) : entries) {
      if (!tail.isNext(entry.position)) return 'the log has a hole';
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

  async function look(): Promise<void> {
    const told = tail.last;
    const isIdle = (): boolean => isStarted && !isClosed && reading === undefined && tail.last === told;
    if (!isIdle()) return;
    const isThere = await isAtEnd().catch(() => true); // away: it is looked for again
    if (isIdle() && !isThere) await catchUp();
  }

  async function isAtEnd(): Promise<boolean> {
    const [entry, sealed] = await readEnd();
    if (entry !== undefined) return tail.isAt(entry);
    if (sealed !== undefined) return tail.isAtSeal(sealed);
    return tail.last.offset === 0 && !isProposed;
  }

  /** The log's last entry, or what is left of it. */
  async function readEnd(): Promise<[LogEntry | undefined, Cursor | undefined]> {
    const entry = await bus.readLast(stream);
    return [entry, entry === undefined ? await bus.readSeal(stream) : undefined];
  }

  return {
    receive(message) {
      if (isClosed) return;
      if (held === undefined) accept(message);
      else if (held.length < MAX_HELD) held.push(message);
      else mustRead = true;
    },
    async start(onFound) {
      const generation = await persistently(findGeneration, persistence);
      const [entry, sealed] = await persistently(readEnd, persistence);
      if (isClosed) return;
      if (entry !== undefined) tail.moveTo(entry, options.reread(entry.channel, entry.event));
      else if (sealed !== undefined) tail.moveToSeal(sealed);
      else tail.moveToStart(generation);
      isStarted = true;
      onFound();
      if (mustRead) void catchUp();
      else if (!isPaused) takeHeld();
      await reading;
    },
    pause() {
      // What waits came by the connection that is lost, and a fail-over may have lost it too: if not, it is read from the log.
      held = held?.filter(({ payload }) => !isEnvelope(payload)) ?? [];
      isPaused = true;
    },
    resume() {
      isPaused = false;
      if (!isClosed) void catchUp();
    },
    catchUp: async () => {
      if (!isClosed) await catchUp();
    },
    check() {
      checking ??= look().finally(() => {
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
    close() {
      isClosed = true;
      held = undefined;
    },
  };
}
