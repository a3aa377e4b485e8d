/**
 * The app's table. The REST API sorts, filters and limits the rows, so all that is left to do here is to draw them. TanStack Table
 * draws nothing: with it the markup below would stay, and the page would load 12 KB more (version 9.3.1, compressed) for what is
 * a `map` here. It pays off with the first table that is paged or arranged in the browser.
 */
import { memo, type ReactNode } from 'react';
import type { Id } from '../api/rows.ts';
import type { Sorting } from '../place/ordering.ts';
import { classes } from './classes.ts';
import { useNarrow } from './narrow.ts';
import { NewRowsPill } from './new-rows-pill.tsx';
import { useRowKeys } from './row-keys.ts';
import { directionOf, type Sortable, SortButton, SortSelect } from './sort.tsx';
import { CELL, type Column, ROW, TABLE_ROLES } from './table-row.tsx';
import { useChunks } from './use-chunks.ts';
import { useSteadyList } from './use-steady-list.ts';

/** How a row is shown. */
export interface RowState<Row> {
  readonly columns: readonly Column<Row>[];
  /** Its details are shown beside the table. */
  readonly isOpen: boolean;
  /** It has left the list, and stays where it was for as long as somebody reads it. */
  readonly isGone: boolean;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** `undefined`: not known yet. */
  readonly rows: readonly Row[] | undefined;
  /** Its filters and its order in one text: rows are held in their places only as long as it is the same list. */
  readonly list: string;
  /** The id of the row that is open beside the table; empty: none is. */
  readonly open?: string;
  /** The rows are the beginning of a longer list. */
  readonly isCut?: boolean;
  /** One row, with its key: the same function each time, which needs nothing else. An event renders the rows around its own only. */
  readonly renderRow: (row: Row, state: RowState<Row>) => ReactNode;
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
  open = '',
  list,
  isCut = false,
}: DataTableProps<Row>) {
  const isNarrow = useNarrow();
  const steady = useSteadyList(rows ?? NO_ROWS, { list, isCut, hasOpenRow: open !== '' });
  const { chunks, order } = useChunks(steady.rows, list);
  return (
    <>
      {isNarrow && sorting !== undefined && <SortSelect columns={sorting.columns} sorting={sorting} />}
      <div className="rounded-lg border border-line bg-surface">
        <table
          {...useRowKeys(order, columns, steady.ref)}
          {...TABLE_ROLES.table}
          className="block"
          aria-label={label}
        >
          <Headings columns={columns} ordering={sorting?.ordering} onSort={sorting?.onSort} />
          {rows === undefined && <Skeleton columns={columns.length} />}
          {rows !== undefined &&
            chunks.map(({ key, rows: its }) => {
              const openHere = its.some(({ row }) => String(row.id) === open) ? open : undefined;
              return (
                <RowGroup
                  key={key}
                  length={its.length}
                  by={[its, columns, renderRow, openHere]}
                  render={() =>
                    its.map(({ row, isGone }) =>
                      renderRow(row, { columns, isGone, isOpen: String(row.id) === openHere }),
                    )
                  }
                />
              );
            })}
        </table>
        {rows !== undefined && steady.rows.length === 0 && empty}
        <NewRowsPill waiting={steady.waiting} onShow={steady.showNewest} />
      </div>
    </>
  );
}

const NO_ROWS: readonly never[] = [];

interface RowGroupProps {
  readonly length: number;
  /** What decides what is rendered: as long as each of these is the same, nothing is. */
  readonly by: readonly unknown[];
  readonly render: () => ReactNode;
}

/**
 * Some rows. Where they are out of sight they are neither laid out nor painted: an event on a thousand rows took 12 ms to paint and
 * 8 ms to find what is under the pointer. They are there for the search in the page, the keyboard, screen readers and printers.
 */
const RowGroup = memo(
  function RowGroup({ length, render }: RowGroupProps) {
    const rem = useNarrow() ? 3.625 : 2.5;
    return (
      <tbody
        {...TABLE_ROLES.group}
        className="block [content-visibility:auto] print:[content-visibility:visible]"
        style={{ containIntrinsicBlockSize: `auto ${length * rem}rem` }}
      >
        {render()}
      </tbody>
    );
  },
  ({ by: before }, { by }) => by.every((value, index) => value === before[index]),
);

interface HeadingsProps {
  readonly columns: readonly (Sortable & { readonly className: string })[];
  readonly ordering: string | undefined;
  /** `undefined`: the table cannot be sorted. */
  readonly onSort: Sorting['onSort'] | undefined;
}

const Headings = memo(function HeadingRow({ columns, ordering = '', onSort }: HeadingsProps) {
  const isNarrow = useNarrow();
  return (
    <thead {...TABLE_ROLES.group} className="sticky -top-4 z-1 block print:static">
      <tr {...TABLE_ROLES.row} className="flex">
        {columns.map((column) => (
          <th
            key={column.header}
            {...TABLE_ROLES.heading}
            scope="col"
            aria-sort={onSort && directionOf(column, ordering)}
            className={classes(isNarrow ? 'p-0' : HEADING, column.className)}
          >
            {onSort === undefined || isNarrow ? (
              <span className={isNarrow ? 'sr-only' : 'px-3'}>{column.header}</span>
            ) : (
              <SortButton column={column} sorting={{ ordering, onSort }} />
            )}
          </th>
        ))}
      </tr>
    </thead>
  );
});

/** The page's padding above the table scrolls away under it. */
const HEADING =
  'h-9 shrink-0 truncate border-b border-line bg-raised text-left text-xs leading-9 font-medium text-ink-soft first:rounded-tl-lg last:rounded-tr-lg';
function Skeleton({ columns }: { readonly columns: number }) {
  return (
    <tbody {...TABLE_ROLES.group} className="block" aria-busy>
      {Array.from({ length: SKELETON_ROWS }, (_, row) => row).map((row) => (
        <tr key={row} {...TABLE_ROLES.row} className={ROW}>
          <td {...TABLE_ROLES.cell} colSpan={columns} className={classes(CELL, 'grow')}>
            <span className="block h-2.5 w-full rounded bg-line/60" />
          </td>
        </tr>
      ))}
    </tbody>
  );
}
