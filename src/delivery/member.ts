import type { ExecutionResult } from 'graphql';
import { type Batch, createBatch, type Frame } from './batch.ts';

/** A transport that takes finished frames, instead of iterating over results and serialising each. */
export interface Sink {
  deliver(batch: Batch): void;
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
  readonly results: SharedResults;
}

/** A member that reads its iterator too slowly; transports that attach have their own bound. */
export class SlowReaderError extends Error {
  override readonly name = 'SlowReaderError';

  constructor() {
    super('The reader of a subscription does not keep up.');
  }
}

/**
 * @param maxWaiting how many results may wait for the iterator's reader.
 * @param onLeave runs when the member unsubscribes; more than once if it does.
 */
export function createMember(maxWaiting: number, onLeave: (member: Member) => void): Member {
  type Step = IteratorResult<ExecutionResult, undefined>;
  const done: Step = { done: true, value: undefined };
  let sink: Sink | undefined;
  let waiting: Frame[] = [];
  let newest: Frame | undefined;
  const readers: { resolve(step: Step): void; reject(error: unknown): void }[] = [];
  let end: { readonly error: unknown } | undefined;

  function close(error: unknown): void {
    end ??= { error };
    settle();
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
    if (waiting.length <= maxWaiting) return;
    leave(new SlowReaderError());
  }

  const results: SharedResults = {
    attach(attached) {
      sink = attached;
      const early = waiting;
      waiting = [];
      if (early.length > 0) attached.deliver(createBatch(early, false));
    },
    end: leave,
    next() {
      return new Promise<Step>((resolve, reject) => {
        readers.push({ resolve, reject });
        settle();
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
    deliver(batch) {
      if (end !== undefined) return;
      if (batch.isNewestOnly) {
        const [frame] = batch.frames;
        if (frame === newest) return; // told on joining already
        newest = frame;
      }
      if (sink === undefined) queue(batch.frames);
      else sink.deliver(batch);
    },
    end: close,
    results,
  };
  return member;
}
