/** Measures how long ago something was. */
export interface Stopwatch {
  restart(): void;
  /** In milliseconds. */
  readonly elapsedMs: number;
}

/**
 * Measures by two clocks, and answers the longer time. The monotonic clock cannot be set back, but may stand still while a laptop
 * sleeps. The wall clock goes on then, but can be set back. So a time is never taken for shorter than it was.
 */
export function createStopwatch(): Stopwatch {
  let monotonic = 0;
  let wall = 0;
  const stopwatch: Stopwatch = {
    restart() {
      monotonic = performance.now();
      wall = Date.now();
    },
    get elapsedMs() {
      return Math.max(performance.now() - monotonic, Date.now() - wall);
    },
  };
  stopwatch.restart();
  return stopwatch;
}
