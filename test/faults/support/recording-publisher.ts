import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createLogger } from '../../../src/log.ts';
import { connectPublisher, type Publisher } from '../../../src/publisher.ts';
import { type EventName, eventId } from './recording.ts';

export interface TopicName {
  readonly kind: EventName;
  readonly unit: string;
}

/** Publishes numbered events, repeats each until Redis accepts it, and counts them. */
export interface RecordingPublisher {
  /** Publishes the next events of a topic, one after the other. Resolves when all are accepted. */
  publish(topic: TopicName, count?: number): Promise<void>;
  /** Publishes on these topics in turn until it is stopped. Stopping resolves when all are accepted. */
  flow(topics: readonly TopicName[], perSecond: number): () => Promise<void>;
  /** The number of events published on a topic. */
  published(kind: EventName, unit: string): number;
  /** The number of times that an event was repeated, because Redis did not accept it. */
  readonly repeats: number;
}

const occurredAt = '2026-11-22T09:30:00Z';
const request = (unitId: string) =>
  ({ id: 4821, requestType: 'Withdrawal', status: 'Pending', unitId }) as const;
const location = (unitId: string) => ({ id: 70, unitId, roomName: 'R1', rackName: 'A' }) as const;

/** The functions that publish one event of each kind. */
function sendersOf(
  { publish }: Publisher,
  reason: string,
): Record<EventName, (unitId: string, id: string) => Promise<unknown>> {
  return {
    request: (unitId, id) =>
      publish({ kind: 'request', unitId }, { id, occurredAt, action: 'CREATED', request: request(unitId) }),
    crate: (unitId, id) =>
      publish(
        { kind: 'crate', unitId },
        {
          id,
          occurredAt,
          action: 'CREATED',
          crate: { id: 301, status: 'Active', unitId, storage: location(unitId) },
        },
      ),
    sendback: (unitId, id) =>
      publish(
        { kind: 'sendback', unitId },
        { id, occurredAt, action: 'CREATED', sendBack: { id: 12, unitId, reason, request: request(unitId) } },
      ),
    storage: (unitId, id) =>
      publish(
        { kind: 'storage', unitId },
        { id, occurredAt, action: 'UPDATED', locations: [location(unitId)] },
      ),
    audit: (unitId, id) =>
      publish(
        { kind: 'audit', unitId },
        { id, occurredAt, action: 'LOGGED', entry: { id: 99, unitId, action: 'APPROVE' } },
      ),
    kpis(unitId, id) {
      const computedAt = new Date().toISOString();
      return unitId === 'all'
        ? publish({ kind: 'kpis', all: 'together' }, { id, unitId: null, computedAt })
        : publish({ kind: 'kpis', unitId }, { id, unitId, computedAt });
    },
  };
}

export interface PublishingHabits {
  /** How many times each event is published. Default 1. */
  readonly times?: number;
  /** The length of each send-back's reason, to make it large. Default 0. */
  readonly padding?: number;
  /** What it publishes through; its owner closes it. Default: a publisher of its own. */
  readonly through?: Publisher;
}

function useOwnPublisher(redisUrl: string): Publisher {
  const publisher = connectPublisher({ redisUrl, log: createLogger('silent') });
  onTestFinished(() => publisher.close());
  return publisher;
}

export function usePublisher(
  redisUrl: string,
  { times = 1, padding = 0, through }: PublishingHabits = {},
): RecordingPublisher {
  const send = sendersOf(through ?? useOwnPublisher(redisUrl), 'x'.repeat(padding));
  const counts = new Map<string, number>();
  const queues = new Map<string, Promise<void>>();
  let repeats = 0;

  async function publishUntilTaken({ kind, unit }: TopicName, id: string): Promise<void> {
    for (let time = 0; time < times; ) {
      try {
        await send[kind](unit, id);
        time += 1;
      } catch (error) {
        if (error instanceof TypeError) throw error;
        repeats += 1;
        await pause(50);
      }
    }
  }

  function enqueue(topic: TopicName): Promise<void> {
    const name = `${topic.kind}.${topic.unit}`;
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    const before = queues.get(name) ?? Promise.resolve();
    const taken = before.then(() => publishUntilTaken(topic, eventId(topic.kind, topic.unit, number)));
    queues.set(name, taken);
    return taken;
  }

  return {
    async publish(topic, count = 1) {
      const taken: Promise<void>[] = [];
      for (let index = 0; index < count; index += 1) taken.push(enqueue(topic));
      await Promise.all(taken);
    },
    flow(topics, perSecond) {
      const start = Date.now();
      let issued = 0;
      const timer = setInterval(() => {
        for (; issued < ((Date.now() - start) * perSecond) / 1000; issued += 1) {
          const topic = topics[issued % topics.length];
          if (topic !== undefined) void enqueue(topic);
        }
      }, 5);
      onTestFinished(() => clearInterval(timer));
      return async () => {
        clearInterval(timer);
        await Promise.all(queues.values());
      };
    },
    published: (kind, unit) => counts.get(`${kind}.${unit}`) ?? 0,
    get repeats() {
      return repeats;
    },
  };
}
