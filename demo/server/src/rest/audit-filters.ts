import type { AuditEntry, Records } from '../records.ts';
import { PEOPLE, type Person } from '../users.ts';
import { readUnit } from './access.ts';
import { searchedText } from './audit-words.ts';
import type { auditFilters, BodyOf } from './body.ts';

/** Which audit entries are asked for; what is left out filters nothing. */
export type AuditFilters = BodyOf<typeof auditFilters>;

/** Who a filter means by what nobody of the staff did. */
export const SYSTEM = 'system';

/** The entries that a person may see and asks for, the newest first. */
export function findEntries(records: Records, person: Person, filters: AuditFilters): AuditEntry[] {
  const unit = readUnit(person, filters.unit);
  const { user, action, type } = filters;
  const from = filters.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(filters.from);
  const until = filters.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(filters.until);
  const words = filters.search?.toLowerCase().split(/\s+/) ?? [];
  return records.auditEntries
    .filter((entry) => {
      const at = Date.parse(entry.at ?? '');
      return (
        (unit === null || entry.unitId === unit) &&
        (user === undefined || (entry.user?.id ?? SYSTEM) === user) &&
        (action === undefined || entry.action === action) &&
        (type === undefined || entry.objectType === type) &&
        at >= from &&
        at < until &&
        (words.length === 0 || hasAll(searchedText(entry), words))
      );
    })
    .reverse();
}

function hasAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

/** What the filters say, for the head of a file. What is not filtered is said, too. */
export function filtersInWords(filters: AuditFilters, unit: string): readonly (readonly [string, string])[] {
  const { from, until, user, action, type, search } = filters;
  return [
    ['Unit', unit],
    ['From', from === undefined ? 'the first entry' : instantInWords(from)],
    ['Until', until === undefined ? 'the last entry' : `${instantInWords(until)} (not included)`],
    ['Who', user === undefined ? 'everybody' : nameOfUser(user)],
    ['Action', action ?? 'all'],
    ['Object type', type ?? 'all'],
    ['Search', search ?? 'none'],
  ];
}

/** `2026-11-20 00:00:00 +01:00`: the time zone stays the one of the person who asked. */
function instantInWords(instant: string): string {
  const [, day, time, zone] = /^(.{10})T(.*?)(Z|[+-][\d:]+)$/.exec(instant) ?? [];
  return day === undefined ? instant : `${day} ${time} ${zone === 'Z' ? 'UTC' : zone}`;
}

function nameOfUser(id: string): string {
  if (id === SYSTEM) return 'The system';
  return PEOPLE.find((person) => person.id === id)?.name ?? `User ${id}`;
}
