import type { Bus } from '../bus/bus.ts';

/** Reads keys like the bus does. */
export type ReadKeys = Bus['read'];

/** So many keys are read at once; more would keep Redis from others for longer than its answer is worth. */
const MAX_KEYS = 300;

interface Reading {
  /** Each key once, and where its value is found. */
  readonly places: Map<string, number>;
  readonly values: Promise<(string | null)[]>;
}

/**
 * What is asked for in one turn of the event loop is read together, and each key once: of clients that connect in crowds, as
 * after a restart, each would cost Redis and this process a command of its own.
 * @param timeoutMs how long it waits for an answer, in milliseconds; then it rejects.
 */
export function gatherReads(bus: Pick<Bus, 'read'>, timeoutMs: number): ReadKeys {
  let next: Reading | undefined;

  function begin(): Reading {
    const places = new Map<string, number>();
    const values = new Promise<(string | null)[]>((resolve, reject) => {
      setImmediate(() => {
        if (next === reading) next = undefined;
        const timer = setTimeout(() => reject(new Error('timed out')), timeoutMs);
        bus
          .read([...places.keys()])
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      });
    });
    const reading = { places, values };
    return reading;
  }

  return async (keys) => {
    next ??= begin();
    const { places, values } = next;
    const wanted = keys.map((key) => {
      const place = places.get(key) ?? places.size;
      places.set(key, place);
      return place;
    });
    if (places.size >= MAX_KEYS) next = undefined; // and is read when this turn ends
    const read = await values;
    return wanted.map((place) => read[place] ?? null);
  };
}
