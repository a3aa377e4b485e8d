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

/** `3 h`, where there is little room. */
export function shortDuration(ms: number): string {
  if (ms < MINUTE) return '< 1 min';
  if (ms < 2 * HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${inDigits(Math.floor(ms / DAY))} d`;
}

function plural(count: number, word: string): string {
  return `${inDigits(count)} ${word}${count === 1 ? '' : 's'}`;
}
