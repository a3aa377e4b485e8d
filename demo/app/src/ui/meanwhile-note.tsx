import type { News } from '../words/meanwhile.ts';
import { ActionIcon } from './action-icon.tsx';
import { classes } from './classes.ts';

export interface Meanwhile {
  /** What others have done since the dialog was opened. */
  readonly news: readonly News[];
  /** What has changed of what the dialog shows. */
  readonly differences: readonly string[];
  /** Why the action is not possible any more; `undefined`: it is. */
  readonly obstacle: string | undefined;
}

/** Says what has happened while a dialog was open. Screen readers announce it at once; it is there also while it is empty, since they watch it. */
export function MeanwhileNote({ news, differences, obstacle }: Meanwhile) {
  const isEmpty = news.length === 0 && obstacle === undefined;
  return (
    <div
      role="alert"
      className={classes(
        isEmpty ? 'sr-only' : 'flex flex-col gap-1 rounded-md border-l-3 bg-changed px-3 py-2.5',
        obstacle === undefined ? 'border-tone-amber' : 'border-danger',
      )}
    >
      {news.map(({ action, words }) => (
        <p key={words} className="flex items-center gap-2 font-medium">
          <ActionIcon action={action} />
          {words}
        </p>
      ))}
      {differences.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {obstacle !== undefined && <p>{obstacle}</p>}
    </div>
  );
}
