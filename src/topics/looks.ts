/**
 * Lets clients who come together share a look at something: one look serves all who came before it began, and the next one begins
 * only after it has ended.
 * @returns what a client calls when it comes. It gets the function by which it looks.
 */
export function createLooks(look: () => Promise<void>): () => () => Promise<void> {
  let arrivals = 0;
  /** How many clients had come when the last look began. */
  let served = 0;
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  function begin(): Promise<void> {
    next = undefined;
    served = arrivals;
    last = look();
    return last;
  }

  return () => {
    arrivals += 1;
    const arrival = arrivals;
    return () => {
      if (arrival <= served) return last;
      next ??= last.then(begin, begin);
      return next;
    };
  };
}
