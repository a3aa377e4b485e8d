import { notifyManager, type Query, type QueryCache } from '@tanstack/react-query';
import { applyChange, concerns } from './apply-change.ts';
import type { Change } from './change.ts';
import type { Patcher } from './patcher.ts';
import type { KeyMatch } from './query-keys.ts';

/** A change, and the moment it was heard of. */
export interface Heard {
  readonly change: Change;
  readonly moment: number;
}

/** What the writer needs to know of queries. */
export interface QueryKnowledge {
  matchesOf(query: Query): readonly KeyMatch[];
  readonly patcher: Patcher;
  /** When the fetch began whose answer the query shows: what was heard before, it has. */
  answeredSince(query: Query): number;
  /** The query has to be fetched by a fetch that begins after `moment`. */
  owe(query: Query, moment: number): void;
}

/** Writes events into cached queries. */
export interface QueryWriter {
  write(heard: readonly Heard[]): void;
  /**
   * A fetch has ended: what was heard while it was under way may be missing in what the query shows now, so it is written again.
   * If the answer has it, that changes nothing, and nothing more is fetched for it.
   */
  settled(query: Query): void;
  /** Nothing is heard any more: what is kept is forgotten. */
  forget(): void;
}

/** More events than this during one fetch are not kept: the query is fetched again instead. */
const KEPT = 1000;

export function createQueryWriter(cache: QueryCache, knowledge: QueryKnowledge): QueryWriter {
  let meanwhile = new WeakMap<Query, readonly Heard[]>();

  function writeTo(query: Query, heard: readonly Heard[]): void {
    const matches = knowledge.matchesOf(query);
    const answeredSince = knowledge.answeredSince(query);
    const concerning = heard.filter(
      ({ change, moment }) =>
        moment > answeredSince && matches.some(({ name }) => concerns(change.kind, name)),
    );
    if (concerning.length === 0) return;
    const isFetching = query.state.fetchStatus !== 'idle';
    if (isFetching) meanwhile.set(query, [...(meanwhile.get(query) ?? []), ...concerning].slice(-KEPT - 1));
    if (query.state.data === undefined) return;
    const owedSince = patch(query, matches, concerning);
    if (!isFetching && owedSince > 0) knowledge.owe(query, owedSince);
  }

  /** Returns the moment of the last change that does not tell enough; 0: none. */
  function patch(query: Query, matches: readonly KeyMatch[], heard: readonly Heard[]): number {
    let data: unknown = query.state.data;
    let owedSince = 0;
    for (const { change, moment } of heard) {
      for (const match of matches) {
        const applied = applyChange(match, data, change, knowledge.patcher);
        data = applied.data;
        if (applied.needsFetch) owedSince = moment;
      }
    }
    // Not `setQueryData`, which would make stale data pass for fresh, and a failed refetch for a success.
    if (data !== query.state.data) query.setState({ data });
    return owedSince;
  }

  return {
    write(heard) {
      notifyManager.batch(() => {
        for (const query of cache.getAll()) writeTo(query, heard);
      });
    },
    settled(query) {
      const heard = meanwhile.get(query);
      if (heard === undefined || query.state.fetchStatus !== 'idle') return;
      meanwhile.delete(query);
      const last = heard.at(-1);
      if (last !== undefined && heard.length > KEPT) knowledge.owe(query, last.moment);
      writeTo(query, heard);
    },
    forget() {
      meanwhile = new WeakMap();
    },
  };
}
