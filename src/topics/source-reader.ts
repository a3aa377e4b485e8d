import type { Pushing, Receiver } from 'yoga-shared-subscriptions';

/** Events that can be asked for one by one, or be pushed. */
export type SourceEvents<Event> = AsyncGenerator<Event, undefined, undefined> & Pushing<Event>;

/** Serves the reader of a source: each call of `next` gets an event as soon as there is one, and a receiver gets each at once. */
export interface SourceReader<Event> {
  readonly events: SourceEvents<Event>;
  /** Gives a reader that waits the next event, or the failure. To be called when there may be one. */
  settle(): void;
  /** The reader gets the events that are there, then this error, then nothing more. */
  fail(error: Error): void;
  /** Whether it was closed or has failed: no more events come. */
  readonly isOver: boolean;
  /** Ends it; safe to call at any time and more than once. */
  close(): void;
}

/**
 * @param takeNext takes the next event, if there is one.
 * @param onClose called at the end, which may be reported more than once.
 */
export function createSourceReader<Event>(
  takeNext: () => Event | undefined,
  onClose: () => void,
): SourceReader<Event> {
  type Step = IteratorResult<Event, undefined>;
  const done: Step = { done: true, value: undefined };
  let reader: { resolve(step: Step): void; reject(error: Error): void } | undefined;
  let receiver: Receiver<Event> | undefined;
  /** Whether the receiver has not done yet with the event that was pushed last. */
  let isTaking = false;
  let failure: Error | undefined;
  let isClosed = false;

  function close(): void {
    isClosed = true;
    onClose();
    reader?.resolve(done);
    reader = undefined;
    receiver?.end();
    receiver = undefined;
  }

  function settle(): void {
    if (receiver !== undefined) push(receiver);
    if (reader === undefined) return;
    const { resolve, reject } = reader;
    const next = takeNext();
    if (next !== undefined) {
      reader = undefined;
      resolve({ done: false, value: next });
    } else if (failure !== undefined) {
      reader = undefined;
      close();
      reject(failure);
    }
  }

  function push(to: Receiver<Event>): void {
    while (!isTaking && receiver !== undefined) {
      const next = takeNext();
      if (next === undefined) break;
      isTaking = true;
      const taken = to.take(next);
      if (taken !== undefined) return void taken.then(goOn);
      isTaking = false;
    }
    if (isTaking || receiver === undefined || failure === undefined) return;
    receiver = undefined;
    close();
    to.fail(failure);
  }

  function goOn(): void {
    isTaking = false;
    settle();
  }

  const events: SourceEvents<Event> = {
    next() {
      if (isClosed) return Promise.resolve(done);
      return new Promise((resolve, reject) => {
        reader = { resolve, reject };
        settle();
      });
    },
    return() {
      close();
      return Promise.resolve(done);
    },
    throw(error: unknown) {
      close();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]: () => events,
    pushTo(to) {
      if (isClosed) return to.end();
      receiver = to;
      settle();
    },
  };
  return {
    events,
    settle,
    fail(error) {
      failure ??= error;
      settle();
    },
    get isOver() {
      return isClosed || failure !== undefined;
    },
    close,
  };
}
