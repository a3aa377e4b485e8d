/** A row of a REST answer, of any shape. */
export type Row = Readonly<Record<string, unknown>>;

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Ids are compared as text: `17` and `"17"` are the same. */
export function hasId(value: unknown, id: string): value is Row {
  return isRow(value) && value['id'] != null && String(value['id']) === id;
}

/** The rows in a query's data, in any of the known forms of a list. */
export interface RowList {
  readonly rows: readonly Row[];
  /** Whether these are all the rows there are, and not a page of them. */
  readonly isWhole: boolean;
  /** Whether there is nothing around the rows that has to change when one of them goes, but `count`. */
  readonly isPlain: boolean;
}

/** A page as Django REST framework writes it: `{ count, next, results }`. */
type Page = Row & { readonly results: readonly Row[] };

function isPage(value: unknown): value is Page {
  return isRow(value) && areRows(value['results']);
}

export function areRows(value: unknown): value is readonly Row[] {
  return Array.isArray(value) && value.every(isRow);
}

interface Pages extends Row {
  readonly pages: readonly (Page | readonly Row[])[];
}

function isInfinite(value: unknown): value is Pages {
  return (
    isRow(value) &&
    Array.isArray(value['pages']) &&
    value['pages'].every((page) => isPage(page) || areRows(page))
  );
}

/** Reads an array, a `{ count, results }` page or an infinite query's `{ pages }`. Anything else: `undefined`. */
export function readRows(data: unknown): RowList | undefined {
  if (areRows(data)) return { rows: data, isWhole: true, isPlain: true };
  if (isPage(data))
    return { rows: data.results, isWhole: isLast(data, data.results.length), isPlain: isPlain(data) };
  if (!isInfinite(data)) return undefined;
  const rows = data.pages.flatMap((page) => (isPage(page) ? page.results : page));
  const last = data.pages.at(-1);
  return {
    rows,
    isWhole: isPage(last) && isLast(last, rows.length),
    isPlain: data.pages.every((page) => !isPage(page) || isPlain(page)),
  };
}

/** The rows of a list; what is no list is one row, or none. */
export const rowsOf = (data: unknown): readonly Row[] => readRows(data)?.rows ?? (isRow(data) ? [data] : []);

/** The pages of an infinite query; other data are one page. */
export const pagesOf = (data: unknown): readonly unknown[] => (isInfinite(data) ? data.pages : [data]);

const PLAIN: ReadonlySet<string> = new Set([
  'results',
  'count',
  'next',
  'previous',
  'live_version',
  'liveVersion',
]);

const isPlain = (page: Page): boolean => Object.keys(page).every((key) => PLAIN.has(key));

function isLast({ count, next }: Page, rowsSoFar: number): boolean {
  return typeof count === 'number' ? rowsSoFar >= count : next === null;
}

/** The same data with rows changed. Whatever has not changed stays the same object, so that nothing renders for it. */
export function mapRows(data: unknown, change: (row: Row) => Row): unknown {
  return mapArrays(data, (rows) => rows.map(change), 0);
}

/** The same data without a row; a `count` goes down with it. */
export function removeRow(data: unknown, id: string): unknown {
  const removed = readRows(data)?.rows.filter((row) => hasId(row, id)).length ?? 0;
  return removed === 0 ? data : mapArrays(data, (rows) => rows.filter((row) => !hasId(row, id)), removed);
}

/** The same data with its rows sorted; those of each page by themselves. */
export function sortRows(data: unknown, compare: (one: Row, other: Row) => number): unknown {
  return mapArrays(data, (rows) => [...rows].sort(compare), 0);
}

type ChangeRows = (rows: readonly Row[]) => readonly Row[];

function mapArrays(data: unknown, change: ChangeRows, removed: number): unknown {
  if (areRows(data)) return mapArray(data, change);
  if (isPage(data)) return mapPage(data, change, removed);
  if (!isInfinite(data)) return data;
  const pages = data.pages.map((page) => mapArrays(page, change, removed));
  return isSame(pages, data.pages) ? data : { ...data, pages };
}

function mapPage(page: Page, change: ChangeRows, removed: number): Page {
  const results = mapArray(page.results, change);
  if (results === page.results && removed === 0) return page;
  const { count } = page;
  return { ...page, results, ...(typeof count === 'number' && { count: Math.max(0, count - removed) }) };
}

function mapArray(rows: readonly Row[], change: ChangeRows): readonly Row[] {
  const changed = change(rows);
  return isSame(changed, rows) ? rows : changed;
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((value, index) => value === others[index]);
}
