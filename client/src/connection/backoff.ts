export interface Backoff {
  /** How long to wait before the next attempt, in milliseconds. */
  next(): number;
  /** A longer wait, for when an attempt can hardly succeed: between a third and two thirds of the largest one. */
  slow(): number;
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
    slow: () => ((1 + Math.random()) * maxMs) / 3,
    reset() {
      boundMs = firstMs;
    },
  };
}
