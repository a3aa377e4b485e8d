/** What happens later has a later moment, by at least this. */
const STEP_MS = 0.001;

/** Large, so that a moment some minutes before the page was opened is above 0, which stands for "never". */
let moment = 3_600_000;
let monotonic = 0;
let wall = 0;

/**
 * The next moment of this page, in milliseconds. Moments only grow, so that they say which of two things came first. Like a stopwatch
 * they follow the faster one of two clocks: what is long ago never seems to be less long ago.
 */
export function tick(): number {
  const [monotonicBefore, wallBefore] = [monotonic, wall];
  monotonic = performance.now();
  wall = Date.now();
  if (wallBefore === 0) return moment;
  moment += Math.max(STEP_MS, monotonic - monotonicBefore, wall - wallBefore);
  return moment;
}
