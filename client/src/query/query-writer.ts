import { notifyManager, type Query, type QueryCache, replaceEqualDeep } from '@tanstack/react-query';
import { createFrame } from '../connection/frame.ts';
import { guarded } from '../connection/guarded.ts';
import { liveVersionOf } from './answer-age.ts';
import type { FetchCode } from './fetch-reasons.ts';
import type { Change, KeyMatch, Patcher } from './kind.ts';
import { readRows } from './rows.ts';
import { ruleOf } from './rules.ts';
import type { Trace } from './trace.ts';

/** A change, and the moment when it was received. */
export interface Received {
  readonly change: Change;
  readonly moment: number;
}

/** What the writer needs to know of queries. */
export interface QueryKnowledge {
  matchesOf(query: Query): readonly KeyMatch[];
  readonly patcher: Patcher;
  /** Replaces the query's data. */
  write(query: Query, data: unknown): void;
  /** When the fetch began whose answer the query shows. The answer includes what was received before. */
  answeredSince(query: Query): number;
  /** The query has to be fetched by a fetch that begins after `moment`. */
  owe(query: Query, moment: number): void;
  readonly trace: Trace;
}

/** Writes events into cached queries. */
export interface QueryWriter {
  /** Writes the first change at once; changes that come within a frame of it are written together at its end. */
  add(...received: readonly Received[]): void;
  /** Writes at the end of a frame: of events of the past only the last one shall be seen. */
  addSoon(received: Received): void;
  /** Writes at once what waits for the end of its frame. */
  flush(): void;
  /**
   * Writes into one query what its answer lacks.
   * @returns whether that changed the data, and whether it does not say enough.
   */
  complete(
    query: Query,
    changes: readonly Change[],
  ): { readonly hasChanged: boolean; readonly needsFetch: boolean };
  /** Whether a query does not show what a change says of its entity. Writes nothing. */
  lacks(query: Query, change: Change): boolean;
  /** Writes changes into one query. */
  write(query: Query, received: readonly Received[]): void;
  /** Writes nothing, but has the query fetched if it does not show what these changes say. */
  check(query: Query, received: readonly Received[]): void;
  /** The same for all queries. */
  checkAll(received: readonly Received[]): void;
  /**
   * A fetch has ended. What was received while it was under way may be missing in what the query shows now, so it is written
   * again. If the answer has it, that changes nothing, and nothing more is fetched for it.
   */
  settled(query: Query): void;
  /** Nothing is received any more: what waits or is kept is forgotten. */
  forget(): void;
}

/** More events than this during one fetch are not kept: the query is fetched again instead. */
const KEPT = 1000;

export function createQueryWriter(cache: QueryCache, knowledge: QueryKnowledge): QueryWriter {
  let waiting: Received[] = [];
  const frame = createFrame(flush);
  /** What was received while a query was being fetched. */
  let meanwhile = new WeakMap<Query, readonly Received[]>();

  function flush(): void {
    if (waiting.length === 0) return;
    const received = waiting;
    waiting = [];
    notifyManager.batch(() => {
      for (const query of cache.getAll()) guarded(() => writeTo(query, received));
    });
  }

  function writeTo(query: Query, all: readonly Received[]): void {
    const concerned = concerning(query, all, knowledge);
    const isFetching = query.state.fetchStatus !== 'idle';
    // Also what the data have: they may have been set, and the answer may be older.
    if (isFetching && concerned.length > 0)
      meanwhile.set(query, [...(meanwhile.get(query) ?? []), ...concerned].slice(-KEPT - 1));
    const received = lackedBy(query, concerned, knowledge);
    knowledge.trace.listener?.began(query, all, received, 'write');
    const last = received.at(-1);
    if (last === undefined) return;
    if (query.state.data === undefined) {
      // It has failed, or the app has cancelled its first fetch. A query that nobody looks at may not have begun.
      if (!isFetching && (query.state.status === 'error' || query.isActive()))
        knowledge.owe(query, last.moment);
      return;
    }
    const { data, owedSince } = patched(query, received, knowledge);
    if (data !== query.state.data) knowledge.write(query, data);
    if (!isFetching && owedSince > 0) knowledge.owe(query, owedSince);
  }

  function check(query: Query, all: readonly Received[]): void {
    const concerned = concerning(query, all, knowledge);
    const { data: shown, fetchStatus } = query.state;
    const isFetching = fetchStatus !== 'idle';
    const received = isFetching ? concerned : lackedBy(query, concerned, knowledge);
    knowledge.trace.listener?.began(query, all, received, 'check');
    const last = received.at(-1);
    if (last === undefined) return;
    if (isFetching) knowledge.owe(query, last.moment); // its answer may lack them
    if (isFetching || shown === undefined) return;
    const { data, owedSince } = patched(query, received, knowledge);
    if (data !== shown || owedSince > 0) knowledge.owe(query, last.moment);
  }

  return {
    add(...received) {
      waiting.push(...received);
      frame.ask();
    },
    addSoon(received) {
      waiting.push(received);
      frame.askSoon();
    },
    flush,
    complete(query, changes) {
      const before = query.state.data;
      const received = changes.map((change) => ({ change, moment: 1 }));
      const { data, owedSince } = patched(query, received, knowledge);
      if (data !== before) knowledge.write(query, data);
      return { hasChanged: data !== before, needsFetch: owedSince > 0 };
    },
    lacks: (query, change) => lacks(query, change, knowledge),
    write: writeTo,
    check,
    checkAll(received) {
      for (const query of cache.getAll()) guarded(() => check(query, received));
    },
    settled(query) {
      const received = meanwhile.get(query);
      if (received === undefined || query.state.fetchStatus !== 'idle') return;
      meanwhile.delete(query);
      const last = received.at(-1);
      if (last !== undefined && received.length > KEPT) knowledge.owe(query, last.moment);
      writeTo(query, received);
    },
    forget() {
      frame.stop();
      waiting = [];
      meanwhile = new WeakMap();
    },
  };
}

/** The changes of kinds that a query shows. */
function concerning(
  query: Query,
  received: readonly Received[],
  { matchesOf }: QueryKnowledge,
): readonly Received[] {
  const matches = matchesOf(query);
  return received.filter(({ change }) => matches.some(({ name }) => ruleOf(change.kind, name) !== undefined));
}

/** Those of them that the data which the query shows may lack. */
function lackedBy(
  query: Query,
  received: readonly Received[],
  knowledge: QueryKnowledge,
): readonly Received[] {
  const answeredSince = knowledge.answeredSince(query);
  const version = liveVersionOf(query.state.data);
  return received.filter(({ change, moment }) =>
    version !== undefined && change.version !== null ? change.version > version : moment > answeredSince,
  );
}

/** The data with changes, and the moment of the last change that does not say enough; 0: none. */
function patched(
  query: Query,
  received: readonly Received[],
  { matchesOf, patcher, trace }: QueryKnowledge,
): { data: unknown; owedSince: number } {
  let data: unknown = query.state.data;
  let owedSince = 0;
  for (const { change, moment } of received) {
    for (const match of matchesOf(query)) {
      const apply = ruleOf(change.kind, match.name);
      if (apply === undefined) continue;
      const applied = apply(match, data, change, patcher);
      trace.listener?.applied(query, change, match, data, applied);
      data = applied.data;
      if (applied.needsFetch) owedSince = moment;
    }
  }
  return { data, owedSince };
}

/** Which of the reasons for a fetch say that an entity is missing, or that it is there and should not be. */
const LACKING: ReadonlySet<FetchCode> = new Set(['enters', 'leaves', 'other-entity']);

function lacks(query: Query, change: Change, { matchesOf, patcher }: QueryKnowledge): boolean {
  const { data } = query.state;
  return matchesOf(query).some((match) => {
    const applied = ruleOf(change.kind, match.name)?.(match, data, change, patcher);
    if (applied === undefined) return false;
    if (applied.needsFetch !== false && isLacking(applied.needsFetch.code, match, change, data)) return true;
    return replaceEqualDeep(data, applied.data) !== data;
  });
}

function isLacking(code: FetchCode, { name }: KeyMatch, change: Change, data: unknown): boolean {
  const isOwn = name in change.kind.queries;
  const isRemoval = change.action === 'DELETED' || change.action === 'MOVED_OUT';
  if (isRemoval) return isOwn && code === 'removed';
  return isOwn && LACKING.has(code) && readRows(data)?.isWhole !== false; // otherwise it may be on another page
}
