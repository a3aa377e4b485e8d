import { type RequestDeed, useRequestDeed } from '../api/requests.ts';
import type { RequestRow } from '../api/rows.ts';
import { ActingLine } from '../presence/present-line.tsx';
import { useMe } from '../session/me.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { SignatureField } from '../ui/signature-field.tsx';
import { useSend } from '../ui/use-send.ts';
import { describeWish } from '../words/things.ts';
import { deedsFor } from './abilities.ts';
import { DeedFields } from './deed-fields.tsx';
import { DEEDS, warningOf } from './deeds.ts';
import { useRequestMeanwhile } from './use-request-meanwhile.ts';

interface DeedDialogProps {
  readonly request: RequestRow;
  readonly deed: RequestDeed;
  /** The request is not there any more, or not this unit's. */
  readonly isGone: boolean;
  readonly onClose: () => void;
}

/** Asks for what a deed needs, and for the signature. It stays when the request goes: it says so. */
export function DeedDialog({ request, deed, isGone, onClose }: DeedDialogProps) {
  const me = useMe();
  const { mutateAsync, isPending, isSuccess, error } = useRequestDeed();
  const { label, heading, explanation, done, verb } = DEEDS[deed];
  const meanwhile = useRequestMeanwhile(
    { request, isGone },
    (now) => deedsFor(me, now).includes(deed),
    `It can no longer be ${verb}.`,
  );

  const what = `Request ${request.id}`;
  const send = useSend(mutateAsync, { what, done: () => `${what} ${done}`, onClose });

  return (
    <FormDialog
      title={`${heading} ${request.id}`}
      description={explanation}
      submitLabel={label}
      warning={warningOf(deed, request)}
      isBusy={isPending || isSuccess}
      error={error}
      meanwhile={meanwhile}
      onClose={onClose}
      onSubmit={(form) => void send({ id: request.id, deed, fields: Object.fromEntries(form) })}
    >
      <p className="text-ink-soft">{describeWish(request)}</p>
      <ActingLine kind="request" id={request.id} unitId={request.unit_id} action={deed} />
      <DeedFields request={request} deed={deed} />
      <SignatureField />
    </FormDialog>
  );
}
