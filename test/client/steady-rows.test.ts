/** Rows that are held in their places: what is shown, what waits, and what is marked as gone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SteadyRow, steadyRows } from '../../client/src/steady/steady-rows.ts';
import { createPresentStore } from '../../demo/app/src/presence/present-store.ts';
import { type Chunk, chunkRows } from '../../demo/app/src/ui/row-chunks.ts';

interface Row {
  readonly id: number;
  readonly state: number;
}

const getId = ({ id }: Row): number => id;
const rowsOf = (...ids: readonly number[]): Row[] => ids.map((id) => ({ id, state: 0 }));

/** `1 2- 3`: the second one is gone. */
const inWords = (rows: readonly SteadyRow<Row>[]): string =>
  rows.map(({ row, isGone }) => `${row.id}${isGone ? '-' : ''}`).join(' ');

/** Shows lists one after the other, and holds the first. */
function hold(lists: readonly (readonly Row[])[], isCut = false) {
  let shown: readonly SteadyRow<Row>[] | undefined;
  let waiting = 0;
  for (const list of lists) ({ rows: shown, waiting } = steadyRows(shown, list, { getId, isCut }));
  return `${inWords(shown ?? [])} | ${waiting}`;
}

test.each([
  ['new rows wait', [rowsOf(1, 2), rowsOf(4, 3, 1, 2)], false, '1 2 | 2'],
  ['a row that has left stays in its place, marked', [rowsOf(1, 2, 3), rowsOf(1, 3)], false, '1 2- 3 | 0'],
  ['a row that is back is no longer marked', [rowsOf(1, 2), rowsOf(1), rowsOf(2, 1)], false, '1 2 | 0'],
  ['a row that came and left does not wait', [rowsOf(1), rowsOf(2, 1), rowsOf(1)], false, '1 | 0'],
  ['what is added at the end is shown', [rowsOf(1, 2), rowsOf(3, 1, 2, 4, 5)], false, '1 2 4 5 | 1'],
  ['rows stay in their order', [rowsOf(1, 2, 3), rowsOf(3, 2, 1)], false, '1 2 3 | 0'],
  [
    'of an empty list nothing is held, as before the first rows are there',
    [rowsOf(), rowsOf(1)],
    false,
    '1 | 0',
  ],
  ['what is pushed out at the end is not marked', [rowsOf(3, 2, 1), rowsOf(5, 4, 3)], true, '3 2 1 | 2'],
  ['a gap before the end is no push', [rowsOf(3, 2, 1), rowsOf(4, 3, 1)], true, '3 2- 1 | 1'],
  ['no more is pushed out than has come in', [rowsOf(3, 2, 1), rowsOf(4, 3)], true, '3 2- 1 | 1'],
  ['nothing is pushed out of a whole list', [rowsOf(3, 2, 1), rowsOf(5, 4, 3)], false, '3 2- 1- | 2'],
])('%s', (_name, lists, isCut, expected) => {
  expect(hold(lists, isCut)).toBe(expected);
});

test('a row that has not changed is the same object', () => {
  const list = rowsOf(1, 2);
  const { rows: before } = steadyRows(undefined, list, { getId });
  const { rows } = steadyRows(before, [{ id: 1, state: 1 }, ...list.slice(1)], { getId });
  expect([rows[0] === before[0], rows[1] === before[1]]).toEqual([false, true]);
});

/** A list with its rows in any order, and whether it is held when it comes. */
const step = fc.record({
  ids: fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { maxLength: 8 }),
  holds: fc.boolean(),
  isCut: fc.boolean(),
});

test('no row is lost or moves, none is older than known, and letting go shows the newest list', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let shown: readonly SteadyRow<Row>[] = [];
      const known = new Map<number, Row>();
      for (const [state, { ids, holds, isCut }] of steps.entries()) {
        const list = ids.map((id): Row => ({ id, state }));
        for (const row of list) known.set(row.id, row);
        const { rows, waiting } = steadyRows(holds ? shown : undefined, list, { getId, isCut });
        const shownIds = rows.map(({ row }) => row.id);
        const wrong = rows.filter(({ row, isGone }) => {
          const isThere = ids.includes(row.id);
          return row !== known.get(row.id) || (isGone && isThere) || (!isCut && isGone === isThere);
        });
        const hidden = ids.filter((id) => !shownIds.includes(id));
        const expected = {
          wrong: [],
          waiting: hidden.length,
          ids: holds && shown.length > 0 ? shown.map(({ row }) => row.id) : ids,
        };
        expect({
          wrong,
          waiting,
          ids: holds && shown.length > 0 ? shownIds.slice(0, shown.length) : shownIds,
        }).toEqual(expected);
        shown = rows;
      }
    }),
  );
});

/** Rows as a table shows them, which is not held. */
const shownAs = (rows: readonly Row[]): readonly SteadyRow<Row>[] =>
  rows.map((row) => ({ row, isGone: false }));
const range = (from: number, to: number): Row[] =>
  rowsOf(...Array.from({ length: to - from }, (_, index) => from + index));

/** How many chunks are rendered again. */
const rendered = (before: readonly Chunk<Row>[], after: readonly Chunk<Row>[]): number =>
  after.filter((chunk) => !before.includes(chunk)).length;

describe('Of a thousand rows', () => {
  const list = range(0, 1000);
  const before = chunkRows([], shownAs(list));
  const renderedFor = (rows: readonly Row[]): number => rendered(before, chunkRows(before, shownAs(rows)));

  test.each([
    ['none for the same rows', list, 0],
    ['one for a row that changes', list.with(123, { id: 123, state: 1 }), 1],
    ['one for new rows at the top', [...rowsOf(1001, 1002), ...list], 1],
    ['one for a row that goes', list.filter(({ id }) => id !== 123), 1],
    [
      'two for a row that moves up',
      [...list.slice(0, 70), ...rowsOf(499), ...range(70, 499), ...range(500, 1000)],
      2,
    ],
    [
      'two for a row that moves down',
      [...range(0, 70), ...range(71, 500), ...rowsOf(70), ...range(500, 1000)],
      2,
    ],
    ['those at the end for older rows', [...list, ...range(1001, 1101)], 2],
  ])('the chunks are rendered that change: %s', (_name, rows, expected) => {
    // The row objects of the list are kept, as the cache keeps them.
    expect(renderedFor(rows.map((row) => (row.state === 0 ? (list[row.id] ?? row) : row)))).toBe(expected);
  });
});

test('chunks have all rows in their order, and none is too long, whatever comes, goes and moves', () => {
  const lists = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 400, size: 'max' }));
  fc.assert(
    fc.property(lists, (steps) => {
      let chunks: readonly Chunk<Row>[] = [];
      for (const ids of steps) {
        chunks = chunkRows(chunks, shownAs(rowsOf(...ids)));
        expect(chunks.flatMap(({ rows }) => rows.map(({ row }) => row.id))).toEqual(ids);
        expect(new Set(chunks.map(({ key }) => key)).size).toBe(chunks.length);
        expect(chunks.every(({ rows }) => rows.length > 0 && rows.length <= 100)).toBe(true);
      }
    }),
    { numRuns: 30, endOnFailure: true }, // to find the shortest example took up to ten minutes
  );
});

test('somebody who comes, acts or goes renders the faces of one row', () => {
  const store = createPresentStore();
  const at = (objectId: string, userId: string, doing: 'LOOKING' | 'ACTING' = 'LOOKING') =>
    ({ objectId, userId, doing, unitId: '1', name: null, role: null, action: null, since: '' }) as const;
  const seen: string[] = [];
  for (const row of ['1', '2', '3']) store.watch(row, () => seen.push(row));
  store.set([at('1', 'ada'), at('2', 'noor')]);
  const faces = store.get('1');
  store.set([at('1', 'ada'), at('2', 'noor', 'ACTING')]);
  expect(store.get('1')).toBe(faces);
  store.set([at('1', 'ada')]);
  expect([seen, store.get('2')]).toEqual([['1', '2', '2', '2'], []]);
});
