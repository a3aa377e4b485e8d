import type { LocationRecord, Records } from './records.ts';
import { UNIT_NAMES, UNITS } from './users.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What an audit entry keeps of a change: `{ status: ['PENDING', 'APPROVED'] }`; `null` for a new row. Whatever another row is, it
 * is kept by its name as of now: that row may be changed or deleted later, and the entry stays true.
 */
export function changesOf(before: Fields | undefined, after: Fields, records: Records): Fields | null {
  if (before === undefined) return null;
  const changes = Object.keys(after).map((field) => {
    const [old, now] = [before[field], after[field]].map((value) => nameOf(field, value, records));
    return [NAMES[field] ?? field, [old, now]] as const;
  });
  return Object.fromEntries(changes.filter(([, [old, now]]) => old !== now));
}

/** What a field is called whose id has been replaced by a name. */
const NAMES: Readonly<Record<string, string>> = { storageId: 'storage', crateId: 'crate', unitId: 'unit' };

function nameOf(field: string, value: unknown, records: Records): unknown {
  if (field === 'documents') return numbersOf(value);
  if (typeof value === 'object' && value !== null && 'name' in value) return value.name;
  if (typeof value !== 'string') return value;
  if (field === 'crateId') return `Crate ${value}`;
  const unit = UNITS.find((id) => field === 'unitId' && id === value);
  if (unit !== undefined) return `Unit ${unit} · ${UNIT_NAMES[unit]}`;
  const place = field === 'storageId' ? records.locations.get(value) : undefined;
  return place === undefined ? value : describePlace(place);
}

/** `Room 1.2 · Rack B · Compartment 4 · Shelf 1` */
function describePlace({ roomName, rackName, compartmentName, shelfName }: LocationRecord): string {
  return [roomName, rackName, compartmentName, shelfName].filter(Boolean).join(' · ');
}

/** The documents of a crate, by their numbers. */
function numbersOf(documents: unknown): string | null {
  if (!Array.isArray(documents) || documents.length === 0) return null;
  return documents.map(({ documentNumber }) => String(documentNumber)).join(', ');
}
