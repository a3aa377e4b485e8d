import type { RequestRow } from '../api/rows.ts';
import { classes } from '../ui/classes.ts';
import { stepsOf } from '../words/activity.ts';
import { fullTime, shortTime } from '../words/time.ts';

/** The way of a request: what was done by whom, and what is still ahead. */
export function RequestSteps({ request }: { readonly request: RequestRow }) {
  return (
    <ol className="flex flex-col">
      {stepsOf(request).map(({ label, isDone, by, at }) => (
        <li
          key={label}
          className={classes(
            'relative grid h-8 grid-cols-[1rem_7.5rem_1fr_auto] items-center gap-2',
            'before:absolute before:top-0 before:left-[7px] before:h-full before:w-px before:bg-line',
            'first:before:top-1/2 first:before:h-1/2 last:before:h-1/2',
            !isDone && 'text-ink-faint',
          )}
        >
          <span
            aria-hidden
            className={classes(
              'relative ml-[3px] size-2.5 rounded-full border-2',
              isDone ? 'border-accent bg-accent' : 'border-line-strong bg-surface',
            )}
          />
          <span className={isDone ? 'font-medium' : ''}>{label}</span>
          <span className="truncate">{by}</span>
          <span className={isDone ? 'text-ink-soft' : ''}>
            <span className="max-sm:hidden">{isDone ? fullTime(at) : 'not yet'}</span>
            <span className="sm:hidden">{isDone ? shortTime(at) : 'not yet'}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
