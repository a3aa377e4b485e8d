import { createFaultReporter } from './app-faults.ts';
import { because } from './fetch-reasons.ts';
import type { Applied, KeyMatch } from './kind.ts';
import type { LiveQueryKeys } from './query-keys.ts';
import { isRow, type Row, readRows, sortRows } from './rows.ts';

/**
 * How the server sorts the rows of lists, by the names of `queryKeys`: a comparator, `fetch` after each change of a row, or `keep`
 * whatever changes. Default: a list is kept if a field that the event did not change explains its order (an id, a date of
 * creation), and fetched otherwise. A comparator also gets what the query key filters by, so that lists may be sorted differently: the
 * key's template has a place for it, such as `['requests', ':requestType', ':status', ':unitId', ':ordering']`. It returns 0
 * for rows whose order does not matter, so a change that it does not look at never costs a fetch.
 *
 * ```tsx
 * const order: LiveOrder = {
 *   requests: (one, other) => String(one['status']).localeCompare(String(other['status'])),
 *   crates: 'fetch', // by the last change, which no row shows
 * };
 * <LiveProvider client={client} order={order}>…</LiveProvider>
 * ```
 */
export type LiveOrder = { readonly [Name in keyof LiveQueryKeys]?: LiveOrderRule };

export type LiveOrderRule =
  | 'keep'
  | 'fetch'
  | ((one: Row, other: Row, filters: Readonly<Record<string, unknown>>) => number);

/**
 * Puts the rows of a list into order after some of them have changed. Where only something nested in them has changed (`isNested`), the
 * order is looked at only by a comparator.
 */
export type RowOrder = (match: KeyMatch, before: unknown, after: unknown, isNested?: boolean) => Applied;

export function createRowOrder(order: LiveOrder): RowOrder {
  const rules = new Map<string, LiveOrderRule>(Object.entries(order));
  const reportFault = createFaultReporter('Let it compare any two rows.');
  return ({ name, filters }, before, after, isNested = false) => {
    const rule = rules.get(name);
    const list = readRows(after);
    const isKept = rule === 'keep' || (isNested && typeof rule !== 'function');
    if (before === after || isKept || list === undefined) return { data: after, needsFetch: false };
    if (rule === 'fetch') return { data: after, needsFetch: because('order-fetch') };
    if (typeof rule !== 'function') {
      const isSure = isOrderSure(readRows(before)?.rows ?? [], list.rows);
      return { data: after, needsFetch: !isSure && because('order') };
    }
    const compare = (one: Row, other: Row): number => rule(one, other, filters);
    try {
      if (!isAnyMoved(readRows(before)?.rows ?? [], list.rows, compare))
        return { data: after, needsFetch: false };
      // The row may be on another page now.
      if (!list.isWhole || (isRow(after) && Array.isArray(after['pages'])))
        return { data: after, needsFetch: because('order-page') };
      return { data: sortRows(after, compare), needsFetch: false };
    } catch (error) {
      reportFault(`order.${name}`, error);
      return { data: after, needsFetch: because('order-threw') };
    }
  };
}

/** Whether the comparator sees a difference between a row and what the row was before. */
function isAnyMoved(
  before: readonly Row[],
  after: readonly Row[],
  compare: (one: Row, other: Row) => number,
): boolean {
  return after.some((row, index) => {
    const old = before[index];
    return old !== undefined && old !== row && compare(old, row) !== 0;
  });
}

/** Whether a field that has not changed puts each row in its place. */
function isOrderSure(before: readonly Row[], after: readonly Row[]): boolean {
  const [first] = before;
  if (first === undefined || before.length < 2) return true;
  return Object.keys(first).some(
    (key) => isSortedBy(key, before) && after.every((row, index) => row[key] === before[index]?.[key]),
  );
}

/** Strictly, since a field that is the same in all rows explains nothing. */
function isSortedBy(key: string, rows: readonly Row[]): boolean {
  const direction = compare(rows[0]?.[key], rows[1]?.[key]);
  if (direction === 0) return false;
  return rows.every((row, index) => {
    const next = rows[index + 1];
    return next === undefined || compare(row[key], next[key]) === direction;
  });
}

/** 0: they are equal, or cannot be compared. */
function compare(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return Math.sign(one - other);
  if (typeof one !== 'string' || typeof other !== 'string') return 0;
  if (INTEGER.test(one) && INTEGER.test(other)) return Math.sign(Number(one) - Number(other));
  return one < other ? -1 : one > other ? 1 : 0;
}

const INTEGER = /^\d+$/;
