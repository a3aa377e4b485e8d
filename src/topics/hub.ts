import type { Bus } from '../bus/bus.ts';
import type { Logger } from '../log.ts';
import type { EventKind, LiveEvent } from './event.ts';
import { type ReadResult, readMessage } from './read-message.ts';
import { createRecentBudget } from './recent-events.ts';
import type { Refusals } from './refusals.ts';
import { type OpenTopic, type SharedTopic, shareTopic, type TopicListener } from './shared-topic.ts';
import { isOfAllUnits, type Topic, type TopicNames } from './topic.ts';

export interface Hub {
  /** Listens to a topic. Many listeners share one subscription of the bus, which ends with the last of them. */
  open(topic: Topic, listener: TopicListener): OpenTopic;
  /** How many topics are open, i.e. subscriptions held on the bus. */
  readonly openTopics: number;
  /** Ends all topics: what waits for the bus there waits no longer. Their listeners receive nothing more. */
  close(): void;
}

/** For metrics. */
export interface HubObserver {
  eventReceived(kind: EventKind): void;
}

export interface HubOptions {
  readonly bus: Bus;
  readonly names: TopicNames;
  readonly refusals: Refusals;
  readonly observer: HubObserver;
  /** How many bytes of recent events are kept for those who resume, in all topics together. */
  readonly recentBytes: number;
  /** How many bytes of older events may be read again for them at a time, in all topics together. */
  readonly replayBytes: number;
  readonly log: Logger;
}

/**
 * How often a topic that is silent is compared with its log, in milliseconds: Pub/Sub may lose a message without a sign, and
 * without a later one nothing shows it.
 */
const CHECK_MS = 5000;

export function createHub(options: HubOptions): Hub {
  const { bus, names, refusals, observer, recentBytes, replayBytes, log } = options;
  const topics = new Map<string, SharedTopic>();
  const budget = createRecentBudget(recentBytes, replayBytes);
  let lastRead: { channel: string; payload: Buffer; event: LiveEvent | undefined } | undefined;

  /**
   * Checks an event that comes in. One that is heard twice, on its own topic and on that of all units, is checked and counted
   * once: the two messages come one after the other.
   */
  function read(channel: string, payload: Buffer): LiveEvent | undefined {
    if (lastRead?.channel === channel && lastRead.payload.equals(payload)) return lastRead.event;
    const event = reread(channel, payload);
    if (event !== undefined) observer.eventReceived(event.kind);
    lastRead = { channel, payload, event };
    return event;
  }

  /** Checks an event of a log's past. It has been counted, but nobody may have been there to refuse a bad one. */
  function reread(channel: string, payload: Buffer): LiveEvent | undefined {
    const source = names.channelOf(channel);
    const result: ReadResult =
      source === undefined
        ? { rejection: { reason: 'unknown topic', detail: 'the topic’s id does not fit' } }
        : readMessage(source, payload);
    if (result.event === undefined) refusals.refuse(channel, payload, result.rejection, source?.kind);
    return result.event;
  }

  function share(topic: Topic, key: string): SharedTopic {
    const name = names.nameOf(topic);
    const shared: SharedTopic = shareTopic({
      bus,
      subscribe: (onMessage) => bus.subscribe(name, onMessage),
      streamOf(channel) {
        const source = names.channelOf(channel);
        return source && names.streamOf(source);
      },
      logged: names.isLogged(topic)
        ? {
            stream: names.streamOf(topic),
            generationKey: names.generationOf(topic.kind),
            isOfAllUnits: isOfAllUnits(topic),
          }
        : undefined,
      read,
      reread,
      budget,
      onEnd() {
        if (topics.get(key) === shared) topics.delete(key);
      },
      log,
    });
    topics.set(key, shared);
    return shared;
  }

  const stopListening = [
    bus.onDisconnect(() => {
      for (const topic of topics.values()) topic.pause();
    }),
    bus.onReconnect(() => {
      for (const topic of topics.values()) topic.resume();
    }),
  ];
  const timer = setInterval(() => {
    for (const topic of topics.values()) topic.check();
  }, CHECK_MS);

  return {
    open(topic, listener) {
      const { channel, pattern } = names.nameOf(topic);
      const key = pattern ?? channel;
      return (topics.get(key) ?? share(topic, key)).join(listener);
    },
    get openTopics() {
      return topics.size;
    },
    close() {
      clearInterval(timer);
      for (const stop of stopListening) stop();
      for (const topic of [...topics.values()]) topic.close();
    },
  };
}
