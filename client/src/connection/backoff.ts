export interface Backoff {
  /** How long to wait before the next attempt, in milliseconds. */
  next(): number;
  /** It has worked: the next wait is a short one again. */
  reset(): void;
}

/**
 * Exponential backoff with full jitter: a random wait up to a bound that doubles with each attempt, so that clients which were
 * cut off together do not come back together.
 */
export function createBackoff(firstMs: number, maxMs: number): Backoff {
  let boundMs = firstMs;
  return {
    next() {
      const waitMs = Math.random() * boundMs;
      boundMs = Math.min(boundMs * 2, maxMs);
      return waitMs;
    },
    reset() {
      boundMs = firstMs;
    },
  };
}
