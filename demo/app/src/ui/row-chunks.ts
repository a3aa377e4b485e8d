import type { SteadyRow } from 'dms-live-react';
import type { Id } from '../api/rows.ts';

/** Some rows of a list that follow each other. It is the same object for as long as nothing in it changes. */
export interface Chunk<Row> {
  /** Names it among the chunks of its list. */
  readonly key: number;
  readonly rows: readonly SteadyRow<Row>[];
}

/** How many rows a new chunk has. It may grow to twice as many. */
const SIZE = 50;

/**
 * Divides a list, so that a change of one row renders its chunk and not the list. Rows stay in their chunks when others come, go or
 * move: React removes a row that goes into another chunk, and creates it there.
 * @param before how the list was divided before.
 */
export function chunkRows<Row extends { readonly id: Id }>(
  before: readonly Chunk<Row>[],
  rows: readonly SteadyRow<Row>[],
): readonly Chunk<Row>[] {
  const known = new Map(before.map((chunk) => [chunk.key, chunk]));
  const keyOf = new Map(before.flatMap(({ key, rows: its }) => its.map(({ row }) => [row.id, key] as const)));
  const begun = new Set<number>();
  const chunks: { readonly key: number; readonly rows: SteadyRow<Row>[] }[] = [];
  let unused = Math.max(-1, ...known.keys()) + 1;

  function begin(wanted: number | undefined): void {
    const key = wanted === undefined || begun.has(wanted) ? unused++ : wanted;
    begun.add(key);
    chunks.push({ key, rows: [] });
  }

  const after = keysAfter(rows, keyOf);
  for (const [index, one] of rows.entries()) {
    const key = keyOf.get(one.row.id);
    const current = chunks.at(-1);
    // A row of another chunk begins that one, unless it stands alone between rows of this one.
    const isOfAnother = key !== undefined && !begun.has(key) && after[index + 1] !== current?.key;
    const most = after[index] === undefined ? SIZE : 2 * SIZE;
    if (current === undefined || isOfAnother || current.rows.length >= most) begin(after[index]);
    chunks.at(-1)?.rows.push(one);
  }
  return chunks.map((chunk) => {
    const old = known.get(chunk.key);
    return old !== undefined && isSame(old.rows, chunk.rows) ? old : chunk;
  });
}

/** For each row the chunk that it was in, or, of a new one, that of the next row that was in one. */
function keysAfter<Row extends { readonly id: Id }>(
  rows: readonly SteadyRow<Row>[],
  keyOf: ReadonlyMap<Id, number>,
): readonly (number | undefined)[] {
  const keys: (number | undefined)[] = [];
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const one = rows[index];
    keys[index] = (one && keyOf.get(one.row.id)) ?? keys[index + 1];
  }
  return keys;
}

function isSame<Row>(some: readonly SteadyRow<Row>[], others: readonly SteadyRow<Row>[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ row, isGone }, index) => row === others[index]?.row && isGone === others[index]?.isGone)
  );
}
