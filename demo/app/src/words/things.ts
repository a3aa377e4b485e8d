import type { CrateRow, Id, RequestRow, StorageRow, UnitRow, UserRow } from '../api/rows.ts';
import { fullTime } from './time.ts';

/** `Room 1.2 · Rack B · Compartment 4 · Shelf 1` */
export function describePlace(place: StorageRow): string {
  return [place.room_name, place.rack_name, place.compartment_name, place.shelf_name]
    .filter((name) => name !== null && name !== '')
    .join(' · ');
}

/** `C4 S1`, as it is written on the shelf. */
export function labelOf({ compartment_name, shelf_name }: StorageRow): string {
  return [compartment_name, shelf_name].map((name) => brief(name ?? '')).join(' ');
}

/** `Compartment 4` → `C4` */
function brief(name: string): string {
  return name.replace(/^(\w)\w* (?=\d)/, '$1');
}

export function describeCrate(crate: CrateRow): string {
  const [first] = crate.documents ?? [];
  return first?.document_name == null ? `Crate ${crate.id}` : `Crate ${crate.id}: ${first.document_name}`;
}

/** `Withdrawal · Crate 2037: Ledger · until 20 Feb 2027` */
export function describeWish({ request_type: type, crate, expected_return_date: due }: RequestRow): string {
  const until = due === null ? '' : `until ${fullTime(due)}`;
  return [type, crate === null ? '' : describeCrate(crate), until].filter(Boolean).join(' · ');
}

export function nameOf(user: UserRow | null): string {
  return user?.name ?? '';
}

export function isSame(one: Id | null | undefined, other: Id | null | undefined): boolean {
  return one != null && other != null && String(one) === String(other);
}

export function isOverdue({ status, expected_return_date: due }: RequestRow): boolean {
  return status === 'Issued' && due !== null && Date.parse(due) < Date.now();
}

/** `Unit 1 · Finance` */
export function describeUnit({ id, name }: UnitRow): string {
  return `Unit ${id} · ${name}`;
}
