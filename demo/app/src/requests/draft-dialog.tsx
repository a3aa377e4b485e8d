import { useState } from 'react';
import { toast } from 'sonner';
import { useSaveRequest } from '../api/requests.ts';
import { REQUEST_TYPES, type RequestRow, type RequestType } from '../api/rows.ts';
import type { Written } from '../api/written.ts';
import { ActingLine } from '../presence/present-line.tsx';
import { useMe } from '../session/me.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Field, Select } from '../ui/field.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { SignatureField } from '../ui/signature-field.tsx';
import { mustSign } from './abilities.ts';
import { CrateField } from './crate-field.tsx';
import { readDraft } from './read-draft.ts';
import { ReturnDateField } from './return-date-field.tsx';
import { LatestNote } from './send-back-notes.tsx';

interface DraftDialogProps {
  /** The request to correct; without one, a new one is made. */
  readonly request?: RequestRow;
  readonly onClose: () => void;
}

/** Asks for what a request needs, of whichever type. */
export function DraftDialog({ request, onClose }: DraftDialogProps) {
  const me = useMe();
  const chosenUnit = useUnit();
  const unit = String(request?.unit_id ?? (chosenUnit || (me.unit_id ?? '')));
  const [type, setType] = useState<RequestType>(request?.request_type ?? 'Withdrawal');
  const { mutate, isPending, error } = useSaveRequest();
  const isNew = request === undefined;

  function submit(form: FormData): void {
    const onSuccess = ({ row: saved }: Written<RequestRow>) => {
      toast.success(`Request ${saved.id} ${isNew ? 'created' : 'corrected and sent again'}`);
      onClose();
    };
    mutate(readDraft(form, { type, id: request?.id, unit }), { onSuccess });
  }

  return (
    <FormDialog
      title={isNew ? 'New request' : `Correct request ${request.id}`}
      description={
        isNew ? 'It waits for approval once it is sent.' : 'It goes back into the queue for approval.'
      }
      submitLabel={isNew ? 'Send request' : 'Send again'}
      isBusy={isPending}
      error={error}
      onClose={onClose}
      onSubmit={submit}
    >
      {request !== undefined && (
        <ActingLine kind="request" id={request.id} unitId={request.unit_id} action="correct" />
      )}
      {request !== undefined && <LatestNote request={request} />}
      {isNew && <TypeField value={type} onChange={setType} />}
      <CrateField key={type} type={type} unit={unit} current={request?.crate ?? undefined} />
      {type === 'Withdrawal' && <ReturnDateField expected={request?.expected_return_date ?? null} />}
      {mustSign(me) && <SignatureField />}
    </FormDialog>
  );
}

interface TypeFieldProps {
  readonly value: RequestType;
  readonly onChange: (type: RequestType) => void;
}

function TypeField({ value, onChange }: TypeFieldProps) {
  return (
    <Field label="What is asked for">
      {(ids) => (
        <Select
          {...ids}
          value={value}
          onChange={(event) => onChange(REQUEST_TYPES.find((type) => type === event.target.value) ?? value)}
        >
          {REQUEST_TYPES.map((type) => (
            <option key={type}>{type}</option>
          ))}
        </Select>
      )}
    </Field>
  );
}
