/** A source of a subscription: what is pushed comes out of the iterator, in order. */
export interface EventQueue<T> {
  /** Adds a value. Returns `false` when there is no room: the reader is too slow, and the value is not kept. */
  push(value: T): boolean;
  /** Ends the queue with an error, after what is already in it. */
  fail(error: Error): void;
  /** Ends it at once; what is in it is dropped. */
  close(): void;
  readonly iterator: AsyncGenerator<T, undefined, undefined>;
}

/**
 * @param limit how many values may wait for the reader.
 * @param onClose runs once, when the reader leaves or the queue has failed and been read to its end.
 */
export function createEventQueue<T>(limit: number, onClose: () => void): EventQueue<T> {
  type Result = IteratorResult<T, undefined>;
  const waiting: T[] = [];
  let reader: { resolve(result: Result): void; reject(error: Error): void } | undefined;
  let failure: Error | undefined;
  let isClosed = false;

  function close(): void {
    if (isClosed) return;
    isClosed = true;
    waiting.length = 0;
    onClose();
    // A reader that waits must be told, or whoever awaits it hangs for ever.
    reader?.resolve({ done: true, value: undefined });
    reader = undefined;
  }

  const iterator: AsyncGenerator<T, undefined, undefined> = {
    next() {
      const [value] = waiting.splice(0, 1);
      if (value !== undefined) return Promise.resolve({ done: false, value });
      if (isClosed) return Promise.resolve({ done: true, value: undefined });
      if (failure !== undefined) {
        close();
        return Promise.reject(failure);
      }
      return new Promise((resolve, reject) => {
        reader = { resolve, reject };
      });
    },
    return() {
      close();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw(error) {
      close();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]: () => iterator,
  };

  return {
    push(value) {
      if (isClosed || failure !== undefined) return true; // nobody reads any more
      if (reader !== undefined) {
        reader.resolve({ done: false, value });
        reader = undefined;
        return true;
      }
      if (waiting.length >= limit) return false;
      waiting.push(value);
      return true;
    },
    fail(error) {
      if (isClosed || failure !== undefined) return;
      failure = error;
      if (reader === undefined) return;
      const { reject } = reader;
      reader = undefined;
      close();
      reject(error);
    },
    close,
    iterator,
  };
}
