import { ArrowRight } from 'lucide-react';
import { changesOf, type FieldChange } from './change-words.ts';

interface ChangesProps {
  readonly changes: unknown;
}

/** `status Pending → Approved`, in one line. */
export function Changes({ changes }: ChangesProps) {
  const fields = changesOf(changes);
  return (
    <span className="block truncate" title={fields.map(inOneLine).join('\n')}>
      {fields.map((change) => (
        <span key={change.field} className="not-first:ml-3">
          <span className="text-ink-faint">{change.field}</span> <BeforeAndAfter {...change} />
        </span>
      ))}
    </span>
  );
}

/** One field under the other, with all that was written. */
export function ChangeTable({ changes }: ChangesProps) {
  return (
    <dl className="grid grid-cols-[8.5rem_1fr] gap-y-1">
      {changesOf(changes).map((change) => (
        <div key={change.field} className="contents *:leading-6">
          <dt className="text-ink-soft first-letter:uppercase">{change.field}</dt>
          <dd className="min-w-0 break-words">
            <BeforeAndAfter {...change} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function BeforeAndAfter({ before, after }: FieldChange) {
  if (before === undefined) return <span>{after}</span>;
  return (
    <>
      <span className="text-ink-soft">{before}</span>{' '}
      <ArrowRight aria-label="to" role="img" className="inline size-3 shrink-0 text-ink-faint" />{' '}
      <span>{after}</span>
    </>
  );
}

function inOneLine({ field, before, after }: FieldChange): string {
  return before === undefined ? `${field}: ${after}` : `${field}: ${before} → ${after}`;
}
