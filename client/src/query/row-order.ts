import { createFaultReporter } from './app-faults.ts';
import { because } from './fetch-reasons.ts';
import type { Applied } from './kind.ts';
import type { LiveQueryKeys } from './query-keys.ts';
import { isRow, type Row, readRows, sortRows } from './rows.ts';

/**
 * How the server sorts the rows of lists, by the names of `queryKeys`: a comparator, `fetch` after each change of a row, or `keep`
 * whatever changes. Default: a list is kept if a field that the event did not change explains its order (an id, a date of
 * creation), and fetched otherwise.
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

export type LiveOrderRule = 'keep' | 'fetch' | ((one: Row, other: Row) => number);

/** Puts the rows of a list into order after some of them have changed. */
export type RowOrder = (name: string, before: unknown, after: unknown) => Applied;

export function createRowOrder(order: LiveOrder): RowOrder {
  const rules = new Map<string, LiveOrderRule>(Object.entries(order));
  const reportFault = createFaultReporter('Let it compare any two rows.');
  return (name, before, after) => {
    const rule = rules.get(name);
    const list = readRows(after);
    if (before === after || rule === 'keep' || list === undefined) return { data: after, needsFetch: false };
    if (rule === 'fetch') return { data: after, needsFetch: because('order-fetch') };
    if (rule === undefined) {
      const isSure = isOrderSure(readRows(before)?.rows ?? [], list.rows);
      return { data: after, needsFetch: !isSure && because('order') };
    }
    // The row may be on another page now.
    if (!list.isWhole || (isRow(after) && Array.isArray(after['pages'])))
      return { data: after, needsFetch: because('order-page') };
    try {
      return { data: sortRows(after, rule), needsFetch: false };
    } catch (error) {
      reportFault(`order.${name}`, error);
      return { data: after, needsFetch: because('order-threw') };
    }
  };
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
