import type { AuditEntry } from '../records.ts';
import { UNITS } from '../users.ts';
import { canSee, readUnit } from './access.ts';
import { nameAuditFile, writeAuditFile } from './audit-file.ts';
import { type AuditFilters, findEntries } from './audit-filters.ts';
import { auditFilters, auditPage, type BodyOf } from './body.ts';
import { type Call, LISTED, type Office, ok, parse, type Reply } from './endpoint.ts';
import { notFound } from './rest-error.ts';

/** `/api/audit/…` */
export function createAuditHandlers(office: Office) {
  const { records, act, now } = office;

  /** What an entry is about may be gone since. */
  function isThere({ objectType, objectId }: AuditEntry): boolean {
    const id = objectId ?? '';
    if (objectType === 'Request') return records.requests.has(id);
    if (objectType === 'Crate') return records.crates.has(id);
    if (objectType === 'Storage') return records.locations.has(id);
    return objectType === 'Unit' && UNITS.some((unit) => unit === id);
  }

  return {
    /** The newest first, or those `before` an entry. `count` is of all that the filters say. */
    list({ person, query, rows }: Call): Reply {
      const asked = Object.fromEntries(query);
      const found = findEntries(records, person, parse(auditFilters, asked));
      const { before } = parse(auditPage, asked);
      const older = before === undefined ? found : found.filter(({ id }) => Number(id) < before);
      const results = older.slice(0, LISTED).map(rows.audit);
      return ok({ count: found.length, results, live_version: office.version });
    },

    show({ person, id, rows }: Call): Reply {
      const entry = records.auditEntries.find((one) => one.id === id);
      if (entry === undefined || !canSee(person, entry)) throw notFound();
      return ok({ ...rows.audit(entry), object_exists: isThere(entry) });
    },

    /** What the filters can be set to: all that the trail has. */
    choices({ person, query }: Call): Reply {
      const entries = findEntries(records, person, { unit: query.get('unit') ?? undefined });
      const people = new Map(entries.flatMap(({ user }) => (user === null ? [] : [[user.id, user]])));
      return ok({
        actions: wordsIn(entries.map(({ action }) => action)),
        object_types: wordsIn(entries.map(({ objectType }) => objectType)),
        users: [...people.values()].sort((one, other) => compare(one.name ?? '', other.name ?? '')),
      });
    },

    /** All that the filters say, as a file. Each unit's trail keeps that it was exported. */
    async export({ person, body: filters }: Call<BodyOf<typeof auditFilters>>): Promise<Reply> {
      const unit = readUnit(person, filters.unit);
      const file = { entries: findEntries(records, person, filters), filters, unit, person, now: now() };
      await act((desk) => desk.exported(person, unit === null ? UNITS : [unit], notesOf(file)));
      return {
        status: 200,
        headers: {
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': `attachment; filename="${nameAuditFile(file)}"`,
        },
        stream: writeAuditFile(file),
      };
    },
  };
}

/** What the entry about an export keeps. */
function notesOf({ entries, filters }: { entries: readonly AuditEntry[]; filters: AuditFilters }) {
  return { ...filters, entries: entries.length };
}

function wordsIn(values: readonly (string | null | undefined)[]): string[] {
  return [...new Set(values.filter((value) => typeof value === 'string'))].sort(compare);
}

const compare = (one: string, other: string): number => one.localeCompare(other, 'en');
