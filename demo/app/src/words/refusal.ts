import { conflictOf } from '../api/conflict.ts';
import type { Me } from '../api/rows.ts';
import { describeFailedWrite, OutcomeUnknown } from '../api/write.ts';
import { describeConflict, type News } from './meanwhile.ts';

interface Known {
  /** What stands above it in the dialog. */
  readonly news: readonly Pick<News, 'action'>[];
  readonly obstacle: string | undefined;
  /** The user has done something to the thing since the dialog was sent last: it stands among the news. */
  readonly isDone: boolean;
  readonly me: Me;
}

/** Why what a dialog has sent was not done, as far as the dialog does not say it already; `undefined`: there is nothing to say. */
export function describeRefusal(error: unknown, { news, obstacle, isDone, me }: Known): string | undefined {
  if (error === null) return undefined;
  const conflict = conflictOf(error);
  if (conflict !== undefined) {
    const isNamed = news.some(({ action }) => action !== ''); // by an event; a row that was fetched again names nobody
    return isNamed ? undefined : describeConflict(conflict, me);
  }
  const isKnown = isDone || obstacle !== undefined;
  if (error instanceof OutcomeUnknown && isKnown) return undefined;
  return describeFailedWrite(error, { isOpen: true });
}
