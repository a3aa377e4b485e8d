/** A worker that lived for this long is no failure of the start, in milliseconds. */
const STABLE_MS = 60_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 30_000;
/** After this number of failures in a row a worker is hopeless. Together they take about half a minute. */
const MAX_FAILURES = 9;

/** When a worker that died is started again. */
export interface Restarts {
  /**
   * A worker died.
   * @returns the delay before the next one, in milliseconds; `undefined`: it failed again and again.
   */
  died(livedMs: number): number | undefined;
}

/** Doubles the delay with each failure in a row, so that a worker that cannot live costs little. */
export function createRestarts(): Restarts {
  let failures = 0;
  return {
    died(livedMs) {
      if (livedMs >= STABLE_MS) failures = 0;
      failures += 1;
      if (failures > MAX_FAILURES) return undefined;
      return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
    },
  };
}
