const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const CLOCK_SECONDS = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Whether the DMS kept the day only: `2026-11-22`. */
function isDay(iso: string): boolean {
  return iso.length === 'YYYY-MM-DD'.length;
}

/** Short and of even width: the time if it is today's, else the day. */
export function shortTime(iso: string | null): string {
  if (iso === null) return '';
  const at = new Date(iso);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday && !isDay(iso) ? CLOCK.format(at) : DAY.format(at);
}

export function fullTime(iso: string | null): string {
  if (iso === null) return '';
  return isDay(iso)
    ? new Date(iso).toLocaleDateString('en-GB', { dateStyle: 'medium' })
    : FULL.format(new Date(iso));
}

/** `at 10:02`, or `on 25 Nov at 10:02` if it was not today. */
export function momentOf(ms: number): string {
  const at = new Date(ms);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? `at ${CLOCK.format(at)}` : `on ${DAY.format(at)} at ${CLOCK.format(at)}`;
}

/** The time if it is today's, else the day too: `09:58`, `25 Nov 2026, 09:58`. */
export function clockOrDay(at: number): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return (isToday ? CLOCK : FULL).format(new Date(at));
}

export function clockWithSeconds(at: string | number): string {
  return CLOCK_SECONDS.format(new Date(at));
}
