import { ArrowDown, ArrowUp } from 'lucide-react';
import { NEWEST, type Sorting } from '../place/ordering.ts';
import { classes } from './classes.ts';
import { Select } from './field.tsx';

/** A column as far as it sorts. */
export interface Sortable {
  readonly header: string;
  /** The name by which the REST API sorts; with `-` in front where the largest comes first when one sorts by it. */
  readonly sort?: string;
}

/** How a table is sorted by a column. */
export function directionOf({ sort }: Sortable, ordering: string): 'ascending' | 'descending' | undefined {
  const current = ordering || NEWEST;
  if (sort === undefined || nameOf(current) !== nameOf(sort)) return undefined;
  return current.startsWith('-') ? 'descending' : 'ascending';
}

const nameOf = (ordering: string): string => ordering.replace(/^-/, '');
const turned = (ordering: string): string => (ordering.startsWith('-') ? ordering.slice(1) : `-${ordering}`);

/** A heading that sorts by its column, and the other way round when it is pressed again. */
export function SortButton({ column, sorting }: { readonly column: Sortable; readonly sorting: Sorting }) {
  const { header, sort } = column;
  if (sort === undefined) return <span className="px-3">{header}</span>;
  const direction = directionOf(column, sorting.ordering);
  const Arrow =
    (direction ?? (sort.startsWith('-') ? 'descending' : 'ascending')) === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <button
      type="button"
      data-sort-button
      tabIndex={-1}
      onClick={() => sorting.onSort(direction === undefined ? sort : turned(sorting.ordering || NEWEST))}
      className="group/sort flex h-9 w-full items-center gap-1 px-3 text-left -outline-offset-2 hover:text-ink"
    >
      <span className="truncate">{header}</span>
      <Arrow
        aria-hidden
        className={classes(
          'size-3 shrink-0',
          direction === undefined &&
            'opacity-0 group-hover/sort:opacity-60 group-focus-visible/sort:opacity-60',
        )}
      />
    </button>
  );
}

interface SortSelectProps {
  readonly columns: readonly Sortable[];
  readonly sorting: Sorting;
}

/** The same where there is no room for headings. */
export function SortSelect({ columns, sorting }: SortSelectProps) {
  const sortable = columns.flatMap(({ header, sort }) => (sort === undefined ? [] : [{ header, sort }]));
  return (
    <Select
      aria-label="Sort by"
      className="mb-2 w-full"
      value={sorting.ordering || NEWEST}
      onChange={(event) => sorting.onSort(event.target.value)}
    >
      {sortable.flatMap(({ header, sort }) =>
        [sort, turned(sort)].map((ordering) => (
          <option key={ordering} value={ordering}>
            {ordering === NEWEST
              ? 'Sort: newest first'
              : `Sort: ${header.toLowerCase()}, ${inWords(ordering)}`}
          </option>
        )),
      )}
    </Select>
  );
}

const inWords = (ordering: string): string => (ordering.startsWith('-') ? 'descending' : 'ascending');
