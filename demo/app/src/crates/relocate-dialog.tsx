import { useChangedMeanwhile } from 'dms-live-react';
import { useRelocate } from '../api/crates.ts';
import type { CrateRow } from '../api/rows.ts';
import { ActingLine } from '../presence/present-line.tsx';
import { FreePlaceField } from '../storage/free-place-field.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { SignatureField } from '../ui/signature-field.tsx';
import { useSend } from '../ui/use-send.ts';
import { crateDifferences, GONE, newsOf } from '../words/meanwhile.ts';
import { describePlace } from '../words/things.ts';

interface RelocateDialogProps {
  readonly crate: CrateRow;
  /** The crate is not there any more, or not this unit's. */
  readonly isGone: boolean;
  readonly onClose: () => void;
}

export function RelocateDialog({ crate, isGone, onClose }: RelocateDialogProps) {
  const { mutateAsync, isPending, isSuccess, error } = useRelocate();
  const meanwhile = useChangedMeanwhile('crate', crate);
  const now = meanwhile?.now ?? crate;
  const hasGone = isGone || meanwhile?.isGone === true;
  const canMove = !hasGone && now.status !== 'Destroyed';

  const what = `Crate ${crate.id}`;
  const send = useSend(mutateAsync, { what, done: () => `${what} relocated`, onClose });

  function submit(form: FormData): void {
    const [storage, signature] = [form.get('storage'), form.get('signature')].map(String);
    void send({ id: crate.id, storage, signature });
  }

  return (
    <FormDialog
      title={`Relocate crate ${crate.id}`}
      description={now.storage === null ? 'It has no place yet.' : `Now at ${describePlace(now.storage)}`}
      submitLabel="Relocate"
      isBusy={isPending || isSuccess}
      error={error}
      meanwhile={{
        news: meanwhile === undefined ? [] : newsOf(meanwhile),
        differences: meanwhile === undefined || hasGone ? [] : crateDifferences(meanwhile),
        obstacle: canMove
          ? undefined
          : `${hasGone && meanwhile === undefined ? GONE : ''} It can no longer be relocated.`,
      }}
      onClose={onClose}
      onSubmit={submit}
    >
      <ActingLine kind="crate" id={crate.id} unitId={crate.unit_id} action="relocate" />
      <FreePlaceField unit={String(crate.unit_id)} crate={crate.id} />
      <SignatureField />
    </FormDialog>
  );
}
