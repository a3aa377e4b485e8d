import { type Patched, unsure } from './patch-value.ts';
import { areRows, isRow } from './rows.ts';
import { keyIn } from './shapes.ts';
import { wordOf } from './words.ts';

/** What is counted: by which field, and the words it may have. */
interface Counted {
  readonly by: string;
  readonly words: readonly string[];
}

/**
 * Writes counts by word into a list (`[{ status, count }]`) or an object (`{ Pending: 3 }`). A word that the event leaves out has
 * the count 0. If the event counts a word that has no place here, the result is unsure.
 */
export function patchCounts(current: unknown, given: readonly unknown[], counted: Counted): Patched {
  const counts = new Map<string, number>();
  for (const item of given) {
    if (isRow(item)) counts.set(String(item[counted.by]), Number(item['count']));
  }
  const places = placesIn(current, counted);
  if (places === undefined) return unsure(current);
  const words = new Set(places.map(({ spelt }) => wordOf(spelt)));
  const isSure =
    [...words].every((word) => word !== undefined && counted.words.includes(word)) &&
    [...counts].every(([word, count]) => count === 0 || words.has(word));
  const changed = places
    .map((place) => ({ ...place, now: countNow(place, counts, counted) }))
    .filter(({ count, now }) => count !== now);
  return { value: changed.length === 0 ? current : writeCounts(current, changed), isSure };
}

interface Place {
  /** Where the count stands: the index in the list, or the key in the object. */
  readonly at: number | string;
  readonly spelt: unknown;
  readonly count: unknown;
}

/** Only where every count stands as a number. */
function placesIn(current: unknown, { by }: Counted): readonly Place[] | undefined {
  const places = areRows(current)
    ? current.map((row, at) => ({ at, spelt: row[keyIn(row, by) ?? by], count: row['count'] }))
    : isRow(current)
      ? Object.entries(current).map(([key, count]) => ({ at: key, spelt: key, count }))
      : undefined;
  return places?.every(({ count }) => typeof count === 'number') ? places : undefined;
}

function countNow({ spelt, count }: Place, counts: ReadonlyMap<string, number>, counted: Counted): unknown {
  const word = wordOf(spelt);
  if (word === undefined || !counted.words.includes(word)) return count;
  return counts.get(word) ?? 0;
}

function writeCounts(current: unknown, changed: readonly (Place & { readonly now: unknown })[]): unknown {
  const nowAt = new Map<unknown, unknown>(changed.map(({ at, now }) => [at, now]));
  if (isRow(current)) return { ...current, ...Object.fromEntries(nowAt) };
  if (!areRows(current)) return current;
  return current.map((row, at) => (nowAt.has(at) ? { ...row, count: nowAt.get(at) } : row));
}
