import type { Query } from '@tanstack/react-query';
import { type AnswerSurroundings, createAnswerCompleter } from './answer-age.ts';
import { createDoubts } from './doubts.ts';
import type { FetchListener } from './fetch-watch.ts';
import type { EndedFetch } from './owed-fetches.ts';

/** Compares what fetches bring with what was received before they began. */
export interface AnswerChecks {
  /** A fetch has ended. What its answer lacks is written into it, where that is certain. */
  settled(
    query: Query,
    fetch: Parameters<FetchListener['settled']>[1],
  ): Pick<EndedFetch, 'hasFailed' | 'isStale' | 'isDoubtful'>;
  isStillDoubtful(query: Query): boolean;
}

export function createAnswerChecks(surroundings: AnswerSurroundings): AnswerChecks {
  const complete = createAnswerCompleter(surroundings);
  const doubts = createDoubts(surroundings);
  return {
    settled(query, { beganAt, by }) {
      const hasFailed = by === 'failure';
      const isStale = by === 'answer' && complete(query, beganAt);
      const isDoubtful = by !== 'other' && !isStale && doubts.settled(query, { beganAt, hasFailed });
      return { hasFailed, isStale, isDoubtful };
    },
    isStillDoubtful: doubts.persists,
  };
}
