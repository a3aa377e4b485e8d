/** `?ordering=status,-created_at`, as Django REST framework reads it. */

/** What a row is sorted by; `null`: it has none, and stands at the end in both directions. */
type Value = string | number | null;

/** By the names that clients write. */
export type Orderings<Row> = Readonly<Record<string, (row: Row) => Value>>;

/** Sorts rows of which each has a number as its id. Names that are not known are left out. What is equal stands newest first. */
export function sortBy<Row extends { readonly id: string }>(
  rows: readonly Row[],
  orderings: Orderings<Row>,
  asked: string | null,
): readonly Row[] {
  const compares = [
    ...(asked ?? '').split(',').flatMap((name) => readTerm(name.trim(), orderings)),
    byNewest,
  ];
  return rows.toSorted((one, other) => {
    for (const compare of compares) {
      const difference = compare(one, other);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

type Compare<Row> = (one: Row, other: Row) => number;

function readTerm<Row>(term: string, orderings: Orderings<Row>): readonly Compare<Row>[] {
  const [name, sign] = term.startsWith('-') ? [term.slice(1), -1] : [term, 1];
  const readValue = Object.hasOwn(orderings, name) ? orderings[name] : undefined;
  if (readValue === undefined) return [];
  return [(one, other) => compareValues(readValue(one), readValue(other), sign)];
}

function compareValues(one: Value, other: Value, sign: number): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return one === other ? 0 : one < other ? -sign : sign;
}

function byNewest(one: { readonly id: string }, other: { readonly id: string }): number {
  return Number(other.id) - Number(one.id);
}
