/** Reads a value for each name. */
export type ReadAll<Value> = (names: readonly string[]) => Promise<readonly Value[]>;

/** So many are read at once; more would keep Redis from others for longer than its answer is worth. */
const MAX_NAMES = 300;

interface Reading<Value> {
  /** Each name once, and where its value is found. */
  readonly places: Map<string, number>;
  readonly values: Promise<readonly Value[]>;
}

/**
 * What is asked for in one turn of the event loop is read together, and each name once: of clients that connect in crowds, as
 * after a restart, each would cost Redis and this process a command of its own.
 * @param timeoutMs how long it waits for an answer, in milliseconds; then it rejects.
 */
export function batchReads<Value>(readAll: ReadAll<Value>, timeoutMs: number): ReadAll<Value> {
  let next: Reading<Value> | undefined;

  function begin(): Reading<Value> {
    const places = new Map<string, number>();
    const values = new Promise<readonly Value[]>((resolve, reject) => {
      setImmediate(() => {
        if (next === reading) next = undefined;
        const timer = setTimeout(() => reject(new Error('timed out')), timeoutMs);
        readAll([...places.keys()])
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      });
    });
    const reading = { places, values };
    return reading;
  }

  return async (names) => {
    next ??= begin();
    const { places, values } = next;
    const wanted = names.map((name) => {
      const place = places.get(name) ?? places.size;
      places.set(name, place);
      return place;
    });
    if (places.size >= MAX_NAMES) next = undefined; // and is read when this turn ends
    const read = await values;
    return wanted.flatMap((place) => read.slice(place, place + 1));
  };
}
