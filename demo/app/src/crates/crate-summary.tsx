import type { CrateRow } from '../api/rows.ts';
import { addressOf } from '../place/place.ts';
import { Badge } from '../ui/badge.tsx';
import { Details } from '../ui/details.tsx';
import { CRATE_TONES } from '../words/status.ts';
import { describePlace } from '../words/things.ts';
import { fullTime } from '../words/time.ts';

/** A crate: where it stands and what it holds. */
export function CrateSummary({ crate }: { readonly crate: CrateRow }) {
  const documents = crate.documents ?? [];
  return (
    <div className="flex flex-col gap-3">
      <Details
        items={{
          Crate: (
            <a href={addressOf('crates', { open: String(crate.id) })} className="text-accent hover:underline">
              {crate.id}
            </a>
          ),
          Status: <Badge tone={CRATE_TONES[crate.status]}>{crate.status}</Badge>,
          'Stands at': crate.storage === null ? '' : describePlace(crate.storage),
          'To be destroyed': fullTime(crate.destruction_date),
        }}
      />
      {documents.length > 0 && (
        <ul aria-label="Documents" className="divide-y divide-line rounded-md border border-line">
          {documents.map((document) => (
            <li key={document.id} className="px-3 py-1.5">
              <div className="flex gap-2">
                <span className="min-w-0 flex-1 truncate font-medium">{document.document_name}</span>
                <span className="text-ink-soft">{document.document_number}</span>
              </div>
              <div className="truncate text-xs text-ink-soft">
                {[document.document_type, document.description].filter(Boolean).join(' · ')}
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
