import type { Change } from './change.ts';
import type { Patcher } from './patcher.ts';
import type { KeyMatch } from './query-keys.ts';

/** What a change makes of a query's data. */
export interface Applied {
  /** The same object if nothing has changed. */
  readonly data: unknown;
  /** The event does not tell all that the query shows: it has to be fetched after the event. */
  readonly needsFetch: boolean;
}

export type Apply = (match: KeyMatch, data: unknown, change: Change, patcher: Patcher) => Applied;
