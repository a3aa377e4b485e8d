import type { ButtonHTMLAttributes } from 'react';
import { forwardRef } from 'react';
import { classes } from './classes.ts';

const LOOKS = {
  primary: 'bg-fill text-white hover:bg-fill-hover',
  plain: 'border border-line-strong/50 bg-surface text-ink hover:bg-raised',
  quiet: 'text-ink-soft hover:bg-raised hover:text-ink',
  /** What it does cannot be undone. */
  final: 'bg-danger-fill text-white hover:bg-danger-fill/85',
  danger: 'border border-danger/50 bg-surface text-danger hover:bg-danger-soft',
};

const SHAPES = { text: 'px-3', icon: 'w-control' };

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof LOOKS;
  readonly shape?: keyof typeof SHAPES;
}

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { look = 'plain', shape = 'text', type = 'button', className, disabled = false, onClick, ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type={type}
      // Not `disabled`: that would lose the focus, when it becomes so by being pressed.
      aria-disabled={disabled || undefined}
      onClick={disabled ? (event) => event.preventDefault() : onClick}
      className={classes(
        'inline-flex h-control shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap',
        'transition-colors aria-disabled:cursor-not-allowed aria-disabled:opacity-55',
        LOOKS[look],
        SHAPES[shape],
        className,
      )}
      {...rest}
    />
  );
});

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does, for the tooltip and for screen readers. */
  readonly label: string;
}

export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { label, ...rest },
  ref,
) {
  return <Button ref={ref} look="quiet" shape="icon" aria-label={label} title={label} {...rest} />;
});
