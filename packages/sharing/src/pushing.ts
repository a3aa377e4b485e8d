import type { ExecutionResult } from 'graphql';

/** Takes what is pushed to it. None of its functions may throw. */
export interface Receiver<Item> {
  /** Takes the next item. If it returns a promise, which must not reject, no more come until that has settled. */
  take(item: Item): void | Promise<void>;
  /** Nothing more will come. */
  end(): void;
  fail(error: unknown): void;
}

/**
 * An iterable that can push its items as well. Nobody then waits for the next one: the promises that wait would be several for each of a
 * thousand audiences, and the garbage collector would move all of them from one event to the next.
 */
export interface Pushing<Item> {
  /** From now on pushes the items to a receiver, and first those that are there. To be called instead of `next`. */
  pushTo(receiver: Receiver<Item>): void;
}

type Source = AsyncGenerator<ExecutionResult> & Partial<Pushing<ExecutionResult>>;

/** Gives the results of a source to a receiver, but none before the caller has returned. */
export function readSource(source: Source, receiver: Receiver<ExecutionResult>): void {
  if (source.pushTo === undefined) pull(source, receiver);
  else
    Promise.resolve()
      .then(() => source.pushTo?.(receiver))
      .catch(receiver.fail);
}

/** Not a loop over the source: a loop would keep each result in memory until the next one comes. */
function pull(source: Source, receiver: Receiver<ExecutionResult>): void {
  source
    .next()
    .then(async ({ done, value }) => {
      if (done === true) return receiver.end();
      await receiver.take(value);
      pull(source, receiver);
    })
    .catch(receiver.fail);
}
