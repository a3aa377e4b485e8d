import { LiveError } from '../errors.ts';
import type { Topic } from '../events/topic-names.ts';
import type { Mark } from '../sharing/batch.ts';
import { isUpTo } from './cursor.ts';
import type { EventKind, EventOf, LiveEvent } from './event.ts';
import type { Hub } from './hub.ts';
import type { NewestSnapshot } from './newest-snapshot.ts';
import type { Replay } from './replay.ts';
import type { TopicEvent } from './topic-log.ts';

/** What of a topic a subscription wants. */
export interface Reading<Kind extends EventKind> {
  readonly kind: Kind;
  readonly topic: Topic;
  readonly wants?: (event: EventOf<Kind>) => boolean;
  /** Where only the newest event counts: what to begin with, and what may take its place. */
  readonly newestOnly?: NewestOnly<Kind>;
}

export interface NewestOnly<Kind extends EventKind> {
  /** The newest event, given the newest of the topic's log. */
  first(logged: NewestSnapshot | undefined): Promise<SourceEvent<Kind> | undefined>;
  readonly order: EventOrder<EventOf<Kind>>;
}

/** Which events pass where an older one must not follow a newer one. */
export interface EventOrder<Event> {
  /** Whether an event takes the place of the one before. */
  accept(event: Event): boolean;
  /** An event is known that does not pass here: an older one is not accepted any more. */
  raise(event: Event): void;
  /** Whether an event is older than the newest one that is known. */
  isOutdated(event: Event): boolean;
  /** Whether an event says that it is newer than the newest one that is known. */
  isNewer(event: Event): boolean;
}

/** An event on its way into an execution. */
export interface SourceEvent<Kind extends EventKind> {
  readonly data: EventOf<Kind>;
  /** `undefined`: it was published bare. */
  readonly mark: Mark | undefined;
}

/** The source of a subscription: the events of a topic that it wants, from now on. */
export interface TopicSource<Kind extends EventKind> {
  readonly events: AsyncGenerator<SourceEvent<Kind>, undefined, undefined>;
  /** Up to where the topic was read without finding anything wanted. */
  position(): Mark | undefined;
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
export async function openTopicSource<Kind extends EventKind>(
  reading: Reading<Kind>,
  { hub, maxWaiting, signal }: TopicSourceOptions,
): Promise<TopicSource<Kind>> {
  type Step = IteratorResult<SourceEvent<Kind>, undefined>;
  const done: Step = { done: true, value: undefined };
  let waiting: TopicEvent[] = [];
  let reader: { resolve(step: Step): void; reject(error: Error): void } | undefined;
  let failure: Error | undefined;
  let isClosed = false;
  let reached: Mark | undefined;
  let initial: SourceEvent<Kind> | undefined;
  /** Where the event stands that was the first; the topic itself may not have come so far. */
  let begunAt: Mark | undefined;

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

  function nextWanted(): SourceEvent<Kind> | undefined {
    if (initial !== undefined) {
      const event = initial;
      initial = undefined;
      return event;
    }
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
      const wanted = toSourceEvent(event, reading);
      if (wanted !== undefined && passes(wanted)) return wanted;
      reached = markOf(event) ?? reached;
    }
    return undefined;
  }

  /** What stands in the log before the first event came before it, unless it says that it is newer. */
  function passes({ data, mark }: SourceEvent<Kind>): boolean {
    if (reading.newestOnly === undefined) return true;
    const { order } = reading.newestOnly;
    const isBefore = begunAt !== undefined && mark !== undefined && isUpTo(mark.cursor, begunAt.cursor);
    return !(isBefore && !order.isNewer(data)) && order.accept(data);
  }

  const open = hub.open(reading.topic, {
    onEvent(event) {
      if (isClosed || failure !== undefined) return; // nothing comes behind a gap
      waiting.push(event);
      settle();
      if (waiting.length <= maxWaiting) return;
      waiting = [];
      fail(new LiveError('SERVICE_UNAVAILABLE', 'Too many events came at once: subscribe anew, and resume.'));
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
  function beginWith(first: SourceEvent<Kind> | undefined, { order }: NewestOnly<Kind>): void {
    if (first === undefined) return;
    order.raise(first.data);
    const isOvertaken = waiting.some((event) => {
      const other = toSourceEvent(event, reading);
      return other !== undefined && !order.isOutdated(other.data);
    });
    if (isOvertaken || !order.accept(first.data)) return;
    initial = first;
    begunAt = first.mark;
  }

  const events: TopicSource<Kind>['events'] = {
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
export async function* replayEvents<Kind extends EventKind>(
  reading: Reading<Kind>,
  missed: readonly TopicEvent[],
): AsyncGenerator<SourceEvent<Kind>, undefined, undefined> {
  for (const event of missed) {
    const wanted = toSourceEvent(event, reading);
    if (wanted !== undefined) yield wanted;
  }
}

export function toSourceEvent<Kind extends EventKind>(
  event: TopicEvent,
  { kind, wants }: Pick<Reading<Kind>, 'kind' | 'wants'>,
): SourceEvent<Kind> | undefined {
  if (event.event === undefined || !isOfKind(event.event, kind)) return undefined;
  const { data } = event.event;
  return wants === undefined || wants(data) ? { data, mark: markOf(event) } : undefined;
}

function markOf({ offset, cursor }: TopicEvent): Mark | undefined {
  return cursor === undefined ? undefined : { offset, cursor };
}

function isOfKind<Kind extends EventKind>(
  event: LiveEvent,
  kind: Kind,
): event is LiveEvent & { readonly kind: Kind; readonly data: EventOf<Kind> } {
  return event.kind === kind;
}
