import type { Position } from 'yoga-shared-subscriptions';
import type { BusMessage, BusSubscription, SubscriptionState } from '../bus/bus.ts';
import { isEnvelope } from '../bus/envelope.ts';
import type { LiveError } from '../errors.ts';
import { cursorExpired } from './cursor.ts';
import { createListeners, guarded, type TopicListener } from './listeners.ts';
import { type LiveMessagesOptions, receiveLive } from './live-messages.ts';
import { keepLog, type LoggedAs, type LoggedTopicOptions } from './logged-topic.ts';
import type { NewestSnapshot } from './newest-snapshot.ts';
import { createOpening } from './opening.ts';
import type { PastReplay, Replay } from './replay.ts';
import { followSubscription } from './topic-following.ts';

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
  /** Prepares to replay the last milliseconds. `undefined`: the topic has no log. `maxMs`: the most; default a minute. */
  past(ms: number, maxMs?: number): Promise<PastReplay> | undefined;
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

export interface SharedTopicOptions extends LoggedTopicOptions, LiveMessagesOptions {
  readonly subscribe: (
    onMessage: (message: BusMessage) => void,
    onState: (state: SubscriptionState) => void,
  ) => BusSubscription;
  /** `undefined`: the topic has no log, everything on it is live only. */
  readonly logged: LoggedAs | undefined;
  /** The last listener has left, or events were lost. */
  readonly onEnd: () => void;
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
        past: (ms, maxMs) => logged?.replays.since(ms, maxMs),
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
