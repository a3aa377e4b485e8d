/**
 * The app's table. The REST API sorts, filters and limits the rows, so all that is left to do here is to draw them. TanStack Table
 * draws nothing: with it the markup below would stay, and the page would load 12 KB more (version 9.3.1, compressed) for what is
 * a `map` here. It pays off with the first table that is paged or arranged in the browser.
 */
import type { ReactNode } from 'react';
import type { Id } from '../api/rows.ts';
import type { Sorting } from '../place/ordering.ts';
import type { Change } from '../words/activity.ts';
import { classes } from './classes.ts';
import { useNarrow } from './narrow.ts';
import { NewRowsPill } from './new-rows-pill.tsx';
import { useRowKeys } from './row-keys.ts';
import { directionOf, type Sortable, SortButton, SortSelect } from './sort.tsx';
import { useSteadyList } from './use-steady-list.ts';

export interface Column<Row> extends Sortable {
  /** Its width (`w-24`; `w-0 grow`: what the others leave) and from which page width on it is shown (`hidden xl:block`). */
  readonly className: string;
  /** @param change What a colleague did to the row a moment ago. */
  readonly cell: (row: Row, change: Change | undefined) => ReactNode;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** `undefined`: not known yet. */
  readonly rows: readonly Row[] | undefined;
  /** Its filters and its order in one text: rows are held in their places only as long as it is the same list. */
  readonly list: string;
  /** A row is open beside the table. */
  readonly hasOpenRow?: boolean;
  /** The rows are the beginning of a longer list. */
  readonly isCut?: boolean;
  /** One row, with its key. `isGone`: it has left the list, and stays where it was for as long as somebody reads it. */
  readonly renderRow: (row: Row, isGone: boolean) => ReactNode;
  /** Shown in place of rows if there are none. */
  readonly empty: ReactNode;
  /** How the rows are sorted, and by which columns they can be, also those that a narrow page does not show. Without: they cannot. */
  readonly sorting?: Sorting & { readonly columns: readonly Sortable[] };
}

/** How many rows stand in for those on their way. */
const SKELETON_ROWS = 8;

/** A table whose rows and columns keep their size whatever they hold. */
export function DataTable<Row extends { readonly id: Id }>({
  label,
  columns,
  rows,
  renderRow,
  empty,
  sorting,
  ...held
}: DataTableProps<Row>) {
  const isNarrow = useNarrow();
  const steady = useSteadyList(rows ?? [], held);
  return (
    <>
      {isNarrow && sorting !== undefined && <SortSelect columns={sorting.columns} sorting={sorting} />}
      <div className="rounded-lg border border-line bg-surface">
        <table {...useRowKeys()} {...TABLE_ROLES.table} className="block" aria-label={label}>
          <thead {...TABLE_ROLES.group} className="sticky -top-4 z-1 block">
            <tr {...TABLE_ROLES.row} className="flex">
              {columns.map((column) => (
                <th
                  key={column.header}
                  {...TABLE_ROLES.heading}
                  scope="col"
                  aria-sort={sorting && directionOf(column, sorting.ordering)}
                  className={classes(isNarrow ? 'p-0' : HEADING, column.className)}
                >
                  {sorting === undefined || isNarrow ? (
                    <span className={isNarrow ? 'sr-only' : 'px-3'}>{column.header}</span>
                  ) : (
                    <SortButton column={column} sorting={sorting} />
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody {...TABLE_ROLES.group} ref={steady.ref} className="block" aria-busy={rows === undefined}>
            {rows === undefined
              ? Array.from({ length: SKELETON_ROWS }, (_, row) => row).map((row) => (
                  <SkeletonRow key={row} columns={columns.length} />
                ))
              : steady.rows.map(({ row, isGone }) => renderRow(row, isGone))}
          </tbody>
        </table>
        {rows !== undefined && steady.rows.length === 0 && empty}
        <NewRowsPill waiting={steady.waiting} onShow={steady.showNewest} />
      </div>
    </>
  );
}

/**
 * Each row lays out its own cells, as a flex box. As a table box, a word that changes in one cell lays out all the others again: 20 ms
 * for a thousand rows, now 2 ms. Some browsers take such boxes for no table, so the roles say what they are.
 */
const TABLE_ROLES = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  heading: { role: 'columnheader' },
  cell: { role: 'cell' },
};

/** The page's padding above the table scrolls away under it. */
const HEADING =
  'h-9 shrink-0 truncate border-b border-line bg-raised text-left text-xs leading-9 font-medium text-ink-soft first:rounded-tl-lg last:rounded-tr-lg';
const ROW = 'group relative flex min-h-10 items-center border-b border-line last:border-b-0 max-md:py-2';
const CELL = 'shrink-0 truncate px-3 max-md:first:not-last:pr-0';

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

function SkeletonRow({ columns }: { readonly columns: number }) {
  return (
    <tr {...TABLE_ROLES.row} className={ROW}>
      <td {...TABLE_ROLES.cell} colSpan={columns} className={classes(CELL, 'grow')}>
        <span className="block h-2.5 w-full rounded bg-line/60" />
      </td>
    </tr>
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
