import { Histogram, type Registry } from 'prom-client';
import { REDIS_ROLES, type RedisObserver } from '../bus/redis-bus.ts';
import type { ExecutedEvent } from '../graphql/context.ts';
import type { AppendSample } from '../topics/append-samples.ts';

/** How long things take. */
export interface Times extends RedisObserver {
  /** Events were handed to the sockets of their clients. */
  delivered(events: readonly ExecutedEvent[]): void;
  /** The turn that delivered these events has written them. */
  written(events: readonly ExecutedEvent[]): void;
  appendSampled(sample: AppendSample): void;
}

/** The parts of an event's way. A closed set: each is a label of the metric `dms_live_stage_seconds`. */
const STAGES = ['append', 'receive', 'write'] as const;

const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const ROUND_TRIP_BUCKETS_S = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3];

const STAGES_HELP =
  'The way of an event. append: from when it occurred, by its publisher’s clock, to its append, by the clock of Redis. ' +
  'receive: from there to this process; the clocks are compared. Both are of at most one event a second. ' +
  'write: from there to the sockets, once for each event and audience.';

export function createTimes(registers: Registry[]): Times {
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, buckets, registers });
  const delivery = histogram(
    'dms_live_delivery_seconds',
    'From when an event occurred, by its publisher’s clock, to when it was handed to its clients’ sockets.',
    BUCKETS_S,
  );
  const arrivals = histogram(
    'dms_live_pubsub_round_trip_seconds',
    'How long a message of this process to itself took through Pub/Sub, which is sent every three seconds.',
    ROUND_TRIP_BUCKETS_S,
  );
  const answers = new Histogram({
    name: 'dms_live_redis_round_trip_seconds',
    help: 'How long Redis took to answer a PING, which is sent every three seconds on each connection.',
    labelNames: ['role'],
    buckets: ROUND_TRIP_BUCKETS_S,
    registers,
  });
  for (const role of REDIS_ROLES) answers.zero({ role });
  const stages = new Histogram({
    name: 'dms_live_stage_seconds',
    help: STAGES_HELP,
    labelNames: ['stage'],
    buckets: BUCKETS_S,
    registers,
  });
  for (const stage of STAGES) stages.zero({ stage });

  return {
    delivered(events) {
      const now = Date.now();
      for (const { occurredAt, receivedAt } of events)
        if (receivedAt !== undefined) delivery.observe(Math.max(0, now - occurredAt) / 1000);
    },
    written(events) {
      const now = performance.now();
      for (const { receivedAt } of events)
        if (receivedAt !== undefined) stages.observe({ stage: 'write' }, (now - receivedAt) / 1000);
    },
    appendSampled({ toAppendMs, toArrivalMs }) {
      if (toAppendMs !== undefined) stages.observe({ stage: 'append' }, toAppendMs / 1000);
      stages.observe({ stage: 'receive' }, toArrivalMs / 1000);
    },
    redisAnswered: (role, ms) => answers.observe({ role }, ms / 1000),
    publicationArrived: (ms) => arrivals.observe(ms / 1000),
  };
}
