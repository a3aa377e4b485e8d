import type { Bus, BusMessage, BusSubscription } from '../bus/bus.ts';
import { LiveError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { readCursor, sealOf, writeCursor } from './cursor.ts';
import { type Envelope, isEnvelope, type LogPosition, parseEnvelope } from './position.ts';
import { createRecentEvents, type RecentBudget } from './recent-events.ts';
import { createReplays, type Replay } from './replay.ts';
import {
  createTopicLog,
  cursorExpired,
  type ReadEvent,
  type TopicEvent,
  type TopicLog,
} from './topic-log.ts';

export interface TopicListener {
  /** An event of the topic: in order, each once. What it throws is logged and disturbs no one else. */
  onEvent(event: TopicEvent): void;
  /** Events were lost for good (`CURSOR_EXPIRED`): nothing more will come. */
  onLost(error: LiveError): void;
}

/** A place in a topic's log, and the cursor to go on behind it. */
export interface Place {
  readonly offset: number;
  readonly cursor: string;
}

/** What a listener may ask of its topic. */
export interface OpenTopic {
  /** Settles when every event published from now on will be heard. Rejects with `SERVICE_UNAVAILABLE`. */
  readonly ready: Promise<void>;
  /** The newest event that was told, or that the log ends with; `undefined` where the log is empty, or there is none. */
  readonly newest: TopicEvent | undefined;
  /** Behind where this listener hears everything; known once it is ready. `undefined`: the topic has no log. */
  readonly start: Place | undefined;
  /** Prepares to replay what follows a cursor. Throws `CURSOR_EXPIRED` when that is no longer known. */
  replay(cursor: string): Promise<Replay>;
  /** Reads on where a cursor is ahead of what was told here; settles when it is not, or leads nowhere. */
  reach(cursor: string): Promise<void>;
  /** Stops listening; safe to call at any time and more than once. */
  close(): void;
}

/** A topic of which this process hears, on behalf of any number of listeners. */
export interface SharedTopic {
  join(listener: TopicListener): OpenTopic;
  /** From now on messages may go missing: those that come wait. */
  pause(): void;
  /** None go missing any more. Looks for those that did. */
  resume(): void;
  /**
   * Looks, if nothing has come in since the last time, or what comes in has to wait: a topic that is alive shows by itself
   * what is missing.
   */
  check(): void;
  /** Ends it, whoever listens. */
  close(): void;
}

export interface SharedTopicOptions {
  readonly bus: Bus;
  readonly subscribe: (onMessage: (message: BusMessage) => void) => BusSubscription;
  /** The log that events of a channel are kept in, where the channel is one of ours. */
  readonly streamOf: (channel: string) => string | undefined;
  /** `undefined`: the topic has no log, everything on it is live only. */
  readonly logged:
    | { readonly stream: string; readonly generationKey: string; readonly isOfAllUnits: boolean }
    | undefined;
  /** Checks an event that comes in. */
  readonly read: ReadEvent;
  /** Checks an event of the log's past. */
  readonly reread: ReadEvent;
  readonly budget: RecentBudget;
  /** The last listener has left, or events were lost. */
  readonly onEnd: () => void;
  readonly log: Logger;
}

/** How many event ids of a topic are remembered, to drop a second event with the same id. */
const IDS_REMEMBERED = 4096;

export function shareTopic(options: SharedTopicOptions): SharedTopic {
  const { bus, logged, log } = options;
  const listeners = new Set<TopicListener>();
  const recent = createRecentEvents(options.budget);
  const isNew = rememberIds(IDS_REMEMBERED);
  let isActive = true;
  let isPaused = false;
  let isEnded = false;
  /** Where the log ended when the topic was opened. */
  let origin: Place | undefined;

  /** Reads an event, but not a second one with the same id. */
  function once(read: ReadEvent): ReadEvent {
    return (channel, payload) => {
      const event = read(channel, payload);
      return event !== undefined && isNew(`${channel} ${event.data.id}`) ? event : undefined;
    };
  }
  const readOnce = once(options.read);

  function tell(event: TopicEvent, bytes: number): void {
    if (topicLog !== undefined && event.offset > 0) recent.append(event, bytes);
    for (const listener of [...listeners]) guarded(() => listener.onEvent(event));
  }

  function guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      log.error({ err: error }, 'a listener failed');
    }
  }

  function end(): void {
    if (isEnded) return;
    isEnded = true;
    subscription.close();
    topicLog?.close();
    recent.close();
    options.onEnd();
  }

  function lose(error: LiveError): void {
    const told = [...listeners];
    listeners.clear();
    end();
    for (const listener of told) guarded(() => listener.onLost(error));
  }

  const topicLog: TopicLog | undefined =
    logged &&
    createTopicLog({
      ...logged,
      bus,
      positionIn: logged.isOfAllUnits ? positionInAll : positionInTopic,
      read: readOnce,
      reread: once(options.reread),
      tell,
      toldAt: recent.at,
      onLost: lose,
      log,
    });

  function receiveLive({ channel, payload }: BusMessage): void {
    const envelope = isEnvelope(payload) ? parseEnvelope(payload) : undefined;
    const event = readOnce(channel, envelope?.event ?? payload);
    // A topic without a log of its own may be of channels that have one each.
    const position = envelope && positionOf(envelope, options.streamOf(channel));
    if (event !== undefined) tell({ event, offset: position?.offset ?? 0, cursor: position?.cursor }, 0);
  }

  /** Called from within the Redis client, where a throw would starve other channels: nothing leaves this function. */
  const subscription = options.subscribe((message) => {
    isActive ||= isEnvelope(message.payload); // bare ones show nothing
    guarded(() => (topicLog === undefined ? receiveLive(message) : topicLog.receive(message)));
  });
  const place = (): Place | undefined =>
    topicLog && { offset: topicLog.last.offset, cursor: topicLog.cursor };
  const ready = open().catch((error: unknown) => {
    if (!isEnded) log.error({ reason: messageOf(error) }, 'could not open a topic');
    throw new LiveError('SERVICE_UNAVAILABLE', 'Live events are not available now: try again in a moment.');
  });
  ready.catch(() => undefined); // told to whoever awaits it

  async function open(): Promise<void> {
    await subscription.ready;
    await topicLog?.start(() => {
      origin = place();
    });
  }

  const replays =
    logged && topicLog && createReplays({ ...logged, bus, topicLog, recent, reread: options.reread });

  return {
    join(listener) {
      // A listener of its own for each join, so that one object may join twice.
      const joined: TopicListener = {
        onEvent: (event) => listener.onEvent(event),
        onLost: (error) => listener.onLost(error),
      };
      listeners.add(joined);
      const start = origin && place();
      return {
        ready,
        get newest() {
          return topicLog?.newest;
        },
        get start() {
          return start ?? origin;
        },
        replay: (cursor) => replays?.(cursor) ?? Promise.reject(cursorExpired()),
        async reach(written) {
          const cursor = readCursor(written);
          if (cursor === undefined || topicLog === undefined) return;
          const { epoch, offset } = topicLog.last;
          const isOfThisLog = offset === 0 || cursor.epoch === epoch;
          if (isOfThisLog && cursor.offset > offset) await topicLog.catchUp();
        },
        close() {
          if (listeners.delete(joined) && listeners.size === 0) end();
        },
      };
    },
    pause() {
      isPaused = true;
      topicLog?.pause();
    },
    resume() {
      isPaused = false;
      topicLog?.resume();
    },
    check() {
      if (!isActive || isPaused) void topicLog?.check();
      isActive = false;
    },
    close: end,
  };
}

/** Where an event stands in the log of its channel. */
function positionOf({ inTopic, event }: Envelope, stream: string | undefined): Place | undefined {
  if (stream === undefined) return undefined;
  const seal = sealOf(stream, inTopic, event);
  return { offset: inTopic.offset, cursor: writeCursor({ ...inTopic, seal }) };
}

const positionInTopic = ({ inTopic }: Envelope): LogPosition => inTopic;
const positionInAll = ({ inAll }: Envelope): LogPosition | undefined => inAll;

/** Answers whether an id is new among the last `capacity` ones. */
function rememberIds(capacity: number): (id: string) => boolean {
  const seen = new Set<string>();
  return (id) => {
    if (seen.has(id)) return false;
    seen.add(id);
    if (seen.size > capacity) {
      const [oldest] = seen;
      if (oldest !== undefined) seen.delete(oldest);
    }
    return true;
  };
}
