/** What an entry says of changes, field by field, in words. */
import { fullTime } from '../words/time.ts';

export interface FieldChange {
  /** `approval date` */
  readonly field: string;
  /** `undefined`: it is no change, but something that is kept with the entry. */
  readonly before: string | undefined;
  readonly after: string;
}

/** What a bulk of storage places was made of: their ids, which are no change from one thing to another. */
const LIST = 'locations';

/** The fields that an entry names; of another shape: none. */
export function changesOf(changes: unknown): readonly FieldChange[] {
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) return [];
  return Object.entries(changes).map(([name, change]) => {
    const field = fieldInWords(name);
    const inWords = WORDED.test(name) ? wordInWords : valueInWords;
    if (name === LIST || !Array.isArray(change) || change.length !== 2)
      return { field, before: undefined, after: [change].flat().map(inWords).join(', ') };
    return { field, before: inWords(change[0]), after: inWords(change[1]) };
  });
}

/** `approvalDate` → `approval date` */
function fieldInWords(name: string): string {
  return name
    .replaceAll(/([A-Z])/g, ' $1')
    .replaceAll('_', ' ')
    .toLowerCase()
    .replace(/ id$/, '');
}

/** Fields of which a value is one of a few words, such as `SENT_BACK`. What people have written stays as they have written it. */
const WORDED = /^(status|request_?type)$/i;
const WORD = /^[A-Z]+(_[A-Z]+)*$/;

function wordInWords(value: unknown): string {
  const written = valueInWords(value);
  return WORD.test(written) ? capitalize(written.toLowerCase().replaceAll('_', ' ')) : written;
}

const DATE = /^\d{4}-\d\d-\d\d(T|$)/;

function valueInWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (typeof value === 'object') return JSON.stringify(value);
  const written = String(value);
  return DATE.test(written) ? fullTime(written) : written;
}

function capitalize(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
