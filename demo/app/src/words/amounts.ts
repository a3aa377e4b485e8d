const NUMBER = new Intl.NumberFormat('en-GB');

/** `100,000` */
export function inDigits(count: number): string {
  return NUMBER.format(count);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `3 hours`, as far as it matters to somebody who waits. */
export function describeDuration(ms: number): string {
  if (ms < MINUTE) return 'less than a minute';
  if (ms < 2 * HOUR) return plural(Math.floor(ms / MINUTE), 'minute');
  if (ms < 2 * DAY) return plural(Math.floor(ms / HOUR), 'hour');
  return plural(Math.floor(ms / DAY), 'day');
}

function plural(count: number, word: string): string {
  return `${inDigits(count)} ${word}${count === 1 ? '' : 's'}`;
}
