import type { Bus, BusMessage, BusSubscription } from '../bus/bus.ts';
import { LiveError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { EventKind, LiveEvent } from './event.ts';
import { type ReadResult, type Rejection, readMessage } from './read-message.ts';
import type { Topic, TopicNames } from './topic.ts';

export interface TopicListener {
  /** A checked event of the topic, each once, in the order of arrival. What it throws is logged and disturbs no one else. */
  onEvent(event: LiveEvent): void;
}

export interface OpenTopic {
  /** Settles when every event published from now on will be heard. Rejects with `SERVICE_UNAVAILABLE`. */
  readonly ready: Promise<void>;
  /** Stops listening; safe to call at any time and more than once. */
  close(): void;
}

export interface Hub {
  /** Listens to a topic. Many listeners share one subscription of the bus, which ends with the last of them. */
  open(topic: Topic, listener: TopicListener): OpenTopic;
  /** How many topics are open, i.e. subscriptions held on the bus. */
  readonly openTopics: number;
}

/** How many event ids of an open topic are remembered, to drop a second event with the same id. */
const IDS_REMEMBERED = 4096;

/** For metrics. */
export interface HubObserver {
  eventReceived(kind: EventKind): void;
  eventRejected(kind: EventKind | 'unknown'): void;
}

export function createHub(bus: Bus, names: TopicNames, observer: HubObserver, log: Logger): Hub {
  const topics = new Map<string, SharedTopic>();

  function refused(channel: string, payload: Buffer, { reason, detail }: Rejection): void {
    log.warn({ topic: channel, reason, detail }, 'refused a message');
    bus
      .keepDeadLetter(names.deadLetters, { topic: channel, reason, detail, payload })
      .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'could not keep a refused message'));
  }

  function read({ channel, payload }: BusMessage): LiveEvent | undefined {
    const source = names.channelOf(channel);
    const result: ReadResult =
      source === undefined
        ? { rejection: { reason: 'unknown topic', detail: 'the topic’s id does not fit' } }
        : readMessage(source, payload);
    if (result.event !== undefined) observer.eventReceived(result.event.kind);
    else observer.eventRejected(source?.kind ?? 'unknown');
    if (result.rejection !== undefined) refused(channel, payload, result.rejection);
    return result.event;
  }

  return {
    open(topic, listener) {
      const name = names.nameOf(topic);
      const key = name.pattern ?? name.channel;
      let shared = topics.get(key);
      if (shared === undefined) {
        shared = shareTopic((onMessage) => bus.subscribe(name, onMessage), read, log);
        topics.set(key, shared);
      }
      return shared.join(listener, () => topics.delete(key));
    },
    get openTopics() {
      return topics.size;
    },
  };
}

interface SharedTopic {
  join(listener: TopicListener, onEmpty: () => void): OpenTopic;
}

function shareTopic(
  subscribe: (onMessage: (message: BusMessage) => void) => BusSubscription,
  read: (message: BusMessage) => LiveEvent | undefined,
  log: Logger,
): SharedTopic {
  const listeners = new Set<TopicListener>();
  const isNew = rememberIds(IDS_REMEMBERED);

  /** Called from within the Redis client, where a throw would starve other channels: nothing leaves this function. */
  function receive(message: BusMessage): void {
    try {
      const event = read(message);
      if (event === undefined || !isNew(`${message.channel} ${event.data.id}`)) return;
      for (const listener of [...listeners]) tell(listener, event);
    } catch (error) {
      log.error({ err: error, topic: message.channel }, 'could not read a message');
    }
  }

  function tell(listener: TopicListener, event: LiveEvent): void {
    try {
      listener.onEvent(event);
    } catch (error) {
      log.error({ err: error, kind: event.kind }, 'a listener failed');
    }
  }

  const subscription = subscribe(receive);
  const ready = subscription.ready.catch((error: unknown) => {
    log.error({ reason: messageOf(error) }, 'could not subscribe to a topic');
    throw new LiveError('SERVICE_UNAVAILABLE', 'Live events are not available now: try again in a moment.');
  });
  ready.catch(() => undefined); // told to whoever awaits it

  return {
    join(listener, onEmpty) {
      // A listener of its own for each join, so that one object may join twice.
      const joined: TopicListener = { onEvent: (event) => listener.onEvent(event) };
      listeners.add(joined);
      return {
        ready,
        close() {
          if (!listeners.delete(joined) || listeners.size > 0) return;
          onEmpty();
          subscription.close();
        },
      };
    },
  };
}

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
