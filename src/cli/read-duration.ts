import { UsageError } from './command.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** Longer timers of Node end at once. */
const LONGEST_MS = 500 * 3_600_000;

/** Reads `500ms`, `30s`, `10m` or `2h`, in milliseconds. */
export function readDuration(option: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const [, number, unit = ''] = /^(\d{1,6})(ms|s|m|h)$/.exec(written) ?? [];
  const factor = UNITS[unit];
  if (number === undefined || factor === undefined)
    throw new UsageError(`--${option}: write a number and ms, s, m or h, such as 10m.`);
  const milliseconds = Number(number) * factor;
  if (milliseconds > LONGEST_MS) throw new UsageError(`--${option}: at most 500h.`);
  return milliseconds;
}
