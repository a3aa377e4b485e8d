/** Instants as ISO 8601 writes them, to any fraction of a second: a `Date` knows milliseconds, databases know more. */

/** An instant in two parts: the whole second, as a `Date` counts it, and the digits of its fraction. */
interface Instant {
  readonly wholeMs: number;
  readonly fraction: string;
}

const WRITTEN = /^([^.]*)(?:\.(\d+))?(Z|[+-].*)$/;

function readInstant(written: string): Instant {
  const [, whole = '', fraction = '', zone = ''] = WRITTEN.exec(written) ?? [];
  return { wholeMs: Date.parse(whole + zone), fraction };
}

/** Negative if `a` is earlier than `b`, 0 if they are the same moment, however they are written. */
export function compareInstants(a: string, b: string): number {
  if (a === b) return 0;
  const [first, second] = [readInstant(a), readInstant(b)];
  if (first.wholeMs !== second.wholeMs) return first.wholeMs - second.wholeMs;
  const digits = Math.max(first.fraction.length, second.fraction.length);
  const [left, right] = [first.fraction.padEnd(digits, '0'), second.fraction.padEnd(digits, '0')];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The same moment in UTC, with all its digits, three at least. */
export function toUtc(written: string): string {
  if (written.endsWith('Z')) return written;
  const { wholeMs, fraction } = readInstant(written);
  return new Date(wholeMs).toISOString().replace('000Z', `${fraction.padEnd(3, '0')}Z`);
}
