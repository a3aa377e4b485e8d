import { useFreshness } from 'dms-live-react';
import { useState } from 'react';
import { useCrates } from '../api/crates.ts';
import type { CrateRow, RequestType } from '../api/rows.ts';
import { Field, Select, TextInput } from '../ui/field.tsx';
import { describeWaiting } from '../ui/waiting.tsx';
import { describeCrate, isSame } from '../words/things.ts';
import { NEW_CRATE } from './read-draft.ts';

interface CrateFieldProps {
  readonly type: RequestType;
  /** Empty: any. */
  readonly unit: string;
  /** The crate that the request is about already. */
  readonly current: CrateRow | undefined;
}

const DOCUMENT_TYPES = ['Contract', 'Invoice', 'Ledger', 'Minutes', 'Personnel', 'Report'];

/** Chooses the crate a request is about; one to be stored may be new. */
export function CrateField({ type, unit, current }: CrateFieldProps) {
  const crates = useCrates({ status: '', unit });
  const waiting = describeWaiting('The crates', useFreshness(crates));
  const [chosen, setChosen] = useState(current === undefined ? '' : String(current.id));
  const fitting =
    crates.data?.results.filter((crate) => !isSame(crate.id, current?.id) && fits(crate, type)) ?? [];
  return (
    <>
      <Field label="Crate" hint={waiting || HINTS[type]}>
        {(ids) => (
          <Select
            {...ids}
            name="crate"
            required
            value={chosen}
            onChange={(event) => setChosen(event.target.value)}
          >
            <option value="" disabled>
              {crates.isPending ? 'Looking for crates…' : 'Choose a crate'}
            </option>
            {current !== undefined && <option value={current.id}>{describeCrate(current)}</option>}
            {type === 'Storage' && <option value={NEW_CRATE}>A new crate…</option>}
            {fitting.map((crate) => (
              <option key={crate.id} value={crate.id}>
                {describeCrate(crate)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {chosen === NEW_CRATE && <NewDocumentFields />}
    </>
  );
}

function NewDocumentFields() {
  return (
    <fieldset className="grid grid-cols-2 gap-3 rounded-md border border-line p-3">
      <legend className="px-1 text-ink-soft">Its first document</legend>
      <div className="col-span-2">
        <Field label="Name">
          {(ids) => <TextInput {...ids} name="document_name" required maxLength={80} />}
        </Field>
      </div>
      <Field label="Number">
        {(ids) => <TextInput {...ids} name="document_number" required maxLength={80} />}
      </Field>
      <Field label="Type">
        {(ids) => (
          <Select {...ids} name="document_type">
            {DOCUMENT_TYPES.map((type) => (
              <option key={type}>{type}</option>
            ))}
          </Select>
        )}
      </Field>
    </fieldset>
  );
}

const HINTS: Readonly<Record<RequestType, string>> = {
  Storage: 'Crates that have no place in the store yet.',
  Withdrawal: 'Active crates that stand in the store.',
  Destruction: 'Active and archived crates.',
};

function fits({ status, storage }: CrateRow, type: RequestType): boolean {
  if (type === 'Storage') return storage === null && status === 'Active';
  if (type === 'Withdrawal') return storage !== null && status === 'Active';
  return status === 'Active' || status === 'Archived';
}
