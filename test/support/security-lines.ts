import { expect } from 'vitest';
import { EVENT_NAMES, type EventName, lineSchemaOf, type SecurityLine } from '../../src/record/schema.ts';

const schemas = new Map(EVENT_NAMES.map((event) => [event, lineSchemaOf(event)]));

/** Reads a line, and checks that it has exactly the fields that its event has. */
export function readSecurityLine(text: string): SecurityLine {
  expect(text.endsWith('\n')).toBe(true);
  const line: SecurityLine = JSON.parse(text);
  const { success, error } = schemas.get(line.event)?.safeParse(line) ?? { success: false };
  if (!success) expect.fail(`${text} ${error?.message}`);
  return line;
}

export const ofEvent = (lines: readonly SecurityLine[], ...events: EventName[]): SecurityLine[] =>
  lines.filter(({ event }) => events.includes(event));

/** What began has ended, once, and after it began; no line is missing. Call it when the server has stopped. */
export function expectPairs(lines: readonly SecurityLine[]): void {
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_line, index) => index + 1));
  expect([lines[0]?.event, lines.at(-1)?.event]).toEqual(['log.opened', 'log.closed']);
  for (const [begin, end, id] of [
    ['session.opened', 'session.ended', 'session'],
    ['operation.started', 'operation.ended', 'operation'],
  ] as const) {
    const begun = ofEvent(lines, begin).map((line) => line[id]);
    const ended = ofEvent(lines, end).map((line) => line[id]);
    expect(new Set(begun).size).toBe(begun.length);
    expect(ended.toSorted()).toEqual(begun.toSorted());
    for (const name of begun) {
      const ofIt = lines.filter((line) => line[id] === name);
      expect(ofIt.findIndex(({ event }) => event === begin)).toBeLessThan(
        ofIt.findIndex(({ event }) => event === end),
      );
    }
  }
  const open = new Set(ofEvent(lines, 'session.opened').map(({ session }) => session));
  for (const { session, event } of lines)
    if (session !== undefined && event !== 'session.refused') expect(open).toContain(session);
}
