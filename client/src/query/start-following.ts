import type { Query, QueryCache } from '@tanstack/react-query';
import { tick } from '../connection/moments.ts';
import type { FetchWatch } from './fetch-watch.ts';
import type { Followed } from './kind.ts';
import type { createQuerySubjects } from './query-subjects.ts';
import type { Refetcher } from './refetcher.ts';

interface StartOptions {
  readonly fetches: Pick<FetchWatch, 'beganAt' | 'answeredSince'>;
  readonly subjects: Pick<ReturnType<typeof createQuerySubjects>, 'isConcerned'>;
  readonly refetcher: Pick<Refetcher, 'owe'>;
}

/** What happens where following begins, or begins once more. */
export function createStart(cache: QueryCache, { fetches, subjects, refetcher }: StartOptions) {
  const concerned = (followed: Followed): readonly Query[] =>
    cache.getAll().filter((query) => !isEmpty(query) && subjects.isConcerned(query, followed));
  return {
    /** Back to the beginning of the oldest fetch that is not long ago; and a little more, for the way to the server and back. */
    pastMs(followed: Followed): number {
      const now = tick();
      const ages = concerned(followed).map((query) => now - fetches.beganAt(query));
      return MARGIN_MS + Math.max(0, ...ages.filter((age) => age < MOST_PAST_MS));
    },
    /** What was fetched before `moment` may lack what happened before it. */
    started(followed: Followed, moment: number): void {
      for (const query of concerned(followed))
        if (fetches.answeredSince(query) <= moment)
          refetcher.owe(query, moment, query.state.dataUpdatedAt || undefined);
    },
  };
}

/** How much longer a past is asked for than the fetches have taken: the server measures it from when it is asked. */
const MARGIN_MS = 3000;
/** What was fetched longer ago is fetched again: servers do not replay so much. */
const MOST_PAST_MS = 55_000;

/** Nothing was ever fetched, and nothing is being fetched. */
const isEmpty = ({ state: { data, fetchStatus, status } }: Query): boolean =>
  data === undefined && fetchStatus === 'idle' && status !== 'error';
