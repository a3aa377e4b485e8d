import type { ExecutionResult } from 'graphql';
import { type Batch, createBatch, type Frame, type Position } from './batch.ts';

/** The side of a transport that takes finished frames, instead of iterating over results and serialising each. */
export interface Sink {
  deliver(batch: Batch): void;
  /** Resolves when there is room for more; `undefined`: there is room. Asked before each part of what a client missed. */
  room(): Promise<void> | undefined;
  /** The client is too slow: end it, in a way that lets it resume. */
  endSlow(): void;
}

/**
 * The results of one subscriber: an ordinary AsyncIterable. Instead of iterating, a transport may `attach` a sink, to which the
 * results then go. The iterator is parked from then on: its pending `next()` settles when the subscription ends, and `return()`
 * unsubscribes.
 */
export interface SharedResults extends AsyncGenerator<ExecutionResult, undefined, undefined> {
  attach(sink: Sink): void;
  /** Unsubscribes, and ends the iterator. With an error, the pending or following `next()` rejects with it. */
  end(error?: Error): void;
  /** The cursor to resume with, after everything that this subscriber has received, even if that was nothing. */
  cursor(): string | undefined;
  /** The context of the shared execution, as `createContext` made it. */
  readonly context: object;
}

/** Whether a transport can attach to the outcome of a subscription. */
export function isShared(outcome: object): outcome is SharedResults {
  return 'attach' in outcome;
}

/** What all members of an audience have in common. */
export interface Membership {
  /** How many results may wait for the iterator's reader. */
  readonly maxWaiting: number;
  readonly context: object;
  /** Runs each time the member unsubscribes, or is ended by an error. */
  onLeave(member: Member, error?: Error): void;
  cursorOf(member: Member): string | undefined;
}

/** What a client that resumes had before. */
export interface Resumption {
  readonly cursor: string;
  /** It had the frames up to this offset. */
  readonly after: number;
  /** Whether only the newest frame counts. Then `after` is 0 where the client had no more than the frame at its cursor. */
  readonly isNewestOnly: boolean;
}

/** A member reads its iterator too slowly. Transports that attach have a limit of their own. */
export class SlowReaderError extends Error {
  override readonly name = 'SlowReaderError';

  constructor() {
    super('The reader of a subscription does not keep up.');
  }
}

type Step = IteratorResult<ExecutionResult, undefined>;
const DONE: Step = { done: true, value: undefined };

interface Reader {
  resolve(step: Step): void;
  reject(error: unknown): void;
}

const NONE: readonly never[] = [];

/**
 * A member of an audience. To its subscriber it is the results. It is a class because there is one for each subscription of each
 * socket: closures, and lists that mostly stay empty, would take more memory than everything else.
 */
export class Member implements SharedResults {
  readonly resumption: Resumption | undefined;
  readonly #membership: Membership;
  #sink: Sink | undefined;
  #waiting: Frame[] = [];
  #position: Position | undefined;
  /** Kept only where it may come again: a frame takes kilobytes, and elsewhere the position is enough. */
  #newest: Frame | undefined;
  #readers: readonly Reader[] = NONE;
  #end: { readonly error: unknown } | undefined;
  #isOver = false;
  #mayKnow: boolean;
  #roomWaiters: readonly (() => void)[] = NONE;

  constructor(membership: Membership, resumption?: Resumption) {
    this.#membership = membership;
    this.resumption = resumption;
    this.#mayKnow = this.#after > 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The position of the newest frame that it received. */
  get position(): Position | undefined {
    return this.#position;
  }

  deliver(offered: Batch): void {
    if (this.#isOver) return;
    const batch = this.#mayKnow ? this.#withoutKnown(offered) : offered;
    const last = batch.frames.at(-1);
    if (last === undefined || this.#isNewest(last) || this.#isKnown(last)) return;
    this.#position = last.position;
    if (batch.isNewestOnly) this.#newest = last;
    if (this.#sink === undefined) this.#queue(batch.frames);
    else this.#sink.deliver(batch);
  }

  /** Nothing more will come. With an error, `next()` rejects with it. */
  close(error: unknown): void {
    this.#isOver = true;
    this.#end ??= { error };
    this.#settle();
    this.#makeRoom();
  }

  /** Resolves when there is room for more; `undefined`: there is room. */
  room(): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    if (this.#sink === undefined) return this.#readers.length === 0 ? this.#waitForRoom() : undefined;
    const room = this.#sink.room();
    return room && Promise.race([room, this.#waitForRoom()]);
  }

  endSlow(): void {
    this.#sink?.endSlow();
    this.end(new SlowReaderError());
  }

  attach(sink: Sink): void {
    this.#sink = sink;
    const early = this.#waiting;
    this.#waiting = [];
    if (early.length > 0) sink.deliver(createBatch(early, false));
    this.#makeRoom();
  }

  end(error?: Error): void {
    this.#waiting = [];
    this.close(error);
    this.#membership.onLeave(this, error);
  }

  cursor(): string | undefined {
    return this.#membership.cursorOf(this);
  }

  get context(): object {
    return this.#membership.context;
  }

  next(): Promise<Step> {
    return new Promise<Step>((resolve, reject) => {
      this.#readers = [...this.#readers, { resolve, reject }];
      this.#settle();
      if (this.#waiting.length === 0) this.#makeRoom();
    });
  }

  return(): Promise<Step> {
    this.end();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<Step> {
    this.end();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get #after(): number {
    return this.resumption?.after ?? 0;
  }

  /** Whether it got this frame when it joined. */
  #isNewest(frame: Frame): boolean {
    return this.#newest !== undefined && this.#newest.asPast === frame.asPast;
  }

  /** Whether the client had this frame. That holds only for the first frame: after another one, the same frame is news again. */
  #isKnown({ position }: Frame): boolean {
    const { resumption } = this;
    return (
      this.#position === undefined &&
      resumption?.isNewestOnly === true &&
      position?.cursor === resumption.cursor
    );
  }

  /** Removes the frames that the client had before: a client that resumes may be ahead of this process. */
  #withoutKnown(batch: Batch): Batch {
    const after = this.#after;
    const frames = batch.frames.filter(({ position }) => position === undefined || position.offset > after);
    this.#mayKnow = !frames.some(({ position }) => position !== undefined);
    return frames.length === batch.frames.length ? batch : createBatch(frames, batch.isNewestOnly);
  }

  #queue(frames: readonly Frame[]): void {
    this.#waiting.push(...frames);
    this.#settle();
    if (this.#waiting.length > this.#membership.maxWaiting) this.end(new SlowReaderError());
  }

  /** Gives the waiting readers the results there are, or the end. An error is reported once. */
  #settle(): void {
    while (this.#waiting.length > 0 || this.#end !== undefined) {
      const [reader, ...others] = this.#readers;
      if (reader === undefined) return;
      this.#readers = others;
      const frame = this.#waiting.shift();
      if (frame === undefined) this.#reportEnd(reader);
      else reader.resolve({ done: false, value: frame.result });
    }
  }

  #reportEnd(reader: Reader): void {
    const error = this.#end?.error;
    this.#end = { error: undefined };
    if (error === undefined) reader.resolve(DONE);
    else reader.reject(error);
  }

  /** Resolves when it is worth asking for room again. */
  #waitForRoom(): Promise<void> {
    return new Promise((resolve) => {
      this.#roomWaiters = [...this.#roomWaiters, resolve];
    });
  }

  #makeRoom(): void {
    const waiters = this.#roomWaiters;
    this.#roomWaiters = NONE;
    for (const resolve of waiters) resolve();
  }
}
