/** A row of a list that is held steady. */
export interface SteadyRow<Row> {
  /** As it is in the newest list; of a row that is gone, as it was there last. */
  readonly row: Row;
  /** It is no longer in the list: it stays where it was until it is let go. */
  readonly isGone: boolean;
}

/** What is shown of a list, and what waits. */
export interface Steady<Row> {
  readonly rows: readonly SteadyRow<Row>[];
  /** How many rows of the newest list are not shown yet. */
  readonly waiting: number;
}

/**
 * Keeps the rows that are shown in their places: what changes, changes in place, what leaves the list is marked, what comes in waits.
 * @param shown `undefined` or empty: there is nothing to hold, so the newest list is shown.
 * @param isCut the list is the beginning of a longer one: what is new at its top pushes as many rows out at its end. They are not gone.
 */
export function steadyRows<Row>(
  shown: readonly SteadyRow<Row>[] | undefined,
  newest: readonly Row[],
  { getId, isCut = false }: { readonly getId: (row: Row) => string | number; readonly isCut?: boolean },
): Steady<Row> {
  if (shown === undefined || shown.length === 0)
    return { rows: newest.map((row) => ({ row, isGone: false })), waiting: 0 };
  const byId = new Map(newest.map((row) => [getId(row), row]));
  const ids = new Set(shown.map(({ row }) => getId(row)));
  const isNew = (row: Row): boolean => !ids.has(getId(row));
  const lastKnown = newest.map(isNew).lastIndexOf(false);
  // What comes after all rows moves none of them, such as older ones that somebody has asked for.
  const added = lastKnown === -1 ? [] : newest.slice(lastKnown + 1);
  const waiting = newest.filter(isNew).length - added.length;
  const lastThere = shown.map(({ row }) => byId.has(getId(row))).lastIndexOf(true);
  const pushedFrom = isCut ? Math.max(lastThere + 1, shown.length - waiting) : shown.length;
  const rows = shown.map((one, index) => {
    const row = byId.get(getId(one.row));
    const next = row === undefined ? { row: one.row, isGone: index < pushedFrom } : { row, isGone: false };
    return next.row === one.row && next.isGone === one.isGone ? one : next;
  });
  return { rows: [...rows, ...added.map((row) => ({ row, isGone: false }))], waiting };
}
