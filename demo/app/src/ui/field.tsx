import { ChevronDown } from 'lucide-react';
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import { classes } from './classes.ts';
import { useFieldProblem } from './field-problems.tsx';

const CONTROL =
  'w-full rounded-md border border-line-strong bg-surface text-ink placeholder:text-ink-faint disabled:opacity-55';

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** Why what is chosen is not possible any more: shown instead of the hint, and the form cannot be sent. */
  readonly problem?: string | undefined;
  /** The control, given what ties it to its label, hint and problem. */
  readonly children: (ids: ControlIds) => ReactNode;
}

interface ControlIds {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

export function Field({ label, hint, problem: possible, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const problem = useFieldProblem(possible);
  const note = problem ?? hint;
  const isWrong = problem !== undefined;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': note === undefined ? undefined : noteId, 'aria-invalid': isWrong })}
      {note !== undefined && (
        <p
          key={isWrong ? 'problem' : 'hint'} // a new alert is announced, a hint that becomes one may not be
          id={noteId}
          role={isWrong ? 'alert' : undefined}
          className={isWrong ? 'text-danger' : 'text-xs text-ink-faint'}
        >
          {note}
        </p>
      )}
    </div>
  );
}

export function TextInput({ className, ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return <input className={classes(CONTROL, 'h-control pr-2.5', className ?? 'pl-2.5')} {...rest} />;
}

export function TextArea(props: InputHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea rows={3} className={classes(CONTROL, 'resize-none px-2.5 py-1.5')} {...props} />;
}

export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className={classes('relative inline-flex', className)}>
      <select className={classes(CONTROL, 'h-control appearance-none truncate pr-8 pl-2.5')} {...rest}>
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2 size-4 -translate-y-1/2 text-ink-faint"
      />
    </span>
  );
}

/** What went wrong with a form. Screen readers announce it at once. */
export function FormError({ message }: { readonly message: string | undefined }) {
  return (
    <p role="alert" className={classes('text-danger', message === undefined && 'sr-only')}>
      {message}
    </p>
  );
}
