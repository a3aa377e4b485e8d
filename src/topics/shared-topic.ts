import type { Position } from 'yoga-shared-subscriptions';
import type { Bus, BusMessage, BusSubscription, SubscriptionState } from '../bus/bus.ts';
import { type Envelope, isEnvelope, parseEnvelope } from '../bus/envelope.ts';
import type { LogPosition } from '../bus/position.ts';
import { sealOf } from '../bus/seal.ts';
import type { LiveError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { cursorExpired, writeCursor } from './cursor.ts';
import { createListeners, guarded, type TopicListener } from './listeners.ts';
import type { LogAge } from './log-age.ts';
import type { ReadEvent } from './log-delivery.ts';
import type { TopicEvent } from './log-tail.ts';
import { keepNewestSnapshot, type NewestSnapshot } from './newest-snapshot.ts';
import { createOpening } from './opening.ts';
import { createRecentEvents, type RecentBudget } from './recent-events.ts';
import { createReplays, type PastReplay, type Replay, type Replays } from './replay.ts';
import { readEachOnce } from './seen-ids.ts';
import { followSubscription } from './topic-following.ts';
import { createTopicLog, type TopicLog } from './topic-log.ts';

/** What a listener may ask of its topic. */
export interface OpenTopic {
  /**
   * Resolves when the listener will get every event published from then on. While Redis is away it stays pending. If Redis refuses
   * for some seconds it rejects with `SERVICE_UNAVAILABLE`; a listener that stays all the same gets events as soon as that is over.
   */
  readonly ready: Promise<void>;
  /** The newest snapshot, for a topic of snapshots that has a log. Set when `ready` resolves. */
  readonly newest: NewestSnapshot | undefined;
  /** The position after which this listener gets every event. Set when `ready` resolves. `undefined`: the topic has no log. */
  readonly start: Position | undefined;
  /** Prepares to replay what follows a cursor. Rejects with `CURSOR_EXPIRED` when that is no longer known. */
  replay(cursor: string): Promise<Replay>;
  /** Prepares to replay the last milliseconds. `undefined`: the topic has no log. */
  past(ms: number): Promise<PastReplay> | undefined;
  /** Stops listening; safe to call at any time and more than once. */
  close(): void;
}

/** A topic that this process is subscribed to, on behalf of any number of listeners. */
export interface SharedTopic {
  join(listener: TopicListener): OpenTopic;
  /**
   * Compares the topic with its log, if nothing has come in since the last check or messages have to wait. On a topic where messages
   * come in, a gap shows by itself.
   */
  check(): void;
  /** Ends it, whether anybody listens or not. */
  close(): void;
}

/** Where a topic's events are kept. */
export interface LoggedAs {
  readonly stream: string;
  readonly generationKey: string;
  readonly age: LogAge;
  readonly isOfAllUnits: boolean;
}

export interface SharedTopicOptions {
  readonly bus: Bus;
  readonly subscribe: (
    onMessage: (message: BusMessage) => void,
    onState: (state: SubscriptionState) => void,
  ) => BusSubscription;
  /** The log that events of a channel are kept in, where the channel is one of ours. */
  readonly streamOf: (channel: string) => string | undefined;
  /** `undefined`: the topic has no log, everything on it is live only. */
  readonly logged: LoggedAs | undefined;
  /** Whether its events are snapshots, of which only the newest counts. */
  readonly isOfSnapshots: boolean;
  /** Checks an event that comes in. */
  readonly read: ReadEvent;
  /** Checks an event of the log's past. */
  readonly reread: ReadEvent;
  readonly budget: RecentBudget;
  /** The last listener has left, or events were lost. */
  readonly onEnd: () => void;
  readonly log: Logger;
}

export function shareTopic(options: SharedTopicOptions): SharedTopic {
  const { log } = options;
  const listeners = createListeners(log);
  const opening = createOpening();
  let isActive = true;
  let isEnded = false;

  const logged = options.logged && keepLog(options, options.logged, listeners.notify, lose);
  const receive = logged?.receive ?? receiveLive(options, listeners.notify);
  const following = followSubscription({
    opening,
    find: logged?.find,
    pause: () => logged?.pause(),
    resume: () => logged?.resume(),
    log,
  });
  /** Called from within the Redis client, where an error would starve other channels. So it throws none. */
  const subscription = options.subscribe((message) => {
    isActive ||= isEnvelope(message.payload); // a bare message shows no gap
    guarded(log, () => receive(message));
  }, following.turnTo);
  void subscription.ready.then(() => following.turnTo('live'));

  function end(): void {
    if (isEnded) return;
    isEnded = true;
    following.close();
    subscription.close();
    logged?.close();
    options.onEnd();
  }

  function lose(error: LiveError): void {
    const report = listeners.removeAll();
    end();
    report(error);
    opening.turnAway(); // it may be lost while it is being opened
  }

  return {
    join(listener) {
      const leave = listeners.add(listener);
      const start = logged?.here();
      const ready = opening.wait();
      ready.catch(() => undefined); // reported to those who await it
      return {
        ready,
        get newest() {
          return logged?.newest;
        },
        get start() {
          return start ?? logged?.origin;
        },
        replay: (cursor) => logged?.replays.after(cursor) ?? Promise.reject(cursorExpired()),
        past: (ms) => logged?.replays.since(ms),
        close() {
          if (leave() && listeners.isEmpty) end();
        },
      };
    },
    check() {
      if (!isActive || !following.isLive) void logged?.check();
      isActive = false;
    },
    close() {
      end();
      opening.turnAway();
    },
  };
}

/** What a topic has besides its listeners if it has a log. */
interface LoggedTopic extends Pick<TopicLog, 'receive' | 'pause' | 'resume' | 'check' | 'close'> {
  /** Finds the end of the log, and the newest snapshot before it. May be called again if it fails. */
  find(): Promise<void>;
  /** The end of the log when it was found. `undefined`: it has not been found yet. */
  readonly origin: Position | undefined;
  /** The newest position. `undefined`: the end of the log has not been found yet. */
  here(): Position | undefined;
  readonly newest: NewestSnapshot | undefined;
  readonly replays: Replays;
}

/** @param notify gets the topic's events: in order, each once. */
function keepLog(
  options: SharedTopicOptions,
  logged: LoggedAs,
  notify: (event: TopicEvent) => void,
  onLost: (error: LiveError) => void,
): LoggedTopic {
  const recent = createRecentEvents(options.budget);
  const readOnce = readEachOnce();
  let origin: Position | undefined;
  let isClosed = false;

  const topicLog = createTopicLog({
    ...logged,
    bus: options.bus,
    positionIn: logged.isOfAllUnits ? positionInAll : positionInTopic,
    read: readOnce(options.read),
    reread: readOnce(options.reread),
    deliver(event, bytes) {
      if (event.offset > 0) recent.append(event, bytes);
      snapshots?.offer(event);
      notify(event);
    },
    deliveredAt: recent.at,
    onLost,
    log: options.log,
  });
  const parts = {
    ...options,
    ...logged,
    topicLog,
    recent,
    origin: () => origin,
    isWanted: () => !isClosed,
  };
  const snapshots = options.isOfSnapshots ? keepNewestSnapshot(parts) : undefined;
  const position = (): Position => ({
    offset: topicLog.last.offset,
    cursor: topicLog.cursor,
    at: topicLog.appendedBy,
  });

  return {
    receive: topicLog.receive,
    pause: topicLog.pause,
    resume: topicLog.resume,
    check: topicLog.check,
    async find() {
      // Only once: a second start would skip what came meanwhile.
      if (origin === undefined)
        await topicLog.start(() => {
          origin = position();
        });
      await snapshots?.lookBack();
    },
    get origin() {
      return origin;
    },
    here: () => origin && position(),
    get newest() {
      return snapshots?.newest;
    },
    replays: createReplays(parts),
    close() {
      isClosed = true;
      topicLog.close();
      recent.close();
    },
  };
}

/** Delivers the messages of a topic without a log of its own. It may be of channels that have one each. */
function receiveLive(
  { streamOf, read }: Pick<SharedTopicOptions, 'streamOf' | 'read'>,
  notify: (event: TopicEvent) => void,
): (message: BusMessage) => void {
  const readNew = readEachOnce()(read);
  return ({ channel, payload }) => {
    const envelope = isEnvelope(payload) ? parseEnvelope(payload) : undefined;
    const event = readNew(channel, envelope?.event ?? payload);
    const position = envelope && positionOf(envelope, streamOf(channel));
    if (event !== undefined) notify({ event, offset: position?.offset ?? 0, cursor: position?.cursor });
  };
}

/** Where an event stands in the log of its channel. */
function positionOf({ inTopic, event }: Envelope, stream: string | undefined): Position | undefined {
  if (stream === undefined) return undefined;
  const seal = sealOf(stream, inTopic, event);
  return { offset: inTopic.offset, cursor: writeCursor({ ...inTopic, seal }) };
}

const positionInTopic = ({ inTopic }: Envelope): LogPosition => inTopic;
const positionInAll = ({ inAll }: Envelope): LogPosition | undefined => inAll;
