import type { Query } from '@tanstack/react-query';
import { isRefusal } from '../freshness/refusal.ts';
import { type AnswerSurroundings, keyOfHeld, liveVersionOf, toChange } from './answer-age.ts';
import type { NewestEntity } from './newest-entities.ts';

/** A replica that is later than this is not waited for. */
const LATE_MS = 10_000;
/** How long the answers of a query are believed, after one of them was doubted in vain. */
const BELIEVED_MS = 300_000;

/**
 * Doubts answers that say no version, and do not show what was received shortly before their fetch began. Only events that have a
 * version cause doubts: a DMS without versions cannot name the state of its replicas.
 */
export interface Doubts {
  /** Whether the answer that has come, or the refusal, may be older than what was received. */
  settled(query: Query, fetch: { readonly beganAt: number; readonly hasFailed: boolean }): boolean;
  /** Whether the query still does not show what it was doubted for. */
  persists(query: Query): boolean;
}

/**
 * An empty list has no row that could say a version. If a request was created a moment ago and the list lacks it, the answer may be
 * one of a replica that is late. Or it is right: the server knows something of the list that its key does not say. So the query
 * is fetched again a few times. If it still lacks the request ten seconds after the event, its answers are believed for a while.
 */
export function createDoubts({ newest, writer, matchesOf, held }: AnswerSurroundings): Doubts {
  /** For what each query is doubted. */
  const doubted = new WeakMap<Query, ReadonlySet<string>>();
  /** Until when its answers are believed. */
  const believed = new WeakMap<Query, number>();

  /** What was received between two moments. */
  const received = (from: number, to: number): readonly NewestEntity[] =>
    newest.since(from).filter(({ moment, version }) => moment <= to && version !== null);

  /** What the query does not show of that. */
  function lackedBy(query: Query, from: number, to: number): readonly NewestEntity[] {
    const isHeld = new Set(held().map(keyOfHeld));
    return received(from, to).filter(
      (known) => !isHeld.has(keyOf(known)) && writer.lacks(query, toChange(known)),
    );
  }

  /** What the query, which answers that it does not exist, is about. */
  const refusedOf = (query: Query, from: number, to: number): readonly NewestEntity[] =>
    isRefusal(query.state.error) ? received(from, to).filter((known) => isOneOf(query, known)) : [];

  const isOneOf = (query: Query, { kind, entity, action }: NewestEntity): boolean =>
    !REMOVALS.has(action) &&
    matchesOf(query).some(
      ({ name, filters }) => name in kind.queries && String(filters['id']) === String(entity['id']),
    );

  return {
    settled(query, { beganAt, hasFailed }) {
      const now = performance.now();
      const isSure = !hasFailed && liveVersionOf(query.state.data) !== undefined;
      if (isSure || matchesOf(query).length === 0 || (believed.get(query) ?? 0) > now) return false;
      const lacked = hasFailed ? refusedOf : lackedBy;
      const before = doubted.get(query) ?? NOTHING;
      const isInVain =
        before.size > 0 && lacked(query, 0, beganAt - LATE_MS).some((known) => before.has(keyOf(known)));
      if (isInVain) believed.set(query, now + BELIEVED_MS);
      const late = isInVain ? [] : lacked(query, beganAt - LATE_MS, beganAt);
      doubted.set(query, new Set(late.map(keyOf)));
      return late.length > 0;
    },
    persists(query) {
      const keys = doubted.get(query) ?? NOTHING;
      return lackedBy(query, 0, Number.POSITIVE_INFINITY).some((known) => keys.has(keyOf(known)));
    },
  };
}

const NOTHING: ReadonlySet<string> = new Set();
const REMOVALS: ReadonlySet<string> = new Set(['DELETED', 'MOVED_OUT']);

const keyOf = ({ kind, entity }: NewestEntity): string =>
  keyOfHeld({ entity: kind.entity, id: String(entity['id']) });
