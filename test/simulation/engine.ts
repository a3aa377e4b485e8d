import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import type { Mark } from '../../src/delivery/batch.ts';
import { isNoNewer, type LatestKpis } from '../../src/delivery/latest-kpis.ts';
import type { Replay } from '../../src/delivery/sharing-options.ts';
import {
  openTopicSource,
  type Reading,
  replayEvents,
  type SourceEvent,
  type TopicSource,
} from '../../src/delivery/topic-source.ts';
import { LiveError } from '../../src/errors.ts';
import type { EventKind } from '../../src/topics/event.ts';
import type { Hub } from '../../src/topics/hub.ts';
import type { TopicEvent } from '../../src/topics/topic-log.ts';
import { topicOf, type Viewer, type Wish } from './wishes.ts';

/** What a shared execution knows. */
export interface Shared {
  readonly viewer: Viewer;
  readonly signal: AbortSignal;
  source?: Pick<TopicSource<EventKind>, 'position' | 'replay' | 'reach'>;
  readonly missed?: readonly TopicEvent[];
  mark?: Mark | undefined;
}

export interface EngineServices {
  readonly hub: Hub;
  readonly latestKpis: LatestKpis;
  readonly maxWaiting: number;
}

const isCoveredBy: NonNullable<Reading<EventKind>['isCoveredBy']> = (event, first) =>
  'computedAt' in event && 'computedAt' in first && isNoNewer(event, first);

type Results = AsyncGenerator<ExecutionResult, undefined, undefined>;

/** Stands for GraphQL between sharing and the topics: an event's result is its id. */
export function createEngine({ hub, latestKpis, maxWaiting }: EngineServices) {
  function readingOf(wish: Wish, viewer: Viewer): Reading<EventKind> {
    const topic = topicOf(wish, viewer);
    switch (wish.kind) {
      case 'crate':
        return {
          kind: 'crate',
          topic,
          wants: (event) =>
            wish.crateId === undefined || ('crate' in event && event.crate.id === wish.crateId),
        };
      case 'sendback':
        return { kind: 'sendback', topic };
      case 'kpis':
        return { kind: 'kpis', topic, first: (newest) => latestKpis.newest(topic, newest), isCoveredBy };
    }
  }

  return async function subscribe(args: ExecutionArgs): Promise<Results | ExecutionResult> {
    const shared = args.contextValue as Shared; // made by the server's `audienceOf`
    const reading = readingOf(args.variableValues as unknown as Wish, shared.viewer); // sent by a simulated client
    if (shared.missed !== undefined) return toResults(replayEvents(reading, shared.missed), shared);
    try {
      const { signal } = shared;
      const source = await openTopicSource(reading, { hub, maxWaiting, signal });
      shared.source = source;
      return toResults(source.events, shared);
    } catch (error) {
      return { errors: [toGraphQLError(error)] };
    }
  };
}

/** As graphql-js maps a source: one result for each event. */
function toResults(
  events: AsyncGenerator<SourceEvent<EventKind>, undefined, undefined>,
  shared: Shared,
): Results {
  async function map(
    step: Promise<IteratorResult<SourceEvent<EventKind>, undefined>>,
  ): Promise<IteratorResult<ExecutionResult, undefined>> {
    const { done, value } = await step;
    if (done === true || value === undefined) return { done: true, value: undefined };
    shared.mark = value.mark;
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

export async function prepareReplay(context: object, cursor: string): Promise<Replay> {
  const shared = context as Shared; // made by the server's `audienceOf`
  if (shared.source === undefined) throw new Error('A subscription runs without a source.');
  try {
    const { after, events, release } = await shared.source.replay(cursor);
    return { after, context: (until) => ({ ...shared, missed: events(until), mark: undefined }), release };
  } catch (error) {
    throw error instanceof LiveError ? toGraphQLError(error) : error;
  }
}

export async function reach(context: object, cursor: string): Promise<void> {
  await (context as Shared).source?.reach(cursor); // made by the server's `audienceOf`
}

/** A code that the contract does not know is a fault, which the clients of the simulation report. */
export function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const code = error instanceof LiveError ? error.code : 'INTERNAL_SERVER_ERROR';
  return new GraphQLError(String(error), { extensions: { code } });
}
