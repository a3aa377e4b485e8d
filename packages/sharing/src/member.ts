import type { ExecutionResult } from 'graphql';
import { type Batch, createBatch, type Frame, type Position } from './batch.ts';

/** A transport that takes finished frames, instead of iterating over results and serialising each. */
export interface Sink {
  deliver(batch: Batch): void;
  /** Settles when there is room for more; `undefined`: there is. Asked before each part of what a client missed. */
  room(): Promise<void> | undefined;
  /** The client takes too long: end it so that it can resume. */
  endSlow(): void;
}

/**
 * What one subscriber gets. To whoever iterates it, an ordinary AsyncIterable of results. A transport may `attach` a sink
 * instead: the results then go there, and the iterator is only parked: its pending `next()` settles when all is over, and
 * `return()` unsubscribes.
 */
export interface SharedResults extends AsyncGenerator<ExecutionResult, undefined, undefined> {
  attach(sink: Sink): void;
  /** Unsubscribes, and ends the iterator: with an error, which the pending or next `next()` rejects with, or without. */
  end(error?: Error): void;
  /** By which this subscriber resumes behind all that it was handed so far, also where that was nothing. */
  cursor(): string | undefined;
}

/** Whether something that was subscribed to can be attached to. */
export function isShared(outcome: object): outcome is SharedResults {
  return 'attach' in outcome;
}

/** What all members of an audience have in common. */
export interface Membership {
  /** How many results may wait for the iterator's reader. */
  readonly maxWaiting: number;
  /** Runs when the member unsubscribes; more than once if it does. */
  onLeave(member: Member): void;
  cursorOf(member: Member): string | undefined;
}

/** Where a client that resumes has been. */
export interface Resumption {
  readonly cursor: string;
  /** Frames up to this offset are known to it already. */
  readonly after: number;
  /** Whether only the newest counts: then `after` is 0 where the one frame at its cursor is all that is known to it. */
  readonly isNewestOnly: boolean;
}

/** A member that reads its iterator too slowly; transports that attach have their own bound. */
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
 * A member of an audience: as the audience sees it, and to its subscriber the results. A class, since there is one for each
 * subscription of each socket: a dozen closures and the lists that mostly stay empty would take more than all else.
 */
export class Member implements SharedResults {
  readonly resumption: Resumption | undefined;
  readonly #membership: Membership;
  #sink: Sink | undefined;
  #waiting: Frame[] = [];
  #position: Position | undefined;
  /** Kept only where it may come again: a frame takes kilobytes, and its place alone tells how far the member has come. */
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

  /** Where the newest frame stands that it was handed. */
  get position(): Position | undefined {
    return this.#position;
  }

  deliver(offered: Batch): void {
    if (this.#isOver) return;
    const batch = this.#mayKnow ? this.#withoutKnown(offered) : offered;
    const last = batch.frames.at(-1);
    if (last === undefined || last === this.#newest || this.#isKnown(last)) return; // the newest of all, told on joining already
    this.#position = last.position;
    if (batch.isNewestOnly) this.#newest = last;
    if (this.#sink === undefined) this.#queue(batch.frames);
    else this.#sink.deliver(batch);
  }

  /** Nothing comes any more; with an error, `next()` rejects with it. */
  close(error: unknown): void {
    this.#isOver = true;
    this.#end ??= { error };
    this.#settle();
    this.#makeRoom();
  }

  /** Settles when there is room for more; `undefined`: there is. */
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
    this.#membership.onLeave(this);
  }

  cursor(): string | undefined {
    return this.#membership.cursorOf(this);
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

  /** Only of the first frame: after another one, the one it has is news again. */
  #isKnown({ position }: Frame): boolean {
    const { resumption } = this;
    return (
      this.#position === undefined &&
      resumption?.isNewestOnly === true &&
      position?.cursor === resumption.cursor
    );
  }

  /** Without what the client has had already: of those who resume one may be ahead of this process. */
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

  /** Tells readers that wait what there is: results, or how it ended. An error is told once. */
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

  /** Settles when it is worth asking for room again. */
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
