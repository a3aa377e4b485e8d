/** The figures of the demo: how its app draws them, and how its simulated DMS remembers them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Trends } from '../../demo/app/src/api/figures.ts';
import { roundUp, scaleOf } from '../../demo/app/src/dashboard/trend-scale.ts';
import { describeFlow, describeMore } from '../../demo/app/src/dashboard/trend-words.ts';
import { describeDuration, inDigits, shortDuration } from '../../demo/app/src/words/amounts.ts';
import { createHistory } from '../../demo/server/src/history.ts';
import type { RequestRecord } from '../../demo/server/src/records.ts';
import { beginningsOf } from '../../demo/server/src/time-zone.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-25T10:00:00Z');

/** Hours, of which the last has half passed. */
function trendsOf(pending: readonly number[], more: Partial<Trends> = {}): Trends {
  return {
    computed_at: new Date(START + (pending.length - 0.5) * HOUR).toISOString(),
    known_since: new Date(START - HOUR).toISOString(),
    pending_before: 2,
    points: pending.map((waiting, hour) => ({
      at: new Date(START + hour * HOUR).toISOString(),
      opened: waiting,
      decided: 0,
      pending: waiting,
    })),
    ...more,
  };
}

describe('a chart of trends', () => {
  test('has a real axis of time: the line ends now, before the last hour does', () => {
    const { waiting, buckets } = scaleOf(trendsOf([3, 4, 5, 6]), 1);
    expect(waiting).toEqual([
      { x: 0, pending: 2 },
      { x: 25, pending: 3 },
      { x: 50, pending: 4 },
      { x: 75, pending: 5 },
      { x: 87.5, pending: 6 },
    ]);
    expect(buckets.map(({ left, width }) => [left, width])).toEqual([0, 25, 50, 75].map((x) => [x, 25]));
  });

  test('has a wider day where clocks go back', () => {
    const days = ['2026-10-23T22:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'];
    const points = days.map((at) => ({ at, opened: 0, decided: 0, pending: 0 }));
    const { buckets } = scaleOf(trendsOf([], { points, computed_at: '2026-10-26T12:00:00Z' }), 7);
    expect(buckets.map(({ width }) => Math.round(width * 0.73))).toEqual([24, 25, 24]);
  });

  test('begins where the DMS begins to know, with one point if that is now', () => {
    const since = new Date(START + 2.5 * HOUR).toISOString();
    expect(scaleOf(trendsOf([0, 0, 5, 6], { known_since: since, pending_before: 0 }), 1).waiting).toEqual([
      { x: 62.5, pending: 0 },
      { x: 75, pending: 5 },
      { x: 87.5, pending: 6 },
    ]);
    const nothing = scaleOf(trendsOf([0], { known_since: null, pending_before: 0 }), 1);
    expect([nothing.waiting, nothing.mostWaiting]).toEqual([
      [
        { x: 50, pending: 0 },
        { x: 50, pending: 0 },
      ],
      2,
    ]);
  });

  test('ends its scale with a round number that everything fits under, from 0 to 100,000 and beyond', () => {
    expect([0, 1, 3, 10, 11, 99_999, 100_001].map(roundUp)).toEqual([2, 2, 5, 10, 20, 100_000, 200_000]);
    fc.assert(
      fc.property(fc.nat(), (most) => {
        expect(roundUp(most)).toBeGreaterThanOrEqual(most);
        expect(roundUp(most)).toBeLessThanOrEqual(Math.max(2, most * 2.5));
      }),
    );
  });

  test('says in words whether it gets better or worse, and nothing of a time that the DMS does not know', () => {
    expect(describeMore(trendsOf([9, 5]), 1, 'wait')).toBe('3 more wait than 24 hours ago');
    expect(describeMore(trendsOf([9, 0]), 7)).toBe('2 fewer than a week ago');
    expect(describeMore(trendsOf([9, 2]), 30)).toBe('As many as a month ago');
    expect(describeMore(trendsOf([9, 2], { known_since: new Date(START + 1).toISOString() }), 1)).toBe(
      undefined,
    );
    expect(describeFlow(trendsOf([99_999, 1]))).toBe('100,000 opened, 0 decided.');
  });
});

test('durations are said as far as they matter', () => {
  const said = [59_000, 60_000, 119 * 60_000, 2 * HOUR, 47 * HOUR, 48 * HOUR, 1000 * 24 * HOUR].map(
    describeDuration,
  );
  expect(said).toEqual([
    'less than a minute',
    '1 minute',
    '119 minutes',
    '2 hours',
    '47 hours',
    '2 days',
    '1,000 days',
  ]);
  expect([0, 119 * 60_000, 47 * HOUR, 48 * HOUR].map(shortDuration)).toEqual([
    '< 1 min',
    '119 min',
    '47 h',
    '2 d',
  ]);
  expect(inDigits(100_000)).toBe('100,000');
});

describe('The simulated DMS', () => {
  const request = (status: RequestRecord['status'], unitId: RequestRecord['unitId'] = '1'): RequestRecord =>
    ({ id: '7', status, unitId, approvalDate: status === 'APPROVED' ? 'then' : null }) as RequestRecord;

  test('remembers how requests came and went, also of those that it has forgotten and of those that moved', () => {
    const history = createHistory();
    history.note(START, undefined, request('PENDING'));
    history.note(START + 1, request('PENDING'), request('SENT_BACK'));
    history.note(START + HOUR, request('SENT_BACK'), request('PENDING'));
    history.note(START + HOUR, request('PENDING'), request('PENDING', '2'));
    history.note(START + 2 * HOUR, request('PENDING', '2'), request('APPROVED', '2'));
    history.note(START + 2 * HOUR, request('APPROVED', '2'), {
      ...request('COMPLETED', '2'),
      approvalDate: 'then',
    });
    const flows = (unitId: string | null) =>
      [0, 1, 2].map((hour) => history.flow(unitId, START + hour * HOUR, START + (hour + 1) * HOUR));
    expect(flows('1')).toEqual([
      { opened: 1, decided: 0, pending: 0 },
      { opened: 0, decided: 0, pending: 0 },
      { opened: 0, decided: 0, pending: 0 },
    ]);
    expect(flows('2').map(({ decided, pending }) => [decided, pending])).toEqual([
      [0, 0],
      [0, 1],
      [1, -1],
    ]);
    expect(flows(null)[1]).toEqual({ opened: 0, decided: 0, pending: 1 });
    history.note(START + 40 * 24 * HOUR, undefined, request('PENDING'));
    expect(history.flow('1', 0, START + HOUR).opened).toBe(0); // a month is enough
    expect([history.since(null), history.since('2'), history.since('3')]).toEqual([
      START,
      START + HOUR,
      undefined,
    ]);
  });

  test('knows when the hours and days of a time zone begin, also where clocks change', () => {
    const iso = (all: readonly number[]) => all.map((at) => new Date(at).toISOString().slice(0, 16));
    const now = Date.parse('2026-10-26T12:34:56Z');
    expect(iso(beginningsOf('hour', 2, 'Asia/Kolkata', now))).toEqual([
      '2026-10-26T11:30',
      '2026-10-26T12:30',
    ]);
    expect(iso(beginningsOf('day', 3, 'Europe/Berlin', now))).toEqual([
      '2026-10-23T22:00',
      '2026-10-24T22:00',
      '2026-10-25T23:00',
    ]);
    const autumn = Date.parse('2026-10-25T02:10:00Z'); // two o'clock has been twice in Berlin
    expect(iso(beginningsOf('hour', 4, 'Europe/Berlin', autumn))).toEqual([
      '2026-10-24T23:00',
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
    ]);
    expect(() => beginningsOf('day', 1, 'Nowhere', now)).toThrow(RangeError);
  });
});
