/** When to connect to Redis again, and when to leave it. */

/** The longest pause between two attempts to reconnect, in milliseconds: events flow again soon after Redis is back. */
const MAX_RETRY_DELAY_MS = 500;

/** The first pause, in milliseconds: mostly only the connection was cut, and can be made again at once. */
const FIRST_RETRY_MS = 10;
/** Attempts that lie further apart than this, in milliseconds, belong to different outages. */
const OUTAGE_MS = 2000;

/** How long to wait before the next attempt to connect, in milliseconds. */
export interface RetryStrategy {
  (): number;
  /** A connection works: the next pause is short again. */
  succeed(): void;
}

/**
 * Waits a little longer before each attempt. It has a count of its own: that of ioredis begins again as soon as Redis has accepted a
 * connection, even if Redis then refuses the password.
 */
export function createRetryStrategy(): RetryStrategy {
  let attempts = 0;
  let triedAt = Number.NEGATIVE_INFINITY;
  const next = (): number => {
    const now = performance.now();
    attempts = now - triedAt < OUTAGE_MS ? attempts + 1 : 0;
    triedAt = now;
    return Math.min(FIRST_RETRY_MS + 50 * attempts, MAX_RETRY_DELAY_MS);
  };
  const succeed = (): void => {
    triedAt = Number.NEGATIVE_INFINITY;
  };
  return Object.assign(next, { succeed });
}

/** How long a connection that met a replica is kept before it is left again, in milliseconds: at first, and at most. */
const MIN_STAY_MS = 10_000;
const MAX_STAY_MS = 300_000;

/**
 * Says whether to leave a connection after an error. A primary that has become a replica takes no writes, and connecting again finds
 * the new primary. If it finds the same replica, as when somebody demoted it by hand, reading goes on there, and further attempts
 * are rare.
 */
export function createDemotionGuard(): (error: Error) => boolean {
  let leftAt = Number.NEGATIVE_INFINITY;
  let stayMs = MIN_STAY_MS;
  return (error) => {
    if (!error.message.startsWith('READONLY')) return false;
    const sinceMs = performance.now() - leftAt;
    if (sinceMs < stayMs) return false;
    stayMs = sinceMs > 2 * MAX_STAY_MS ? MIN_STAY_MS : Math.min(stayMs * 2, MAX_STAY_MS);
    leftAt = performance.now();
    return true;
  };
}
