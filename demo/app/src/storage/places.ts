import type { CrateRow, StorageRow } from '../api/rows.ts';
import { labelOf } from '../words/things.ts';

/** Which crates stand at a location, by the location's id. */
export function cratesByPlace(crates: readonly CrateRow[]): ReadonlyMap<string, readonly CrateRow[]> {
  const byPlace = new Map<string, CrateRow[]>();
  for (const crate of crates) {
    if (crate.storage === null) continue;
    const id = String(crate.storage.id);
    byPlace.set(id, [...(byPlace.get(id) ?? []), crate]);
  }
  return byPlace;
}

export interface Rack {
  readonly name: string;
  readonly places: readonly StorageRow[];
}

export interface Room {
  readonly name: string;
  readonly unit: string;
  readonly racks: readonly Rack[];
  readonly size: number;
}

/** The locations by room and rack, each in the order of its name. */
export function groupByRoom(places: readonly StorageRow[]): Room[] {
  const rooms = groupBy(places, ({ unit_id, room_name }) => `${unit_id} ${room_name}`);
  return rooms.map(({ members }) => ({
    name: members[0]?.room_name ?? 'No room',
    unit: String(members[0]?.unit_id ?? ''),
    size: members.length,
    racks: groupBy(members, ({ rack_name }) => rack_name ?? 'No rack').map(({ name, members: ofRack }) => ({
      name,
      places: ofRack.toSorted((one, other) => compare(labelOf(one), labelOf(other))),
    })),
  }));
}

/** The locations in the order in which the cards show them: what comes after all of them moves none. */
export function asShown(places: readonly StorageRow[]): StorageRow[] {
  return groupByRoom(places).flatMap(({ racks }) => racks.flatMap((rack) => rack.places));
}

function groupBy(rows: readonly StorageRow[], nameOf: (row: StorageRow) => string) {
  const names = [...new Set(rows.map(nameOf))].sort(compare);
  return names.map((name) => ({ name, members: rows.filter((row) => nameOf(row) === name) }));
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
