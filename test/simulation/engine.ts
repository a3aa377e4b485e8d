import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import type { PastRerun, Position, Rerun } from 'yoga-shared-subscriptions';
import { LiveError } from '../../src/errors.ts';
import { readPath } from '../../src/events/paths.ts';
import type { Topic } from '../../src/events/topic-names.ts';
import { readCursor } from '../../src/topics/cursor.ts';
import type { Hub } from '../../src/topics/hub.ts';
import type { LatestSnapshots } from '../../src/topics/latest-snapshots.ts';
import type { TopicEvent } from '../../src/topics/log-tail.ts';
import type { Replay } from '../../src/topics/replay.ts';
import { createSnapshotOrder } from '../../src/topics/snapshot-order.ts';
import type { SourceEvent } from '../../src/topics/source-event.ts';
import {
  openTopicSource,
  type Reading,
  replayEvents,
  type TopicSource,
} from '../../src/topics/topic-source.ts';
import { topicOf, type Viewer, type Wish } from './wishes.ts';

/** The context of a shared execution. */
export interface Shared {
  readonly viewer: Viewer;
  readonly signal: AbortSignal;
  source?: Pick<TopicSource, 'position' | 'replay' | 'past'>;
  readonly missed?: readonly TopicEvent[];
  position?: Position | undefined;
}

export interface EngineServices {
  readonly hub: Hub;
  readonly latestKpis: LatestSnapshots;
  readonly maxWaiting: number;
  /** Takes the time of an execution. `undefined` if executions take no time. */
  readonly execution: (() => Promise<void>) | undefined;
}

const crateIdOf = readPath('crate.id');

type Results = AsyncGenerator<ExecutionResult, undefined, undefined>;

/** Replaces GraphQL between sharing and the topics: the result of an event is its id. */
export function createEngine({ hub, latestKpis, maxWaiting, execution }: EngineServices) {
  function readingOf(wish: Wish, viewer: Viewer): Reading {
    const topic = topicOf(wish, viewer);
    switch (wish.kind) {
      case 'crate':
        return {
          kind: 'crate',
          topic,
          wants: (event) => wish.crateId === undefined || crateIdOf(event) === wish.crateId,
        };
      case 'sendback':
        return { kind: 'sendback', topic };
      case 'kpis':
        return newestKpis(topic);
    }
  }

  function newestKpis(topic: Topic): Reading {
    const order = createSnapshotOrder();
    return {
      kind: 'kpis',
      topic,
      newestOnly: { first: async (logged) => latestKpis.newest(topic, logged, order), order },
    };
  }

  return async function subscribe(args: ExecutionArgs): Promise<Results | ExecutionResult> {
    const shared = args.contextValue as Shared; // created by the server's `audienceOf`
    const reading = readingOf(args.variableValues as unknown as Wish, shared.viewer); // sent by a simulated client
    // The newest snapshot is delivered at once only if executions take no time, as in our server.
    const executing = reading.kind === 'kpis' ? undefined : execution;
    if (shared.missed !== undefined)
      return toResults(replayEvents(reading, shared.missed), shared, executing);
    try {
      const { signal } = shared;
      const source = await openTopicSource(reading, { hub, maxWaiting, signal });
      shared.source = source;
      return toResults(source.events, shared, executing);
    } catch (error) {
      return { errors: [toGraphQLError(error)] };
    }
  };
}

/** Maps a source as graphql-js does: one result for each event. */
function toResults(
  events: AsyncGenerator<SourceEvent, undefined, undefined>,
  shared: Shared,
  execution: EngineServices['execution'],
): Results {
  async function map(
    step: Promise<IteratorResult<SourceEvent, undefined>>,
  ): Promise<IteratorResult<ExecutionResult, undefined>> {
    const { done, value } = await step;
    if (done === true || value === undefined) return { done: true, value: undefined };
    await execution?.();
    shared.position = value.position;
    return { done: false, value: { data: { id: value.data.id } } };
  }
  const results: Results = {
    next: () => map(events.next()),
    return: () => map(events.return(undefined)),
    throw: (error: unknown) => map(events.throw(error)),
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

export async function prepareReplay(context: object, cursor: string): Promise<Rerun> {
  const shared = context as Shared; // created by the server's `audienceOf`
  if (shared.source === undefined) throw new Error('A subscription runs without a source.');
  try {
    return toRerun(shared, await shared.source.replay(cursor));
  } catch (error) {
    throw error instanceof LiveError ? toGraphQLError(error) : error;
  }
}

const toRerun = (shared: Shared, { after, events, release }: Replay): Rerun => ({
  after,
  context: (until) => ({ ...shared, missed: events(until), position: undefined }),
  release,
});

interface PastRequest {
  readonly pastMs: number | undefined;
  readonly onPast: (ms: number) => void;
}

/** Works like src/graphql/sharing.ts. */
export async function preparePast(
  context: object,
  { pastMs, onPast }: PastRequest,
): Promise<PastRerun | undefined> {
  const shared = context as Shared; // created by the server's `audienceOf`
  if (pastMs === undefined || shared.source === undefined) return undefined;
  try {
    const past = await shared.source.past(pastMs);
    if (past === undefined) return undefined;
    onPast(past.ms);
    return { ...toRerun(shared, past), cursor: past.cursor };
  } catch (error) {
    throw error instanceof LiveError ? toGraphQLError(error) : error;
  }
}

/** Works like src/graphql/sharing.ts. */
export async function offsetAhead(context: object, cursor: string): Promise<number> {
  const { source, position } = context as Shared; // created by the server's `audienceOf`
  const offset = readCursor(cursor)?.offset ?? 0;
  if (source === undefined || offset <= (position?.offset ?? 0)) return 0;
  try {
    const { after, release } = await source.replay(cursor);
    release();
    return after;
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    if (error.code === 'CURSOR_EXPIRED') return 0;
    throw toGraphQLError(error);
  }
}

/** An unknown code is a fault. The simulated clients report it. */
export function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const code = error instanceof LiveError ? error.code : 'INTERNAL_SERVER_ERROR';
  return new GraphQLError(String(error), { extensions: { code } });
}
