/** What the audit screen of the demo app computes: periods, words of changes, and the trail that is loaded. */
import { afterAll, describe, expect, test, vi } from 'vitest';
import { withNewest, withOlder } from '../../demo/app/src/api/trail.ts';
import { changesOf } from '../../demo/app/src/audit/change-words.ts';
import { endOfDay, localTime, startOfDay, utcTime } from '../../demo/app/src/audit/days.ts';
import { addressOfObject, describeObject } from '../../demo/app/src/audit/object.ts';

/** Formats take the time zone when the app is loaded. */
const zone = vi.hoisted(() => {
  const before = process.env['TZ'];
  process.env['TZ'] = 'Europe/Berlin';
  return before;
});

describe('A day', () => {
  afterAll(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  test.each([
    ['2026-11-20', '2026-11-20T00:00:00+01:00', '2026-11-21T00:00:00+01:00'],
    ['2026-12-31', '2026-12-31T00:00:00+01:00', '2027-01-01T00:00:00+01:00'],
    ['2026-03-29', '2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00'], // of 23 hours
    ['2026-10-25', '2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00'], // of 25 hours
    ['', '', ''],
    ['yesterday', '', ''],
  ])('%s is from %s until %s', (day, start, end) => {
    expect([startOfDay(day), endOfDay(day)]).toEqual([start, end]);
  });

  test('and a time say their time zone', () => {
    expect(localTime('2026-11-26T09:58:12.345Z')).toBe('26 Nov 2026, 10:58:12 (UTC+01:00)');
    expect(localTime('2026-06-26T09:58:12Z')).toBe('26 Jun 2026, 11:58:12 (UTC+02:00)');
    expect(utcTime('2026-11-26T00:58:12+01:00')).toBe('2026-11-25 23:58:12 UTC');
  });
});

describe('The trail', () => {
  const row = (id: number) => ({
    id,
    unit_id: 1,
    action: 'crate created',
    object_type: 'Crate',
    object_id: 5,
    user: null,
    at: '2026-11-26T09:58:12Z',
    ip_address: null,
    changes: null,
  });
  const page = (count: number, ...ids: number[]) => ({ count, results: ids.map(row) });
  const ids = ({ results }: { results: readonly { id: unknown }[] }) => results.map(({ id }) => id);

  test('gets new entries at the top, and its rows stay the same objects', () => {
    const known = page(9, 9, 8, 7, 6, 5);
    const newest = withNewest(known, page(11, 11, 10, 9, 8));
    expect([newest.count, ids(newest)]).toEqual([11, [11, 10, 9, 8, 7, 6, 5]]);
    expect(newest.results.slice(2)).toEqual(known.results);
    for (const [index, old] of known.results.entries()) expect(newest.results[index + 2]).toBe(old);
  });

  test('takes in an entry that was committed late', () => {
    expect(ids(withNewest(page(3, 9, 7, 6), page(4, 9, 8, 7)))).toEqual([9, 8, 7, 6]);
  });

  test('has no gap: after a long absence it begins again with the newest page', () => {
    expect(ids(withNewest(page(3, 3, 2, 1), page(9, 9, 8, 7)))).toEqual([9, 8, 7]);
    expect(ids(withNewest(page(0), page(2, 2, 1)))).toEqual([2, 1]);
    expect(ids(withNewest(page(2, 2, 1), page(0)))).toEqual([]);
    expect(ids(withNewest(undefined, page(2, 2, 1)))).toEqual([2, 1]);
  });

  test('gets older entries at its end, unless it has another end by now', () => {
    const [seven] = page(1, 7).results;
    if (seven === undefined) throw new Error('no row');
    expect(ids(withOlder(page(5, 9, 8, 7), page(5, 6, 5), seven))).toEqual([9, 8, 7, 6, 5]);
    expect(ids(withOlder(page(99, 99, 98), page(5, 6, 5), seven))).toEqual([99, 98]);
  });
});

test('Changes are listed field by field, in words', () => {
  expect(
    changesOf({
      status: ['PENDING', 'SENT_BACK'],
      approvedBy: [null, 'Peter Osei'],
      destruction_date: ['2033-12-31', ''],
      storage_id: [4, 5],
      room_name: ['OLD', 'ATTIC'],
      locations: ['1001', '1002'],
      reason: 'Which year?',
    }),
  ).toEqual([
    { field: 'status', before: 'Pending', after: 'Sent back' },
    { field: 'approved by', before: 'none', after: 'Peter Osei' },
    { field: 'destruction date', before: '31 Dec 2033', after: 'none' },
    { field: 'storage', before: '4', after: '5' },
    { field: 'room name', before: 'OLD', after: 'ATTIC' }, // as it was written
    { field: 'locations', before: undefined, after: '1001, 1002' },
    { field: 'reason', before: undefined, after: 'Which year?' },
  ]);
  expect([null, undefined, 'text', [1, 2]].map(changesOf)).toEqual([[], [], [], []]);
});

test('An object has a name and an address', () => {
  const about = (object_type: string) => ({ object_type, object_id: 7, unit_id: 2 });
  expect(['Request', 'Crate', 'Storage', 'Unit'].map((type) => describeObject(about(type)))).toEqual([
    'Request 7',
    'Crate 7',
    'Storage place 7',
    'Unit 7',
  ]);
  expect(['Request', 'Crate', 'Storage', 'Unit'].map((type) => addressOfObject(about(type)))).toEqual([
    '#/requests?open=7',
    '#/crates?open=7',
    '#/storage?unit=2&open=7',
    undefined,
  ]);
});
