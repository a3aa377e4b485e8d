/**
 * Begins to measure a time that must not be thought shorter than it was. Answers how much has passed, in milliseconds, by the
 * larger of two clocks: the monotonic one cannot be set back, but it stands still while the machine sleeps; the wall clock goes on.
 */
export function measureTime(): () => number {
  const monotonic = performance.now();
  const wall = Date.now();
  return () => Math.max(performance.now() - monotonic, Date.now() - wall);
}
