import { type SteadyRows, useReading, useSteadyRows } from 'dms-live-react';
import type { RefCallback } from 'react';
import type { Id, Page } from '../api/rows.ts';

interface SteadyListOptions {
  /** Its filters and its order in one text: another list is shown at once. */
  readonly list?: string | undefined;
  /** Whether one of its rows is open beside it. */
  readonly hasOpenRow?: boolean;
  /** It is the beginning of a longer list. */
  readonly isCut?: boolean;
}

interface SteadyList<Row> extends SteadyRows<Row> {
  /** For the element that holds the rows. */
  readonly ref: RefCallback<HTMLElement>;
  /** Shows the newest rows, from the first on. */
  readonly showNewest: () => void;
}

const idOf = ({ id }: { readonly id: Id }): string => String(id);

/** Rows that stay where they are while somebody points at them, reads further down, or has one open. */
export function useSteadyList<Row extends { readonly id: Id }>(
  rows: readonly Row[],
  { list = '', hasOpenRow = false, isCut = false }: SteadyListOptions,
): SteadyList<Row> {
  const { isReading, ref } = useReading();
  const steady = useSteadyRows(rows, { getId: idOf, hold: isReading || hasOpenRow, list, isCut });
  function showNewest(): void {
    steady.release();
    const section = document.querySelector<HTMLElement>('main section');
    section?.scrollTo({ top: 0 });
    section?.focus(); // the pill that had the focus goes
  }
  return { ...steady, ref, showNewest };
}

/** The name of a list by its filters. While its rows are on their way, those of the last one are there: another list. */
export function listName(
  { isPlaceholderData }: { readonly isPlaceholderData: boolean },
  filters: readonly string[],
): string {
  return JSON.stringify([isPlaceholderData, ...filters]);
}

/** Whether the server has sent only the newest rows. */
export function isCut(page: Page<unknown> | undefined): boolean {
  return page !== undefined && page.results.length < page.count;
}
