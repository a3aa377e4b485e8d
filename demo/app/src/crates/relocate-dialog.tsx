import { toast } from 'sonner';
import { useRelocate } from '../api/crates.ts';
import type { CrateRow } from '../api/rows.ts';
import { ActingLine } from '../presence/present-line.tsx';
import { FreePlaceField } from '../storage/free-place-field.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { describePlace } from '../words/things.ts';

interface RelocateDialogProps {
  readonly crate: CrateRow;
  readonly onClose: () => void;
}

export function RelocateDialog({ crate, onClose }: RelocateDialogProps) {
  const { mutate, isPending, error } = useRelocate();

  function submit(form: FormData): void {
    const onSuccess = () => {
      toast.success(`Crate ${crate.id} relocated`);
      onClose();
    };
    mutate({ id: crate.id, storage: String(form.get('storage')) }, { onSuccess });
  }

  return (
    <FormDialog
      title={`Relocate crate ${crate.id}`}
      description={crate.storage === null ? 'It has no place yet.' : `Now at ${describePlace(crate.storage)}`}
      submitLabel="Relocate"
      isBusy={isPending}
      error={error}
      onClose={onClose}
      onSubmit={submit}
    >
      <ActingLine kind="crate" id={crate.id} unitId={crate.unit_id} action="relocate" />
      <FreePlaceField unit={String(crate.unit_id)} />
    </FormDialog>
  );
}
