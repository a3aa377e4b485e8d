/** Measures how long ago something was. */
export interface Stopwatch {
  restart(): void;
  /** In milliseconds. */
  readonly elapsedMs: number;
}

/**
 * A time that must not be thought shorter than it was, by the larger of two clocks: the monotonic one cannot be set back, but
 * may stand still while a laptop sleeps; the wall clock goes on.
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
