import type { ReactNode } from 'react';
import { type AuditDetails, useAuditEntry } from '../api/audit.ts';
import { useUnits } from '../api/others.ts';
import { setParams } from '../place/place.ts';
import { Details, DetailsSkeleton, Part } from '../ui/details.tsx';
import { Sheet } from '../ui/dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { describeUnit, isSame, nameOf } from '../words/things.ts';
import { changesOf } from './change-words.ts';
import { ChangeTable } from './changes.tsx';
import { localTime, utcTime } from './days.ts';
import { addressOfObject, describeObject } from './object.ts';

/** All that one entry says. */
export function AuditSheet({ id }: { readonly id: string }) {
  const entry = useAuditEntry(id);
  return (
    <Sheet
      title={`Audit entry ${id}`}
      description="Written once and never changed"
      onClose={() => setParams({ open: '' })}
    >
      <Loaded query={entry}>
        {entry.data === undefined ? <DetailsSkeleton /> : <EntryDetails entry={entry.data} />}
      </Loaded>
    </Sheet>
  );
}

function EntryDetails({ entry }: { readonly entry: AuditDetails }) {
  const { user, at, action, ip_address, changes } = entry;
  const units = useUnits();
  const unit = units.data?.find(({ id }) => isSame(id, entry.unit_id));
  return (
    <div className="flex flex-col gap-4">
      <Part title="What">
        <Details
          items={{
            Action: action ?? '',
            Object: <ObjectLink entry={entry} />,
            Unit: unit === undefined ? `Unit ${entry.unit_id}` : describeUnit(unit),
          }}
        />
      </Part>
      <Part title="When">
        <Details items={{ 'Your time': at ? localTime(at) : '', UTC: at ? utcTime(at) : '' }} />
      </Part>
      <Part title="Who">
        {user === null ? (
          <p>The system, without a person: a nightly job.</p>
        ) : (
          <Details
            items={{
              Name: nameOf(user),
              Role: user.role ?? '',
              'User ID': String(user.id),
              'IP address': ip_address ?? '',
            }}
          />
        )}
      </Part>
      <Part title="Changes">
        {changesOf(changes).length === 0 ? (
          <p className="text-ink-soft">The entry lists no changed fields.</p>
        ) : (
          <ChangeTable changes={changes} />
        )}
      </Part>
    </div>
  );
}

/** Opens what the entry is about, or says that it is gone. */
function ObjectLink({ entry }: { readonly entry: AuditDetails }): ReactNode {
  const words = describeObject(entry);
  const address = addressOfObject(entry);
  if (!entry.object_exists) return `${words} (does not exist any more)`;
  if (address === undefined) return words;
  return (
    <a href={address} className="font-medium text-accent underline underline-offset-2">
      {words}
    </a>
  );
}
