/** Calls back at set times, for many callers and few different times. */
export interface SharedTimers {
  /**
   * Calls back once: at a time in milliseconds since 1970 by the wall clock, or when the time from now until then has passed by the
   * monotonic clock, whichever comes first. If the time has passed already, it calls back in the next turn. Returns how to stop.
   */
  at(timeMs: number, expire: () => void): () => void;
}

/**
 * The longest time between two looks at the clocks, in milliseconds. A timer that was set for the whole time would not notice
 * that the clock was set, and on a machine that sleeps it would stand still.
 */
const LOOK_MS = 1000;

/** Callbacks that are due at the same time. */
interface Moment {
  readonly key: string;
  readonly timeMs: number;
  /** The same by the monotonic clock. It cannot be set back, so setting the wall clock back prolongs nothing. */
  readonly deadlineMs: number;
  readonly waiting: Set<() => void>;
}

/**
 * Uses one timer for all. Tokens expire at whole seconds, and there are far more sockets than different seconds. While nobody waits
 * there is no timer.
 */
export function createSharedTimers(): SharedTimers {
  const moments = new Map<string, Moment>();
  let timer: NodeJS.Timeout | undefined;
  let nextLookMs = Number.POSITIVE_INFINITY;

  function lookIn(waitMs: number): void {
    const delayMs = Math.min(Math.max(waitMs, 0), LOOK_MS);
    clearTimeout(timer);
    nextLookMs = performance.now() + delayMs;
    timer = setTimeout(look, delayMs);
  }

  function stopLooking(): void {
    clearTimeout(timer);
    nextLookMs = Number.POSITIVE_INFINITY;
  }

  function look(): void {
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const moment of moments.values()) {
      const leftMs = remaining(moment);
      if (leftMs > 0) {
        soonestMs = Math.min(soonestMs, leftMs);
        continue;
      }
      moments.delete(moment.key);
      for (const expire of moment.waiting) expire();
    }
    if (moments.size > 0) lookIn(soonestMs);
    else stopLooking();
  }

  function momentAt(timeMs: number): Moment {
    const deadlineMs = performance.now() + (timeMs - Date.now());
    // Where the clock was set, the same time is another one by the monotonic clock.
    const key = `${timeMs} ${Math.round(deadlineMs / 1000)}`;
    const moment = moments.get(key) ?? { key, timeMs, deadlineMs, waiting: new Set() };
    moments.set(key, moment);
    return moment;
  }

  return {
    at(timeMs, expire) {
      const moment = momentAt(timeMs);
      moment.waiting.add(expire);
      const leftMs = remaining(moment);
      if (performance.now() + leftMs < nextLookMs) lookIn(leftMs);
      return () => {
        if (!moment.waiting.delete(expire) || moment.waiting.size > 0) return;
        if (moments.get(moment.key) === moment) moments.delete(moment.key);
        if (moments.size === 0) stopLooking();
      };
    },
  };
}

function remaining({ timeMs, deadlineMs }: Moment): number {
  return Math.min(timeMs - Date.now(), deadlineMs - performance.now());
}
