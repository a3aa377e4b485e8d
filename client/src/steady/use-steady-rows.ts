'use client';

import { useEffect, useReducer, useRef } from 'react';
import { type Steady, type SteadyRow, steadyRows } from './steady-rows.ts';

export interface SteadyRowsOptions<Row> {
  /** What a row is known by, also after a change. */
  readonly getId: (row: Row) => string | number;
  /** Whether rows have to stay where they are; see {@link useReading}. Once it is false, the newest list is shown. */
  readonly hold: boolean;
  /** Which list it is, such as its filters and its order in one text: of another one nothing is held. */
  readonly list?: string;
  /** The list is the beginning of a longer one: what newer rows push out at its end is not marked as gone. Default: false. */
  readonly isCut?: boolean;
}

export interface SteadyRows<Row> extends Steady<Row> {
  /** Shows the newest list now, and holds that from then on. */
  readonly release: () => void;
}

/**
 * Rows that do not move while somebody points at them, reads them or has one open. What changes, changes in place; a row that leaves
 * the list stays, marked `isGone`; new rows wait, and `waiting` says how many.
 *
 * ```tsx
 * const { isReading, ref } = useReading();
 * const { rows, waiting, release } = useSteadyRows(page.results, { getId: ({ id }) => id, hold: isReading });
 * ```
 */
export function useSteadyRows<Row>(
  rows: readonly Row[],
  { hold, list = '', ...options }: SteadyRowsOptions<Row>,
): SteadyRows<Row> {
  const [releases, release] = useReducer((count: number) => count + 1, 0);
  const key = `${releases} ${list}`;
  const last = useRef<{ readonly key: string; readonly rows: readonly SteadyRow<Row>[] }>(undefined);
  const shown = hold && last.current?.key === key ? last.current.rows : undefined;
  const steady = steadyRows(shown, rows, options);
  useEffect(() => {
    last.current = { key, rows: steady.rows };
  });
  return { ...steady, release };
}
