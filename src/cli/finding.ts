/** What a command found out, in a form for people and for programs. */

/**
 * - `ok`: as it should be.
 * - `note`: neither good nor bad, or it could not be found out.
 * - `warning`: it works, and should be looked at.
 * - `fault`: it does not work.
 */
export type Level = 'ok' | 'note' | 'warning' | 'fault';

export interface Finding {
  readonly level: Level;
  /** What was looked at, in one or two words. */
  readonly about: string;
  readonly says: string;
  /** What to do about it. */
  readonly todo?: string;
}

const WIDTH = 8;
const INDENT = ' '.repeat(WIDTH);

/** Each finding has a line, and one for what to do. A group has a heading. */
export function* writeFindings(heading: string, findings: readonly Finding[]): Generator<string> {
  if (findings.length === 0) return;
  yield heading;
  for (const { level, about, says, todo } of findings) {
    yield `  ${level.padEnd(WIDTH)}${about}: ${says.replaceAll('\n', `\n  ${INDENT}`)}`;
    if (todo !== undefined) yield `  ${INDENT}→ ${todo}`;
  }
  yield '';
}

export const ok = (about: string, says: string): Finding => ({ level: 'ok', about, says });
export const note = (about: string, says: string, todo?: string): Finding =>
  finding('note', about, says, todo);
export const warning = (about: string, says: string, todo?: string): Finding =>
  finding('warning', about, says, todo);
export const fault = (about: string, says: string, todo?: string): Finding =>
  finding('fault', about, says, todo);

function finding(level: Level, about: string, says: string, todo: string | undefined): Finding {
  return { level, about, says, ...(todo !== undefined && { todo }) };
}

/** `1 warning`, `2 warnings`, `2 processes`. */
export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun}${noun.endsWith('s') ? 'es' : 's'}`;
}

/** An instant for people: to the millisecond, in UTC. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', ' UTC');
}

/** A time for people: `240 ms`, `3.2 s`, `5 min`, `3 h`. */
export function duration(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  if (size < 1000) return `${Math.round(milliseconds)} ms`;
  if (size < 120_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (size < 7_200_000) return `${Math.round(milliseconds / 60_000)} min`;
  return `${Math.round(milliseconds / 3_600_000)} h`;
}
