import type { ExecutionResult } from 'graphql';
import { type Batch, createBatch, type Frame } from './batch.ts';

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

/** A member of an audience, as the audience sees it. */
export interface Member {
  deliver(batch: Batch): void;
  /** Nothing comes any more; with an error, `next()` rejects with it. */
  end(error: unknown): void;
  /** Settles when there is room for more; `undefined`: there is. */
  room(): Promise<void> | undefined;
  endSlow(): void;
  readonly isOver: boolean;
  /** The newest frame that it was handed. */
  readonly newest: Frame | undefined;
  readonly results: SharedResults;
}

export interface MemberOptions {
  /** How many results may wait for the iterator's reader. */
  readonly maxWaiting: number;
  /** Frames up to this offset are known to the client already. */
  readonly after: number;
  /** The one frame that the client is known to have, where only the newest counts. */
  readonly knownCursor?: string | undefined;
  /** Runs when the member unsubscribes; more than once if it does. */
  readonly onLeave: (member: Member) => void;
  readonly cursorOf: (member: Member) => string | undefined;
}

/** A member that reads its iterator too slowly; transports that attach have their own bound. */
export class SlowReaderError extends Error {
  override readonly name = 'SlowReaderError';

  constructor() {
    super('The reader of a subscription does not keep up.');
  }
}

export function createMember(options: MemberOptions): Member {
  const { maxWaiting, after, knownCursor, onLeave, cursorOf } = options;
  type Step = IteratorResult<ExecutionResult, undefined>;
  const done: Step = { done: true, value: undefined };
  let sink: Sink | undefined;
  let waiting: Frame[] = [];
  let newest: Frame | undefined;
  const readers: { resolve(step: Step): void; reject(error: unknown): void }[] = [];
  let end: { readonly error: unknown } | undefined;
  let isOver = false;
  let mayKnow = after > 0;
  let roomSeekers: (() => void)[] = [];

  function makeRoom(): void {
    const seekers = roomSeekers;
    roomSeekers = [];
    for (const tell of seekers) tell();
  }

  /** Settles when it is worth asking for room again. */
  function sought(): Promise<void> {
    return new Promise((resolve) => roomSeekers.push(resolve));
  }

  function close(error: unknown): void {
    isOver = true;
    end ??= { error };
    settle();
    makeRoom();
  }

  function leave(error?: Error): void {
    waiting = [];
    close(error);
    onLeave(member);
  }

  /** Tells readers that wait what there is: results, or how it ended. An error is told once. */
  function settle(): void {
    while (readers.length > 0 && (waiting.length > 0 || end !== undefined)) {
      const reader = readers.shift();
      const frame = waiting.shift();
      if (frame !== undefined) {
        reader?.resolve({ done: false, value: frame.result });
        continue;
      }
      const error = end?.error;
      end = { error: undefined };
      if (error === undefined) reader?.resolve(done);
      else reader?.reject(error);
    }
  }

  function queue(frames: readonly Frame[]): void {
    waiting.push(...frames);
    settle();
    if (waiting.length > maxWaiting) leave(new SlowReaderError());
  }

  /** Without what the client has had already: of those who resume one may be ahead of this process. */
  function withoutKnown(batch: Batch): Batch {
    const frames = batch.frames.filter(({ mark }) => mark === undefined || mark.offset > after);
    mayKnow = !frames.some(({ mark }) => mark !== undefined);
    return frames.length === batch.frames.length ? batch : createBatch(frames, batch.isNewestOnly);
  }

  const results: SharedResults = {
    attach(attached) {
      sink = attached;
      const early = waiting;
      waiting = [];
      if (early.length > 0) attached.deliver(createBatch(early, false));
      makeRoom();
    },
    end: leave,
    cursor: () => cursorOf(member),
    next() {
      return new Promise<Step>((resolve, reject) => {
        readers.push({ resolve, reject });
        settle();
        if (waiting.length === 0) makeRoom();
      });
    },
    return() {
      leave();
      return Promise.resolve(done);
    },
    throw(error: unknown) {
      leave();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]: () => results,
  };

  const member: Member = {
    deliver(offered) {
      if (isOver) return;
      const batch = mayKnow ? withoutKnown(offered) : offered;
      const last = batch.frames.at(-1);
      if (last === undefined || last === newest) return; // the newest of all, told on joining already
      if (knownCursor !== undefined && last.mark?.cursor === knownCursor) return;
      newest = last;
      if (sink === undefined) queue(batch.frames);
      else sink.deliver(batch);
    },
    end: close,
    room() {
      if (isOver) return undefined;
      if (sink === undefined) return readers.length === 0 ? sought() : undefined;
      const room = sink.room();
      return room && Promise.race([room, sought()]);
    },
    endSlow() {
      sink?.endSlow();
      leave(new SlowReaderError());
    },
    get isOver() {
      return isOver;
    },
    get newest() {
      return newest;
    },
    results,
  };
  return member;
}
