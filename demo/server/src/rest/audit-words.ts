/** What an audit entry says, in words: for the file and for the search. */
import type { AuditEntry } from '../records.ts';
import { inWords } from './rows.ts';

/** `status: Pending → Approved; approved by: none → Peter Osei` */
export function changesInWords(changes: unknown): string {
  if (typeof changes !== 'object' || changes === null) return '';
  return Object.entries(changes)
    .map(([field, change]) => `${fieldInWords(field)}: ${changeInWords(field, change)}`)
    .join('; ');
}

/** Entries are never changed, so each text is written once: ten thousand of them take 70 ms. */
const texts = new WeakMap<AuditEntry, string>();

/** By what an entry is found. */
export function searchedText(entry: AuditEntry): string {
  const known = texts.get(entry) ?? writeText(entry);
  texts.set(entry, known);
  return known;
}

function writeText({ action, objectType, objectId, user, ipAddress, changes }: AuditEntry): string {
  const object = `${objectType} ${objectId}`;
  return [action, object, user?.name, ipAddress, changesInWords(changes)].join('\n').toLowerCase();
}

/**
 * `2026-11-26 09:58:12`: Excel takes it for a date and a time, LibreOffice where its import is to detect special numbers. As a text, which it is
 * there otherwise, it is sorted the same.
 */
export function utcTime(instant: string | number): string {
  return new Date(instant).toISOString().slice(0, 19).replace('T', ' ');
}

/** The places that were made at once are a list, and no change from one thing to another. */
const LIST = 'locations';

function changeInWords(field: string, change: unknown): string {
  const isOneOfFew = WORDED.test(field);
  const values = [change].flat().map((value) => valueInWords(value, isOneOfFew));
  const isChange = field !== LIST && Array.isArray(change) && change.length === 2;
  return values.join(isChange ? ' → ' : ', ');
}

/** `approvalDate` → `approval date` */
function fieldInWords(field: string): string {
  return field
    .replaceAll(/([A-Z])/g, ' $1')
    .replaceAll('_', ' ')
    .toLowerCase();
}

/** Fields of which a value is one of a few words, such as `SENT_BACK`. What people have written stays as they have written it. */
const WORDED = /^(status|requestType)$/;
const INSTANT = /^\d{4}-\d\d-\d\dT/;

function valueInWords(value: unknown, isOneOfFew: boolean): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (typeof value === 'object') return JSON.stringify(value);
  const written = String(value);
  if (isOneOfFew) return inWords(written);
  return INSTANT.test(written) ? `${utcTime(written)} UTC` : written;
}
