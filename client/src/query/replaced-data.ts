import { type Query, replaceEqualDeep } from '@tanstack/react-query';
import type { FetchListener, FetchWatch } from './fetch-watch.ts';
import type { MutationWatch } from './mutation-watch.ts';
import type { QueryWriter } from './query-writer.ts';

interface Surroundings {
  readonly fetches: FetchWatch;
  mutations(): MutationWatch | undefined;
  readonly writer: Pick<QueryWriter, 'write' | 'check'>;
  /** Whether anything that is followed concerns the query. */
  isFollowed(query: Query): boolean;
  /** The query has to be fetched; any answer will do. */
  owe(query: Query): void;
}

/**
 * Data that no watched fetch has brought may lack events: nobody knows of which moment they are, so the query is fetched. What a
 * page sets while a mutation is under way is its optimistic value, its answer or its rollback, so it lacks only events since then,
 * unless the query was answered meanwhile.
 */
export function createReplacedData(surroundings: Surroundings): FetchListener['replaced'] {
  let snapshots = new WeakMap<Query, unknown>();
  let snapshotsSince: number | undefined;

  /** A rollback sets the data that were there before the first `setQueryData` of the mutation. */
  function isRollback(query: Query, before: unknown, since: number): boolean {
    if (snapshotsSince !== since) snapshots = new WeakMap();
    snapshotsSince = since;
    if (snapshots.has(query)) {
      const snapshot = snapshots.get(query);
      return replaceEqualDeep(snapshot, query.state.data) === snapshot;
    }
    snapshots.set(query, before);
    return false;
  }

  /** Nobody knows what the query shows now, and what it showed before does not count. */
  function lose(query: Query): void {
    surroundings.fetches.forgetAnswer(query);
    if (surroundings.isFollowed(query)) surroundings.owe(query);
  }

  return (query, { isSet, before }) => {
    const mutations = surroundings.mutations();
    const since = mutations?.since;
    const received = mutations?.received();
    const answeredAt = surroundings.fetches.answeredAt(query);
    if (!isSet)
      queueMicrotask(() => lose(query)); // React may be rendering
    else if (since === undefined || received === undefined || answeredAt > since) lose(query);
    else if (isRollback(query, before, since)) surroundings.writer.write(query, received);
    else surroundings.writer.check(query, received); // an answer may be newer than they are
  };
}
