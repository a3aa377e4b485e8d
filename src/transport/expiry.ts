/** Calls back at set times, for many who wait for few of them. */
export interface Expiries {
  /**
   * Calls back once at a time, in milliseconds since 1970; at the next turn if that has passed. Returns how to stop waiting.
   */
  at(timeMs: number, expire: () => void): () => void;
}

/** What `setTimeout` can wait at most, in milliseconds; beyond it, one just waits again. */
const MAX_TIMER_MS = 2_147_483_647;

interface Moment {
  readonly waiting: Set<() => void>;
  timer: NodeJS.Timeout;
}

/**
 * One timer for all that expire at the same time: tokens end by whole seconds, and of sockets there are far more than of those
 * seconds.
 */
export function createExpiries(): Expiries {
  const moments = new Map<number, Moment>();

  function startTimer(timeMs: number): NodeJS.Timeout {
    const remaining = timeMs - Date.now();
    return setTimeout(
      () => (remaining > MAX_TIMER_MS ? waitAgain(timeMs) : expireAll(timeMs)),
      Math.min(Math.max(remaining, 0), MAX_TIMER_MS),
    );
  }

  function waitAgain(timeMs: number): void {
    const moment = moments.get(timeMs);
    if (moment !== undefined) moment.timer = startTimer(timeMs);
  }

  function expireAll(timeMs: number): void {
    const expired = moments.get(timeMs)?.waiting ?? [];
    moments.delete(timeMs);
    for (const expire of expired) expire();
  }

  return {
    at(timeMs, expire) {
      const moment = moments.get(timeMs) ?? { waiting: new Set(), timer: startTimer(timeMs) };
      moments.set(timeMs, moment);
      moment.waiting.add(expire);
      return () => {
        if (!moment.waiting.delete(expire) || moment.waiting.size > 0) return;
        clearTimeout(moment.timer);
        if (moments.get(timeMs) === moment) moments.delete(timeMs);
      };
    },
  };
}
