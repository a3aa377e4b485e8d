import type { Position } from 'yoga-shared-subscriptions';
import { LiveError } from '../errors.ts';
import type { Wants } from '../events/filters.ts';
import type { Topic } from '../events/topic-names.ts';
import type { Hub } from './hub.ts';
import type { TopicEvent } from './log-tail.ts';
import { createNewestFirst, type EventOrder } from './newest-first.ts';
import type { NewestSnapshot } from './newest-snapshot.ts';
import type { PastReplay, Replay } from './replay.ts';
import { positionOf, type SourceEvent, toSourceEvent } from './source-event.ts';
import { createSourceReader, type SourceEvents, type SourceReader } from './source-reader.ts';

/** Which events of a topic a subscription wants. */
export interface Reading {
  readonly kind: string;
  readonly topic: Topic;
  readonly wants?: Wants | undefined;
  /** Set if only the newest event counts: says which event comes first, and which events may follow it. */
  readonly newestOnly?: NewestOnly;
}

export interface NewestOnly {
  /** The newest event of all. `logged` is the newest event of the topic's log. */
  first(logged: NewestSnapshot | undefined): Promise<SourceEvent | undefined>;
  readonly order: EventOrder;
}

/** The source of a subscription: the events of a topic that it wants, from now on. */
export interface TopicSource {
  readonly events: SourceEvents<SourceEvent>;
  /** The position up to which the topic was read, without an event that is wanted. */
  position(): Position | undefined;
  /** Prepares to replay what follows a cursor. Throws `CURSOR_EXPIRED`. */
  replay(cursor: string): Promise<Replay>;
  /** Prepares to replay the last milliseconds. `undefined`: the topic has no log. */
  past(ms: number): Promise<PastReplay> | undefined;
}

export interface TopicSourceOptions {
  readonly hub: Hub;
  /** How many events may wait for the reader. */
  readonly maxWaiting: number;
  /** Aborted when nobody waits for the source any more. */
  readonly signal: AbortSignal | undefined;
}

/** Opens a topic. Resolves when the source gets every event that is published from then on. Throws `SERVICE_UNAVAILABLE`. */
export async function openTopicSource(
  reading: Reading,
  { hub, maxWaiting, signal }: TopicSourceOptions,
): Promise<TopicSource> {
  const { newestOnly } = reading;
  const newestFirst = newestOnly && createNewestFirst(newestOnly.order);
  let waiting: TopicEvent[] = [];
  let reached: Position | undefined;
  const reader = createSourceReader(takeNext, () => {
    waiting = [];
    open.close();
  });
  const open = hub.open(reading.topic, { onEvent: add, onLost: reader.fail });

  function add(event: TopicEvent): void {
    if (reader.isOver) return; // nothing comes after a gap
    waiting.push(event);
    reader.settle();
    if (waiting.length <= maxWaiting) return;
    waiting = [];
    reader.fail(tooMany());
  }

  function takeNext(): SourceEvent | undefined {
    const first = newestFirst?.takeFirst();
    if (first !== undefined) return first;
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
      const wanted = toSourceEvent(event, reading);
      if (wanted !== undefined && newestFirst?.passes(wanted) !== false) return wanted;
      reached = positionOf(event) ?? reached;
    }
    return undefined;
  }

  try {
    await Promise.race([open.ready, closedBy(signal, reader)]);
  } catch (error) {
    reader.close();
    throw error;
  }
  reached ??= open.start;
  if (newestOnly !== undefined) {
    const newest = await newestOnly.first(open.newest);
    const since = waiting.flatMap((event) => toSourceEvent(event, reading) ?? []);
    newestFirst?.begin(newest && { ...newest, receivedAt: undefined, trace: undefined }, since);
  }
  return { events: reader.events, position: () => reached, replay: open.replay, past: open.past };
}

/** Closes a reader when a signal aborts, and then resolves. */
function closedBy(
  signal: AbortSignal | undefined,
  reader: Pick<SourceReader<SourceEvent>, 'close'>,
): Promise<void> {
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => {
      reader.close();
      resolve();
    });
  });
}

const tooMany = (): LiveError =>
  new LiveError('SERVICE_UNAVAILABLE', 'Too many events came at once: subscribe again, and resume.');

/** What was missed: the events that a subscription wants, and then the end. */
export async function* replayEvents(
  reading: Reading,
  missed: readonly TopicEvent[],
): AsyncGenerator<SourceEvent, undefined, undefined> {
  for (const event of missed) {
    const wanted = toSourceEvent(event, reading);
    if (wanted !== undefined) yield wanted;
  }
}
