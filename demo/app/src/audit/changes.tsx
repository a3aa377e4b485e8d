import { ArrowRight } from 'lucide-react';
import { fullTime } from '../words/time.ts';

const ISO_TIME = /^\d{4}-\d\d-\d\d(T|$)/;

/** `status: Pending → Approved`, field by field; of another shape, as it is written. */
export function Changes({ changes }: { readonly changes: unknown }) {
  const fields = typeof changes === 'object' && changes !== null ? Object.entries(changes) : [];
  return (
    <span className="flex gap-3 overflow-hidden" title={fields.map(inOneLine).join('\n')}>
      {fields.map(([field, change]) => (
        <span key={field} className="inline-flex shrink-0 items-center gap-1">
          <span className="text-ink-faint">{wordsOf(field)}</span>
          {isChange(field, change) ? (
            <>
              <span className="text-ink-soft">{inWords(change[0])}</span>
              <ArrowRight aria-label="to" role="img" className="size-3 text-ink-faint" />
              <span>{inWords(change[1])}</span>
            </>
          ) : (
            <span>{inWords(change)}</span>
          )}
        </span>
      ))}
    </span>
  );
}

/** What a bulk of storage places was made of: their ids, which are no change from one thing to another. */
const BULK = 'locations';

/** What a field was and what it became. */
function isChange(field: string, change: unknown): change is readonly [unknown, unknown] {
  return field !== BULK && Array.isArray(change) && change.length === 2;
}

function inOneLine([field, change]: [string, unknown]): string {
  return isChange(field, change)
    ? `${wordsOf(field)}: ${inWords(change[0])} → ${inWords(change[1])}`
    : `${wordsOf(field)}: ${inWords(change)}`;
}

/** `allocationDate` → `allocation date` */
function wordsOf(field: string): string {
  return field
    .replaceAll(/([A-Z])/g, ' $1')
    .replaceAll('_', ' ')
    .toLowerCase();
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'string' && /^[A-Z]+(_[A-Z]+)*$/.test(value)) return wordsOf(value.toLowerCase());
  if (typeof value === 'string' && ISO_TIME.test(value)) return fullTime(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
