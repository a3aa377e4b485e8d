import type { ReactNode } from 'react';
import { describeError } from '../api/http.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FormError } from './field.tsx';

interface FormDialogProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** What the button says that sends it. */
  readonly submitLabel: string;
  readonly isBusy: boolean;
  /** Why the server refused it; `null`: it did not. */
  readonly error: unknown;
  readonly onSubmit: (fields: FormData) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog that asks for something and sends it. */
export function FormDialog({ submitLabel, isBusy, error, onSubmit, children, ...dialog }: FormDialogProps) {
  return (
    <Dialog {...dialog}>
      <form
        className="flex flex-col gap-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(new FormData(event.currentTarget));
        }}
      >
        {children}
        <FormError message={error === null ? undefined : describeError(error)} />
        <div className="flex justify-end gap-2 pt-1">
          <Button onClick={dialog.onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={isBusy}>
            {submitLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
