import type { ReactNode } from 'react';
import type { Id } from '../api/rows.ts';
import type { Change } from '../words/activity.ts';
import { classes } from './classes.ts';
import type { Sortable } from './sort.tsx';

export interface Column<Row> extends Sortable {
  /** Its width (`w-24`; `w-0 grow`: what the others leave) and from which page width on it is shown (`hidden xl:block`). */
  readonly className: string;
  /** @param change What a colleague did to the row a moment ago. */
  readonly cell: (row: Row, change: Change | undefined) => ReactNode;
}

/**
 * Each row lays out its own cells, as a flex box. As a table box, a word that changes in one cell lays out all the others again: 20 ms
 * for a thousand rows, now 2 ms. Some browsers take such boxes for no table, so the roles say what they are.
 */
export const TABLE_ROLES = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  heading: { role: 'columnheader' },
  cell: { role: 'cell' },
};

export const ROW =
  'group relative flex min-h-10 break-inside-avoid items-center border-b border-line max-md:py-2 [tbody:last-child>&:last-child]:border-b-0';
export const CELL = 'shrink-0 truncate px-3 max-md:first:not-last:pr-0';

interface TableRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  /** What was done to it a moment ago: it is marked softly for as long. */
  readonly change?: Change | undefined;
  /** Whether its details are shown beside the table. */
  readonly isOpen?: boolean;
  /** It is no longer in the list: only its first cell and these words are shown, since its other values may be old. */
  readonly goneWords?: string | undefined;
}

export function TableRow<Row extends { readonly id: Id }>({
  row,
  columns,
  change,
  isOpen = false,
  goneWords,
}: TableRowProps<Row>) {
  return (
    <tr
      {...TABLE_ROLES.row}
      data-row={row.id}
      data-changed={change !== undefined}
      data-open={isOpen}
      className={classes(
        ROW,
        'transition-colors duration-700 hover:bg-raised data-[open=true]:bg-accent-soft data-[changed=true]:bg-changed data-[changed=true]:duration-100',
      )}
    >
      {columns.map(({ header, className, cell }, index) => (
        <Cell key={header} className={classes(className, goneWords !== undefined && 'overflow-visible')}>
          {goneWords === undefined || index === 0
            ? cell(row, change)
            : index === 1 && <Gone words={goneWords} />}
        </Cell>
      ))}
    </tr>
  );
}

/** What is only text, and may be too long for its column, is its title too. */
function Cell({ className, children }: { readonly className: string; readonly children: ReactNode }) {
  return (
    <td
      {...TABLE_ROLES.cell}
      className={classes(CELL, className)}
      title={typeof children === 'string' ? children : undefined}
    >
      {children}
    </td>
  );
}

/** Over the cells that are empty then. */
function Gone({ words }: { readonly words: string }) {
  return (
    <span className="relative whitespace-nowrap text-ink-soft italic max-md:block max-md:text-xs max-md:whitespace-normal">
      {words}
    </span>
  );
}

/** Opens a row: the whole row is its button. One of all rows is the table's tab stop: see `row-keys.ts`. */
export function RowButton({
  onOpen,
  children,
}: {
  readonly onOpen: () => void;
  readonly children: ReactNode;
}) {
  return (
    <button
      type="button"
      data-row-button
      tabIndex={-1}
      onClick={onOpen}
      className="scroll-my-12 font-medium text-accent outline-none after:absolute after:inset-0 after:-outline-offset-2 focus-visible:after:outline-2 focus-visible:after:outline-accent"
    >
      {children}
    </button>
  );
}

/** An empty cell. */
export function None() {
  return (
    <span aria-hidden className="text-line-strong">
      –
    </span>
  );
}
