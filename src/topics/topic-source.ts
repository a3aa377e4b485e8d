import type { Position } from 'yoga-shared-subscriptions';
import { LiveError } from '../errors.ts';
import type { Wants } from '../events/filters.ts';
import type { LiveEvent } from '../events/kinds.ts';
import type { Topic } from '../events/topic-names.ts';
import { isUpTo } from './cursor.ts';
import type { Hub } from './hub.ts';
import type { TopicEvent } from './log-tail.ts';
import type { NewestSnapshot } from './newest-snapshot.ts';
import type { Replay } from './replay.ts';

/** What of a topic a subscription wants. */
export interface Reading {
  readonly kind: string;
  readonly topic: Topic;
  readonly wants?: Wants | undefined;
  /** Where only the newest event counts: what to begin with, and what may take its place. */
  readonly newestOnly?: NewestOnly;
}

export interface NewestOnly {
  /** The newest event, given the newest of the topic's log. */
  first(logged: NewestSnapshot | undefined): Promise<SourceEvent | undefined>;
  readonly order: EventOrder;
}

/** What decides which of two events is newer. */
type OrderedEvent = Pick<LiveEvent, 'data' | 'time'>;

/** Which events pass where an older one must not follow a newer one. */
export interface EventOrder {
  /** Whether an event takes the place of the one before. */
  accept(event: OrderedEvent): boolean;
  /** An event is known that does not pass here: an older one is not accepted any more. */
  raise(event: OrderedEvent): void;
  /** Whether an event is older than the newest one that is known. */
  isOutdated(event: OrderedEvent): boolean;
  /** Whether an event says that it is newer than the newest one that is known. */
  isNewer(event: OrderedEvent): boolean;
}

/** An event on its way into an execution. */
export interface SourceEvent extends OrderedEvent {
  /** `undefined`: it was published bare. */
  readonly position: Position | undefined;
}

/** The source of a subscription: the events of a topic that it wants, from now on. */
export interface TopicSource {
  readonly events: AsyncGenerator<SourceEvent, undefined, undefined>;
  /** Up to where the topic was read without finding anything wanted. */
  position(): Position | undefined;
  /** Prepares to replay what follows a cursor. Throws `CURSOR_EXPIRED`. */
  replay(cursor: string): Promise<Replay>;
}

export interface TopicSourceOptions {
  readonly hub: Hub;
  /** How many events may wait for the reader. */
  readonly maxWaiting: number;
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal | undefined;
}

/** Opens a topic; answers when every event published from now on will come. Throws `SERVICE_UNAVAILABLE`. */
export async function openTopicSource(
  reading: Reading,
  { hub, maxWaiting, signal }: TopicSourceOptions,
): Promise<TopicSource> {
  type Step = IteratorResult<SourceEvent, undefined>;
  const done: Step = { done: true, value: undefined };
  let waiting: TopicEvent[] = [];
  let reader: { resolve(step: Step): void; reject(error: Error): void } | undefined;
  let failure: Error | undefined;
  let isClosed = false;
  let reached: Position | undefined;
  let initial: SourceEvent | undefined;
  /** Where the event stands that was the first; the topic itself may not have come so far. */
  let begunAt: Position | undefined;

  function close(): void {
    isClosed = true;
    waiting = [];
    open.close();
    reader?.resolve(done);
    reader = undefined;
  }

  function fail(error: Error): void {
    failure ??= error;
    settle();
  }

  /** Gives a reader that waits the next event it wants, or the end. */
  function settle(): void {
    if (reader === undefined) return;
    const { resolve, reject } = reader;
    const next = nextWanted();
    if (next !== undefined) {
      reader = undefined;
      resolve({ done: false, value: next });
    } else if (failure !== undefined) {
      reader = undefined;
      close();
      reject(failure);
    }
  }

  function nextWanted(): SourceEvent | undefined {
    if (initial !== undefined) {
      const event = initial;
      initial = undefined;
      return event;
    }
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
      const wanted = toSourceEvent(event, reading);
      if (wanted !== undefined && passes(wanted)) return wanted;
      reached = positionOf(event) ?? reached;
    }
    return undefined;
  }

  /** What stands in the log before the first event came before it, unless it says that it is newer. */
  function passes(event: SourceEvent): boolean {
    if (reading.newestOnly === undefined) return true;
    const { position } = event;
    const { order } = reading.newestOnly;
    const isBefore =
      begunAt !== undefined && position !== undefined && isUpTo(position.cursor, begunAt.cursor);
    return !(isBefore && !order.isNewer(event)) && order.accept(event);
  }

  const open = hub.open(reading.topic, {
    onEvent(event) {
      if (isClosed || failure !== undefined) return; // nothing comes after a gap
      waiting.push(event);
      settle();
      if (waiting.length <= maxWaiting) return;
      waiting = [];
      fail(
        new LiveError('SERVICE_UNAVAILABLE', 'Too many events came at once: subscribe again, and resume.'),
      );
    },
    onLost: fail,
  });
  const abandoned = new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => {
      close();
      resolve();
    });
  });
  try {
    await Promise.race([open.ready, abandoned]);
  } catch (error) {
    close();
    throw error;
  }
  reached ??= open.start;
  if (reading.newestOnly !== undefined)
    beginWith(await reading.newestOnly.first(open.newest), reading.newestOnly);

  /** Begins with the newest event there was, unless one that is not older came meanwhile. */
  function beginWith(first: SourceEvent | undefined, { order }: NewestOnly): void {
    if (first === undefined) return;
    order.raise(first);
    const isOvertaken = waiting.some((event) => {
      const other = toSourceEvent(event, reading);
      return other !== undefined && !order.isOutdated(other);
    });
    if (isOvertaken || !order.accept(first)) return;
    initial = first;
    begunAt = first.position;
  }

  const events: TopicSource['events'] = {
    next() {
      if (isClosed) return Promise.resolve(done);
      return new Promise((resolve, reject) => {
        reader = { resolve, reject };
        settle();
      });
    },
    return() {
      close();
      return Promise.resolve(done);
    },
    throw(error: unknown) {
      close();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]: () => events,
  };
  return { events, position: () => reached, replay: open.replay };
}

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

export function toSourceEvent(
  event: TopicEvent,
  { kind, wants }: Pick<Reading, 'kind' | 'wants'>,
): SourceEvent | undefined {
  if (event.event === undefined || event.event.kind !== kind) return undefined;
  const { data, time } = event.event;
  return wants === undefined || wants(data) ? { data, time, position: positionOf(event) } : undefined;
}

function positionOf({ offset, cursor }: TopicEvent): Position | undefined {
  return cursor === undefined ? undefined : { offset, cursor };
}
