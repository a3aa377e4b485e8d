import { toast } from 'sonner';
import { type RequestDeed, useRequestDeed } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';
import { ActingLine } from '../presence/present-line.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { SignatureField } from '../ui/signature-field.tsx';
import { DeedFields } from './deed-fields.tsx';
import { DEEDS } from './deeds.ts';

interface DeedDialogProps {
  readonly request: RequestRow;
  readonly deed: RequestDeed;
  readonly onClose: () => void;
}

/** Asks for what a deed needs, and for the signature. */
export function DeedDialog({ request, deed, onClose }: DeedDialogProps) {
  const { mutate, isPending, error } = useRequestDeed();
  const { label, heading, explanation, done } = DEEDS[deed];

  function submit(form: FormData): void {
    const onSuccess = () => {
      toast.success(`Request ${request.id} ${done}`);
      onClose();
    };
    mutate({ id: request.id, deed, fields: Object.fromEntries(form) }, { onSuccess });
  }

  return (
    <FormDialog
      title={`${heading} ${request.id}`}
      description={explanation}
      submitLabel={label}
      isBusy={isPending}
      error={error}
      onClose={onClose}
      onSubmit={submit}
    >
      <ActingLine kind="request" id={request.id} unitId={request.unit_id} action={deed} />
      <DeedFields request={request} deed={deed} />
      <SignatureField />
    </FormDialog>
  );
}
