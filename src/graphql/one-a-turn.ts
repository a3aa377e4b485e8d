import { setImmediate } from 'node:timers/promises';

/**
 * Lets costly answers be made one in a turn of the event loop, so that live events get through between any two of them. Returns a function
 * whose promises resolve in the order of its calls, each in a turn of its own.
 */
export function createOneATurn(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => setImmediate());
    return last;
  };
}
