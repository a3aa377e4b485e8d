import type { Bus, BusMessage } from '../bus/bus.ts';
import { isEnvelope, readGeneration } from '../bus/envelope.ts';
import type { LiveEvent } from '../events/kinds.ts';
import { isOfAllUnits, type Topic, type TopicNames } from '../events/topic-names.ts';
import type { Logger } from '../log.ts';
import type { TraceEvent } from '../tracing.ts';
import { type AppendSample, sampleAppends } from './append-samples.ts';
import type { ForeignPublishers } from './foreign.ts';
import { type Generation, watchGeneration } from './generation.ts';
import type { TopicListener } from './listeners.ts';
import { type LogAge, watchLogAge } from './log-age.ts';
import type { ReadEvent } from './log-delivery.ts';
import type { LoggedAs } from './logged-topic.ts';
import { type ReadResult, type Rejection, readMessage } from './read-message.ts';
import { createRecentBudget } from './recent-events.ts';
import type { Refusals } from './refusals.ts';
import { type OpenTopic, type SharedTopic, shareTopic } from './shared-topic.ts';

export interface Hub {
  /** Listens to a topic. Many listeners share one subscription of the bus, which ends with the last of them. */
  open(topic: Topic, listener: TopicListener): OpenTopic;
  /** How many topics are open, i.e. subscriptions held on the bus. */
  readonly openTopics: number;
  /** Ends all topics. Callers that wait for a topic to open are rejected, and listeners receive nothing more. */
  close(): void;
}

/** For metrics. */
export interface HubObserver {
  eventReceived(kind: string): void;
  /** Default: nobody asks how long events were on their way. */
  appendSampled?(sample: AppendSample): void;
}

export interface HubOptions {
  readonly bus: Bus;
  readonly names: TopicNames;
  readonly refusals: Refusals;
  readonly observer: HubObserver;
  readonly foreign: ForeignPublishers;
  /** How long an event is kept for those who resume, in seconds. */
  readonly keptSeconds: number;
  /** How many bytes of recent events are kept for those who resume, in all topics together. */
  readonly recentBytes: number;
  /** How many bytes of older events may be read again for them at a time, in all topics together. */
  readonly replayBytes: number;
  /** Default: no event is traced. */
  readonly traceEvent?: TraceEvent | undefined;
  readonly log: Logger;
}

/**
 * How often a topic that is silent is compared with its log, in milliseconds. Pub/Sub may lose a message in silence, and only a later
 * message would show the gap.
 */
const CHECK_MS = 5000;

/** Why a message that does not show its publisher is refused, while other installations are known to publish. */
const UNATTRIBUTED: Rejection = {
  reason: 'foreign publisher',
  detail:
    'somebody else publishes under this prefix; publish by contract/append-event.lua, which shows whose it is',
};

export function createHub(options: HubOptions): Hub {
  const { bus, names, observer, foreign, keptSeconds, recentBytes, replayBytes, log } = options;
  const topics = new Map<string, SharedTopic>();
  const budget = createRecentBudget(recentBytes, replayBytes);
  const { read, reread } = createEventReaders(options);
  const admission = createAdmission(options);
  const samples = observer.appendSampled && sampleAppends({ bus, names, onSample: observer.appendSampled });
  const ages = new Map([...names.kinds.keys()].map((kind) => [kind, ageOf(kind)]));

  function ageOf(kind: string): LogAge {
    const all: Topic = { kind, all: 'units' };
    return watchLogAge(bus, names.generationOf(kind), names.isLogged(all) ? names.streamOf(all) : undefined);
  }

  function loggedAs(topic: Topic): LoggedAs {
    const generationKey = names.generationOf(topic.kind);
    const age = ages.get(topic.kind) ?? ageOf(topic.kind);
    ages.set(topic.kind, age);
    return { stream: names.streamOf(topic), generationKey, age, isOfAllUnits: isOfAllUnits(topic) };
  }

  function sampled(onMessage: (message: BusMessage) => void): (message: BusMessage) => void {
    if (samples === undefined) return onMessage;
    return (message) => {
      onMessage(message);
      samples.offer(message);
    };
  }

  function share(topic: Topic, key: string): SharedTopic {
    const name = names.nameOf(topic);
    const shared: SharedTopic = shareTopic({
      bus,
      subscribe: (onMessage, onState) =>
        bus.subscribe(name, admission.guard(topic.kind, sampled(onMessage)), onState),
      streamOf(channel) {
        const source = names.channelOf(channel);
        return source && names.streamOf(source);
      },
      logged: names.isLogged(topic) ? loggedAs(topic) : undefined,
      isOfSnapshots: names.kinds.get(topic.kind)?.isNewestOnly === true,
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

  const stopListening = bus.onReconnect(admission.forget);
  const timer = setInterval(() => {
    foreign.look();
    budget.dropOlderThan(keptSeconds);
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
      samples?.close();
      stopListening();
      for (const topic of [...topics.values()]) topic.close();
    },
  };
}

/** Checks what comes in, and what a log has. `undefined`: it breaks the contract, and was refused. */
function createEventReaders({ names, refusals, observer, traceEvent }: HubOptions): {
  read: ReadEvent;
  reread: ReadEvent;
} {
  let lastRead: { channel: string; payload: Buffer; event: LiveEvent | undefined } | undefined;

  /**
   * Checks an event of a log's past, which is not counted again. A bad one is refused: when it was published, no server may have been
   * there to refuse it.
   */
  function reread(channel: string, payload: Buffer): LiveEvent | undefined {
    const source = names.channelOf(channel);
    const result: ReadResult =
      source === undefined
        ? { rejection: { reason: 'unknown topic', detail: 'the topic’s id does not fit' } }
        : readMessage(names.kinds, source, payload);
    if (result.event === undefined) refusals.refuse(channel, payload, result.rejection, source?.kind);
    return result.event;
  }

  return {
    /**
     * Checks an event that comes in. An event that arrives twice, on its own topic and on that of all units, is checked and
     * counted once: the two messages come one after the other.
     */
    read(channel, payload) {
      if (lastRead?.channel === channel && lastRead.payload.equals(payload)) return lastRead.event;
      const receivedAt = performance.now();
      const read = reread(channel, payload);
      const trace = read && traceEvent?.(payload, read.kind, receivedAt);
      const event = read && { ...read, receivedAt, trace };
      if (event !== undefined) observer.eventReceived(event.kind);
      lastRead = { channel, payload, event };
      return event;
    },
    reread,
  };
}

interface Admission {
  /**
   * Keeps out what others publish under our prefix. An event by a publisher of an earlier version carries no generation, and a
   * bare one never does. Those are believed until somebody else is known to publish; from then on they are refused.
   */
  guard(kind: string, onMessage: (message: BusMessage) => void): (message: BusMessage) => void;
  /** Another Redis may answer now. */
  forget(): void;
}

function createAdmission({ bus, names, foreign, refusals, log }: HubOptions): Admission {
  const generations = new Map<string, Generation>(
    [...names.kinds.keys()].map((kind) => [
      kind,
      watchGeneration(bus, names.generationOf(kind), foreign, log),
    ]),
  );
  return {
    guard(kind, onMessage) {
      const generation = generations.get(kind);
      return (message) => {
        const { channel, payload } = message;
        const digest = isEnvelope(payload) ? readGeneration(payload) : undefined;
        if (digest !== undefined && generation !== undefined)
          generation.admit(digest, () => onMessage(message));
        else if (!foreign.areNoticed) onMessage(message);
        else refusals.refuse(channel, payload, UNATTRIBUTED, kind);
      };
    },
    forget() {
      for (const generation of generations.values()) generation.forget();
    },
  };
}
