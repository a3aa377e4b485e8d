/** Entries are never changed, so what was loaded stays as it is, and new pages are put before or after it. */
import type { AuditRow, Page } from './rows.ts';

/**
 * The newest page before what is known. Rows that are known stay the same objects, so that they are not rendered again. Where
 * so much is new that entries may be missing in between, only the page is left.
 */
export function withNewest(known: Page<AuditRow> | undefined, newest: Page<AuditRow>): Page<AuditRow> {
  if (known === undefined) return newest;
  const byId = new Map(known.results.map((row) => [String(row.id), row]));
  const page = newest.results.map((row) => byId.get(String(row.id)) ?? row);
  const last = page.at(-1);
  const end = last === undefined ? -1 : known.results.findIndex(({ id }) => String(id) === String(last.id));
  return { ...newest, results: end === -1 ? page : [...page, ...known.results.slice(end + 1)] };
}

/**
 * An older page after what is known.
 * @param before the entry that it was asked for: if the list does not end with it any more, the page belongs to another one.
 */
export function withOlder(known: Page<AuditRow>, older: Page<AuditRow>, before: AuditRow): Page<AuditRow> {
  if (known.results.at(-1)?.id !== before.id) return known;
  return { ...known, results: [...known.results, ...older.results] };
}
