import { type Query, replaceEqualDeep } from '@tanstack/react-query';
import { tick } from '../connection/moments.ts';
import type { FetchListener, FetchWatch } from './fetch-watch.ts';
import type { MutationListener, MutationWatch } from './mutation-watch.ts';
import type { QueryWriter } from './query-writer.ts';

interface Surroundings {
  readonly fetches: FetchWatch;
  mutations(): MutationWatch | undefined;
  readonly writer: Pick<QueryWriter, 'write' | 'check'>;
  /** Whether anything that is followed concerns the query. */
  isFollowed(query: Query): boolean;
  /** The query has to be fetched by a fetch that begins after `moment`. */
  owe(query: Query, moment: number): void;
}

export interface ReplacedData extends Pick<FetchListener, 'replaced'>, Pick<MutationListener, 'over'> {}

/**
 * Data that no watched fetch has brought may lack events: nobody knows of which moment they are, so the query is fetched. What a
 * page sets while a mutation is under way is its optimistic value, its answer or its rollback, so it lacks only events since then,
 * unless the query was answered meanwhile. If one of several mutations fails that were under way at once, what it rolls back to may
 * be the value of another one, which has failed or is lost. So what they have set is fetched when all of them are over.
 */
export function createReplacedData(surroundings: Surroundings): ReplacedData {
  /** What has been set since the first of the mutations began that are under way. */
  const sets = new Map<Query, { readonly snapshot: unknown; moment: number }>();

  /** A rollback sets the data that were there before the first `setQueryData` of the mutation. */
  function isRollback(query: Query, before: unknown): boolean {
    const set = sets.get(query);
    if (set === undefined) {
      sets.set(query, { snapshot: before, moment: tick() });
      return false;
    }
    set.moment = tick();
    return replaceEqualDeep(set.snapshot, query.state.data) === set.snapshot;
  }

  /** Nobody knows what the query shows now, and what it showed before does not count. */
  function lose(query: Query): void {
    surroundings.fetches.forgetAnswer(query);
    if (surroundings.isFollowed(query)) surroundings.owe(query, 0);
  }

  return {
    replaced(query, { isSet, before }) {
      const mutations = surroundings.mutations();
      const since = mutations?.since;
      const received = mutations?.received();
      const answeredAt = surroundings.fetches.answeredAt(query);
      if (!isSet)
        queueMicrotask(() => lose(query)); // React may be rendering
      else if (since === undefined || received === undefined || answeredAt > since) lose(query);
      else if (isRollback(query, before)) surroundings.writer.write(query, received);
      else surroundings.writer.check(query, received); // an answer may be newer than they are
    },
    over(areTangled) {
      for (const [query, { moment }] of areTangled ? sets : [])
        if (surroundings.isFollowed(query) && surroundings.fetches.answeredSince(query) <= moment)
          surroundings.owe(query, moment);
      sets.clear();
    },
  };
}
