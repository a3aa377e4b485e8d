/**
 * One tab stop for a whole table: the arrow keys go from row to row, and from the first row up to the headings that sort. It stays an
 * ordinary table and is no `grid`: by the ARIA Authoring Practices every cell of a grid can be focused, and screen readers give up
 * their own commands for tables there. Here a row has one thing to do, which is its button, and the cells are only read.
 */
import { type KeyboardEvent, type RefCallback, useCallback, useLayoutEffect, useRef } from 'react';

/** How many rows the Page keys go. */
const PAGE = 10;

/**
 * What the keys of one table need, to be given to its `<table>`.
 * @param order says which rows there are, and where: as long as it is the same, no row has come, gone or moved.
 * @param columns change with the width of the page, and the buttons of all rows with them.
 * @param also gets the table's element, too.
 */
export function useRowKeys(order: string, columns: unknown, also: RefCallback<HTMLElement>) {
  const table = useRef<HTMLTableElement | null>(null);
  const ref = useCallback(
    (element: HTMLTableElement | null) => {
      table.current = element;
      also(element);
    },
    [also],
  );
  const stop = useRef<Stop>(NO_STOP);
  const hasFocus = useRef(false);

  useLayoutEffect(() => {
    if (table.current === null) return;
    const all = stopsIn(table.current);
    const before = stop.current;
    stop.current = stopAfter(all, before);
    const { element } = stop.current;
    if (element === before.element) return;
    before.element?.setAttribute('tabindex', '-1');
    element?.setAttribute('tabindex', '0');
    // The row that had the focus is gone, and has taken it along.
    if (hasFocus.current && document.activeElement === document.body) element?.focus();
  }, [order, columns]);

  return {
    ref,
    onFocus({ target }: { readonly target: Element }) {
      hasFocus.current = true;
      if (table.current === null || !(target instanceof HTMLElement)) return;
      const { rows, headings } = stopsIn(table.current);
      const index = indexIn(rows, target);
      if (index === -1 && !headings.includes(target)) return;
      stop.current.element?.setAttribute('tabindex', '-1');
      target.setAttribute('tabindex', '0');
      stop.current = { element: target, row: rowOf(target)?.dataset['row'], index, isChosen: true };
    },
    onBlur() {
      hasFocus.current = false;
    },
    onKeyDown(event: KeyboardEvent<HTMLTableElement>) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (!(event.target instanceof HTMLElement)) return;
      const next = nextStop(event.key, stopsIn(event.currentTarget), event.target, stop.current.index);
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
    },
  };
}

/** The element with `tabindex="0"`. All others have -1, as they are rendered. */
interface Stop {
  readonly element: HTMLElement | undefined;
  /** The id of its row; `undefined`: it is a heading. */
  readonly row: string | undefined;
  /** Where its row stands. */
  readonly index: number;
  /** The user has been there. Until then the first row is the stop, whichever it is. */
  readonly isChosen: boolean;
}

const NO_STOP: Stop = { element: undefined, row: undefined, index: -1, isChosen: false };

interface Stops {
  readonly rows: readonly HTMLTableRowElement[];
  readonly headings: readonly HTMLElement[];
}

/** The rows and not their buttons: to look for those among ten thousand elements took 3 ms of each event. */
function stopsIn(table: HTMLTableElement): Stops {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  return {
    rows: rows.filter((row) => row.hasAttribute('data-row')),
    headings: [...(table.tHead?.querySelectorAll<HTMLElement>('[data-sort-button]') ?? [])],
  };
}

const BUTTON = '[data-row-button]';

const rowOf = (element: Element) => element.closest<HTMLTableRowElement>('tr[data-row]');
const buttonOf = (row: Element | undefined) => row?.querySelector<HTMLElement>(BUTTON) ?? undefined;

/** Where the row of a row's button stands; -1: it is no such button. */
function indexIn(rows: Stops['rows'], element: Element): number {
  const row = element.matches(BUTTON) ? rowOf(element) : null;
  return row === null ? -1 : rows.indexOf(row);
}

/** The stop stays on its row wherever that is now. If the row is gone, it is the one that took its place. */
function stopAfter({ rows, headings }: Stops, before: Stop): Stop {
  const { isChosen } = before;
  const isThere = isChosen && before.element?.isConnected === true;
  const same = isThere
    ? before.element
    : buttonOf(rows.find((row) => isChosen && row.dataset['row'] === before.row));
  if (same !== undefined && indexIn(rows, same) === -1) return before;
  const place = isChosen ? Math.min(Math.max(before.index, 0), rows.length - 1) : 0;
  const element = same ?? buttonOf(rows[place]) ?? headings[0];
  if (element === undefined) return NO_STOP;
  return { element, row: rowOf(element)?.dataset['row'], index: indexIn(rows, element), isChosen };
}

function nextStop(
  key: string,
  { rows, headings }: Stops,
  target: HTMLElement,
  lastRow: number,
): HTMLElement | undefined {
  const row = indexIn(rows, target);
  if (row !== -1) {
    if (key === 'ArrowUp' && row === 0) return headings.find(isSorted) ?? headings[0];
    return buttonOf(rows[nextRow(key, row, rows.length)]);
  }
  const heading = headings.indexOf(target);
  if (heading === -1) return undefined;
  if (key === 'ArrowDown') return buttonOf(rows[Math.max(0, lastRow)] ?? rows[0]);
  if (key === 'ArrowRight') return headings[heading + 1];
  if (key === 'ArrowLeft') return headings[heading - 1];
  if (key === 'Home') return headings[0];
  return key === 'End' ? headings.at(-1) : undefined;
}

const isSorted = (heading: HTMLElement): boolean => heading.closest('[aria-sort]') !== null;

/** -1: the key goes nowhere. */
function nextRow(key: string, row: number, count: number): number {
  if (key === 'ArrowDown') return row + 1;
  if (key === 'ArrowUp') return row - 1;
  if (key === 'PageDown') return Math.min(row + PAGE, count - 1);
  if (key === 'PageUp') return Math.max(row - PAGE, 0);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : -1;
}
