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
        {/*
          Where the page is short the fields scroll: the buttons, and what one must know before pressing them, stay in sight. Where it
          is so short that they would cover the field that has the focus, they scroll too.
        */}
        <div className="sticky bottom-0 tiny:static -mx-5 flex flex-col rounded-b-lg gap-2.5 bg-surface px-5 pb-4 shadow-[0_-0.375rem_0.375rem_var(--surface)]">
          <FormError message={describeRefusal(error, { ...shown, isDone: own > ownBefore, me })} />
          {warning !== undefined && !isOver && (
            <p className="rounded-md bg-danger-soft px-3 py-2 font-medium text-danger">{warning}</p>
          )}
          <div className="flex justify-end gap-2 pt-1">
            <Button onClick={dialog.onClose}>{isOver ? 'Close' : 'Cancel'}</Button>
            <Button
              look={warning === undefined ? 'primary' : 'final'}
              type="submit"
              disabled={!isPossible || isBusy}
            >
              {submitLabel}
            </Button>
          </div>
        </div>
      </form>
    </Dialog>
  );
}
