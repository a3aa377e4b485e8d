/** Days of the reader's own time zone, and the instants where they begin. */

/** `2026-11-20` → `2026-11-20T00:00:00+01:00`; empty where it is no day. */
export function startOfDay(day: string): string {
  return instantAt(day, 0);
}

/** The first instant after a day: the next midnight, also where that is 23 or 25 hours later. */
export function endOfDay(day: string): string {
  return instantAt(day, 1);
}

function instantAt(day: string, daysLater: number): string {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  if (year === undefined) return '';
  const local = new Date(Number(year), Number(month) - 1, Number(date) + daysLater);
  return Number.isNaN(local.getTime()) ? '' : writeLocal(local);
}

function writeLocal(at: Date): string {
  const day = [at.getFullYear(), twoDigits(at.getMonth() + 1), twoDigits(at.getDate())].join('-');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':');
  return `${day}T${time}${offsetOf(at)}`;
}

/** `+01:00`, with a colon; `+00:00` in London's winter. */
export function offsetOf(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

const WITH_SECONDS = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', year: 'numeric' });

/** `26 Nov 2026, 10:58:12 (UTC+01:00)` */
export function localTime(iso: string): string {
  const at = new Date(iso);
  return `${WITH_SECONDS.format(at)} (UTC${offsetOf(at)})`;
}

/** `2026-11-26 09:58:12 UTC` */
export function utcTime(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `26 Nov 2026` and `10:58:12` */
export function dayAndClock(iso: string): readonly [day: string, clock: string] {
  const at = new Date(iso);
  return [DAY.format(at), CLOCK.format(at)];
}

/** `Europe/Berlin, UTC+01:00` as of now; where nothing else is said by it, `UTC`. */
export function ownTimeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone === 'UTC' ? timeZone : `${timeZone}, UTC${offsetOf(new Date())}`;
}
