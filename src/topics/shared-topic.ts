import type { Position } from 'yoga-shared-subscriptions';
import type { Bus, BusMessage, BusSubscription, SubscriptionState } from '../bus/bus.ts';
import { type Envelope, isEnvelope, parseEnvelope } from '../bus/envelope.ts';
import type { LogPosition } from '../bus/position.ts';
import { sealOf } from '../bus/seal.ts';
import { type LiveError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { cursorExpired, writeCursor } from './cursor.ts';
import { createListeners, guarded, type TopicListener } from './listeners.ts';
import type { ReadEvent } from './log-delivery.ts';
import type { TopicEvent } from './log-tail.ts';
import { createNewestSnapshot, findNewestSnapshot, type NewestSnapshot } from './newest-snapshot.ts';
import { createOpening } from './opening.ts';
import { createRecentEvents, type RecentBudget } from './recent-events.ts';
import { createReplays, type Replay } from './replay.ts';
import { retry } from './retry.ts';
import { rememberIds } from './seen-ids.ts';
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

export interface SharedTopicOptions {
  readonly bus: Bus;
  readonly subscribe: (
    onMessage: (message: BusMessage) => void,
    onState: (state: SubscriptionState) => void,
  ) => BusSubscription;
  /** The log that events of a channel are kept in, where the channel is one of ours. */
  readonly streamOf: (channel: string) => string | undefined;
  /** `undefined`: the topic has no log, everything on it is live only. */
  readonly logged:
    | { readonly stream: string; readonly generationKey: string; readonly isOfAllUnits: boolean }
    | undefined;
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

/** How many event ids of a topic are remembered, to drop a second event with the same id. */
const IDS_REMEMBERED = 4096;
/** How long to wait before a log is opened again that could not be opened, in milliseconds. */
const REOPEN_MS = 1000;

export function shareTopic(options: SharedTopicOptions): SharedTopic {
  const { bus, logged, log } = options;
  const listeners = createListeners(log);
  const recent = createRecentEvents(options.budget);
  const isNew = rememberIds(IDS_REMEMBERED);
  let isActive = true;
  let isEnded = false;
  const opening = createOpening();
  let state: SubscriptionState = 'away';
  /** Whether the log has been found; a topic without one has nothing to find. */
  let isFound = options.logged === undefined;
  let isFinding = false;
  let isPaused = false;
  /** The end of the log when the topic was opened. */
  let origin: Position | undefined;
  let newest = logged && options.isOfSnapshots ? createNewestSnapshot() : undefined;

  /** Reads an event, but not a second one with the same id. */
  function once(read: ReadEvent): ReadEvent {
    return (channel, payload) => {
      const event = read(channel, payload);
      return event !== undefined && isNew(`${channel} ${event.data.id}`) ? event : undefined;
    };
  }
  const readOnce = once(options.read);

  function deliver(event: TopicEvent, bytes: number): void {
    if (topicLog !== undefined && event.offset > 0) recent.append(event, bytes);
    newest?.offer(event);
    listeners.notify(event);
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
    const report = listeners.removeAll();
    end();
    report(error);
    opening.turnAway(); // it may be lost while it is being opened
  }

  const topicLog: TopicLog | undefined =
    logged &&
    createTopicLog({
      ...logged,
      bus,
      positionIn: logged.isOfAllUnits ? positionInAll : positionInTopic,
      read: readOnce,
      reread: once(options.reread),
      deliver,
      deliveredAt: recent.at,
      onLost: lose,
      log,
    });

  function receiveLive({ channel, payload }: BusMessage): void {
    const envelope = isEnvelope(payload) ? parseEnvelope(payload) : undefined;
    const event = readOnce(channel, envelope?.event ?? payload);
    // A topic without a log of its own may be of channels that have one each.
    const position = envelope && positionOf(envelope, options.streamOf(channel));
    if (event !== undefined) deliver({ event, offset: position?.offset ?? 0, cursor: position?.cursor }, 0);
  }

  /** Called from within the Redis client, where an error would starve other channels. So it throws none. */
  const subscription = options.subscribe((message) => {
    isActive ||= isEnvelope(message.payload); // a bare message shows no gap
    guarded(log, () => (topicLog === undefined ? receiveLive(message) : topicLog.receive(message)));
  }, turnTo);
  void subscription.ready.then(() => turnTo('live'));
  const here = (): Position | undefined =>
    topicLog && { offset: topicLog.last.offset, cursor: topicLog.cursor };

  /** Follows the subscription. While it is not live, each `check` finds in the log what came. */
  function turnTo(next: SubscriptionState): void {
    if (isEnded || next === state) return;
    const wasLive = state === 'live';
    state = next;
    if (wasLive) {
      isPaused = true;
      topicLog?.pause();
    }
    if (next === 'refused') opening.refuse();
    else if (next === 'away') opening.shut();
    else if (isFound) goOn();
    else void find();
  }

  function goOn(): void {
    if (isPaused) topicLog?.resume();
    isPaused = false;
    opening.open();
  }

  /** Finds the end of the log, once messages arrive. If Redis lets nobody read it, those who wait are turned away. */
  async function find(): Promise<void> {
    if (isFinding) return;
    isFinding = true;
    while (!isEnded && !isFound) {
      try {
        // Only once: a second start would skip what came meanwhile.
        if (origin === undefined)
          await topicLog?.start(() => {
            origin = here();
          });
        if (newest !== undefined && topicLog !== undefined && logged !== undefined)
          await lookBack(logged, topicLog);
        isFound = true;
      } catch (error) {
        log.debug({ reason: messageOf(error) }, 'could not open a topic');
        opening.turnAway();
        if (!isEnded) await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    }
    isFinding = false;
    if (!isEnded && state === 'live') goOn(); // else it goes on when the subscription is live again
  }

  /** The snapshot that came last may be older than one before it. */
  async function lookBack({ stream }: { readonly stream: string }, { last }: TopicLog): Promise<void> {
    const found = await retry(() => findNewestSnapshot(bus, stream, last, options.reread), {
      isWanted: () => !isEnded,
      onRetry: (reason) => log.debug({ stream, reason }, 'could not read a log; trying again'),
    });
    found.offer(newest?.event); // what came meanwhile
    newest = found;
  }

  const replays =
    logged && topicLog && createReplays({ ...logged, bus, topicLog, recent, reread: options.reread });

  return {
    join(listener) {
      const leave = listeners.add(listener);
      const start = origin && here();
      const ready = opening.wait();
      ready.catch(() => undefined); // reported to those who await it
      return {
        ready,
        get newest() {
          return newest;
        },
        get start() {
          return start ?? origin;
        },
        replay: (cursor) => replays?.(cursor) ?? Promise.reject(cursorExpired()),
        close() {
          if (leave() && listeners.isEmpty) end();
        },
      };
    },
    check() {
      if (!isActive || state !== 'live') void topicLog?.check();
      isActive = false;
    },
    close() {
      end();
      opening.turnAway();
    },
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
