const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * When the last hours or days of a time zone began, the current one last.
 * @param zone e.g. `Europe/Berlin`.
 * @throws {RangeError} for a zone that does not exist.
 */
export function beginningsOf(step: 'hour' | 'day', count: number, zone: string, now: number): number[] {
  const ms = step === 'hour' ? HOUR_MS : DAY_MS;
  const offset = offsetAt(now, zone);
  const current = Math.floor((now + offset) / ms) * ms;
  return Array.from({ length: count }, (_, index) => {
    const local = current - (count - 1 - index) * ms;
    // An hour is one also where clocks are changed; a day begins at midnight, however long it is.
    return local - (step === 'hour' ? offset : offsetAt(local - offsetAt(local, zone), zone));
  });
}

/** By how much the clocks of a zone are ahead of UTC, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  const { year, month, day, hour, minute } = Object.fromEntries(
    clockOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const local = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute);
  return local - Math.floor(at / 60_000) * 60_000;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
/** More zones than people ask from are not remembered. */
const MOST_CLOCKS = 50;

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  if (clocks.size < MOST_CLOCKS) clocks.set(zone, clock);
  return clock;
}
