import { useState } from 'react';
import { useSaveRequest } from '../api/requests.ts';
import { REQUEST_TYPES, type RequestRow, type RequestType } from '../api/rows.ts';
import { ActingLine } from '../presence/present-line.tsx';
import { useMe } from '../session/me.tsx';
import { useUnit } from '../shell/unit-select.tsx';
import { Field, Select } from '../ui/field.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import type { Meanwhile } from '../ui/meanwhile-note.tsx';
import { SignatureField } from '../ui/signature-field.tsx';
import { useSend } from '../ui/use-send.ts';
import { mayCorrect, mustSign } from './abilities.ts';
import { CrateField } from './crate-field.tsx';
import { readDraft } from './read-draft.ts';
import { ReturnDateField } from './return-date-field.tsx';
import { LatestNote } from './send-back-notes.tsx';
import { useRequestMeanwhile } from './use-request-meanwhile.ts';

interface CorrectDialogProps {
  readonly request: RequestRow;
  /** The request is not there any more, or not this unit's. */
  readonly isGone: boolean;
  readonly onClose: () => void;
}

/** Asks for what is to be corrected of a request that was sent back, until somebody else has corrected it. */
export function CorrectDialog({ request, isGone, onClose }: CorrectDialogProps) {
  const me = useMe();
  const meanwhile = useRequestMeanwhile(
    { request, isGone },
    (now) => mayCorrect(me, now),
    'It waits for no correction any more.',
  );
  return <DraftDialog request={request} meanwhile={meanwhile} onClose={onClose} />;
}

interface DraftDialogProps {
  /** The request to correct; without one, a new one is made. */
  readonly request?: RequestRow;
  readonly meanwhile?: Meanwhile;
  readonly onClose: () => void;
}

/** Asks for what a request needs, of whichever type. */
export function DraftDialog({ request, meanwhile, onClose }: DraftDialogProps) {
  const me = useMe();
  const chosenUnit = useUnit();
  const unit = String(request?.unit_id ?? (chosenUnit || (me.unit_id ?? '')));
  const [type, setType] = useState<RequestType>(request?.request_type ?? 'Withdrawal');
  const { mutateAsync, isPending, isSuccess, error } = useSaveRequest();
  const isNew = request === undefined;

  const send = useSend(mutateAsync, {
    what: isNew ? 'New request' : `Request ${request.id}`,
    done: ({ row: saved }) => `Request ${saved.id} ${isNew ? 'created' : 'corrected and sent again'}`,
    onClose,
  });

  return (
    <FormDialog
      title={isNew ? 'New request' : `Correct request ${request.id}`}
      description={
        isNew ? 'It waits for approval once it is sent.' : 'It goes back into the queue for approval.'
      }
      submitLabel={isNew ? 'Send request' : 'Send again'}
      isBusy={isPending || isSuccess}
      error={error}
      {...(meanwhile && { meanwhile })}
      onClose={onClose}
      onSubmit={(form) => void send(readDraft(form, { type, id: request?.id, unit }))}
    >
      {request !== undefined && (
        <ActingLine kind="request" id={request.id} unitId={request.unit_id} action="correct" />
      )}
      {request !== undefined && <LatestNote request={request} />}
      {isNew && <TypeField value={type} onChange={setType} />}
      <CrateField key={type} type={type} unit={unit} request={request} />
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
