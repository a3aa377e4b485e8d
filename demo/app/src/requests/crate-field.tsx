import { useState } from 'react';
import type { CrateRow, RequestRow, RequestType } from '../api/rows.ts';
import { Field, Select, TextInput } from '../ui/field.tsx';
import { describeCrate, isSame } from '../words/things.ts';
import { NEW_CRATE } from './read-draft.ts';
import { useCrateChoice, useCrateProblem } from './use-crate-choice.ts';

interface CrateFieldProps {
  readonly type: RequestType;
  /** Empty: any. */
  readonly unit: string;
  /** The request that is corrected, about a crate already. */
  readonly request: RequestRow | undefined;
}

const DOCUMENT_TYPES = ['Contract', 'Invoice', 'Ledger', 'Minutes', 'Personnel', 'Report'];

/** Chooses the crate a request is about; one to be stored may be new. What does not fit any more stays chosen, and says why. */
export function CrateField({ type, unit, request }: CrateFieldProps) {
  const choice = useCrateChoice(type, unit, request);
  const [isNew, setNew] = useState(false);
  const [chosen, setChosen] = useState<CrateRow | undefined>(request?.crate ?? undefined);
  const problem = useCrateProblem(chosen, choice);
  const listed = choice.fitting ?? [];
  const isListed = listed.some(({ id }) => isSame(id, chosen?.id));
  const value = isNew ? NEW_CRATE : String(chosen?.id ?? '');

  function choose(picked: string): void {
    setNew(picked === NEW_CRATE);
    setChosen(listed.find(({ id }) => String(id) === picked) ?? (picked === NEW_CRATE ? undefined : chosen));
  }

  return (
    <>
      <Field label="Crate" hint={choice.waiting || HINTS[type]} problem={problem}>
        {(ids) => (
          <Select
            {...ids}
            name="crate"
            required
            value={value}
            onChange={({ target }) => choose(target.value)}
          >
            <option value="" disabled>
              {choice.fitting === undefined ? 'Looking for crates…' : 'Choose a crate'}
            </option>
            {chosen !== undefined && !isListed && <option value={chosen.id}>{describeCrate(chosen)}</option>}
            {type === 'Storage' && <option value={NEW_CRATE}>A new crate…</option>}
            {listed.map((crate) => (
              <option key={crate.id} value={crate.id}>
                {describeCrate(crate)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {isNew && <NewDocumentFields />}
    </>
  );
}

function NewDocumentFields() {
  return (
    <fieldset className="grid grid-cols-2 gap-3 rounded-md border border-line p-3">
      <legend className="px-1 text-ink-soft">First document in the new crate</legend>
      <div className="col-span-2">
        <Field label="Name">
          {(ids) => <TextInput {...ids} name="document_name" required maxLength={80} />}
        </Field>
      </div>
      <Field label="Number">
        {(ids) => <TextInput {...ids} name="document_number" required maxLength={50} />}
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
