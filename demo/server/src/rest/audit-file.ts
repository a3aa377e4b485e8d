/** The audit trail as a file for spreadsheets. */
import type { AuditEntry } from '../records.ts';
import { describePerson, type Person, UNIT_NAMES, type UnitId } from '../users.ts';
import { type AuditFilters, filtersInWords } from './audit-filters.ts';
import { changesInWords, utcTime } from './audit-words.ts';
import { BYTE_ORDER_MARK, csvLine } from './csv.ts';

export interface AuditFile {
  readonly entries: readonly AuditEntry[];
  readonly filters: AuditFilters;
  readonly unit: UnitId | null;
  readonly person: Person;
  /** Unix milliseconds. */
  readonly now: number;
}

const COLUMNS = [
  'Entry',
  'Time (UTC)',
  'Who',
  'Role',
  'User ID',
  'Action',
  'Object type',
  'Object ID',
  'Changes',
  'IP address',
  'Unit',
];

/** Entries that are written at once: other requests have their turn in between. */
const BATCH = 200;

/** First what the file is, who made it and what its filters were; then a line for each entry. */
export function* writeAuditFile({ entries, filters, unit, person, now }: AuditFile): Iterable<string> {
  const exported = `${utcTime(now)} UTC by ${person.name}, ${describePerson(person)}`;
  const head = [
    ['Audit trail', 'Records'],
    ['Exported', exported],
    ...filtersInWords(filters, unit === null ? 'all units' : `Unit ${unit} · ${UNIT_NAMES[unit]}`),
    ['Entries', String(entries.length)],
  ];
  yield BYTE_ORDER_MARK + head.map(csvLine).join('') + csvLine([]) + csvLine(COLUMNS);
  for (let at = 0; at < entries.length; at += BATCH)
    yield entries
      .slice(at, at + BATCH)
      .map((entry) => csvLine(valuesOf(entry)))
      .join('');
}

function valuesOf({ id, at, user, action, objectType, objectId, changes, ipAddress, unitId }: AuditEntry) {
  return [
    id,
    at == null ? '' : utcTime(at),
    user?.name ?? 'The system',
    user?.role ?? '',
    user?.id ?? '',
    action ?? '',
    objectType ?? '',
    objectId ?? '',
    changesInWords(changes),
    ipAddress ?? '',
    unitId,
  ];
}

/** `audit-trail_2026-11-26_unit-1_from-2026-11-20_request-approved.csv` */
export function nameAuditFile({ filters, unit, now }: Pick<AuditFile, 'filters' | 'unit' | 'now'>): string {
  const { from, until, user, action, type, search } = filters;
  const parts = [
    'audit-trail',
    utcTime(now).slice(0, 10),
    unit === null ? 'all-units' : `unit-${unit}`,
    from && `from-${from.slice(0, 10)}`,
    until && `before-${until.slice(0, 10)}`,
    user && `user-${user}`,
    action,
    type,
    search && `search-${search}`,
  ];
  return `${parts.filter(Boolean).map(slugOf).join('_')}.csv`;
}

const LONGEST_PART = 40;

function slugOf(part: string | undefined): string {
  return (part ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, LONGEST_PART);
}
