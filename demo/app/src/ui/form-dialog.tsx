import { type ReactNode, useState } from 'react';
import { useMe } from '../session/me.tsx';
import { describeRefusal } from '../words/refusal.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { FormError } from './field.tsx';
import { FormProblems, useProblems } from './field-problems.tsx';
import { type Meanwhile, MeanwhileNote } from './meanwhile-note.tsx';

interface FormDialogProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** What the button says that sends it. */
  readonly submitLabel: string;
  /** What cannot be undone, of an action that is final. */
  readonly warning?: string | undefined;
  readonly isBusy: boolean;
  /** Why the server refused it; `null`: it did not. */
  readonly error: unknown;
  /** What has happened while it was open. While it is being sent, only the server's answer counts. */
  readonly meanwhile?: Meanwhile;
  readonly onSubmit: (fields: FormData) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

const NOTHING: Meanwhile = { news: [], differences: [], obstacle: undefined };

/** A dialog that asks for something and sends it. */
export function FormDialog(props: FormDialogProps) {
  const { submitLabel, warning, isBusy, error, meanwhile = NOTHING, onSubmit, children, ...dialog } = props;
  const me = useMe();
  const problems = useProblems();
  const own = meanwhile.news.filter(({ isOwn }) => isOwn).length;
  const [ownBefore, setOwnBefore] = useState(0);
  const shown = isBusy ? NOTHING : meanwhile;
  const isOver = shown.obstacle !== undefined;
  const isPossible = !isOver && !problems.areThere;
  return (
    <Dialog {...dialog}>
      <form
        className="flex flex-col gap-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isPossible || isBusy) return;
          setOwnBefore(own);
          onSubmit(new FormData(event.currentTarget));
        }}
      >
        <MeanwhileNote {...shown} />
        <FormProblems isBusy={isBusy} report={problems.report}>
          {children}
        </FormProblems>
        <FormError message={describeRefusal(error, { ...shown, isDone: own > ownBefore, me })} />
        {warning !== undefined && !isOver && (
          <p className="rounded-md bg-danger-soft px-3 py-2 font-medium text-danger">{warning}</p>
        )}
        <div className="flex justify-end gap-2 pt-1">
          <Button onClick={dialog.onClose}>{isOver ? 'Close' : 'Cancel'}</Button>
          {/* A disabled button would lose the focus. */}
          <Button
            look={warning === undefined ? 'primary' : 'final'}
            type="submit"
            aria-disabled={!isPossible || isBusy}
          >
            {submitLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
