import { setTimeout as pause } from 'node:timers/promises';
import { channelOf, createMessage } from './event.ts';
import { monotonicMs } from './support/clock.ts';
import type { BenchRedis } from './support/redis.ts';

export interface Stream {
  readonly events: number;
  /** Over how many units the events go round. Default 1. */
  readonly units?: number;
  /** How much larger than usual each is, in bytes. */
  readonly padding?: number;
}

/** How often a steady publisher publishes what is due, in milliseconds. */
const TICK_MS = 5;

/** Publishes events at an even pace. */
export async function publishSteadily(
  redis: BenchRedis,
  { events, perSecond, ...stream }: Stream & { readonly perSecond: number },
): Promise<void> {
  const startedAt = monotonicMs();
  let published = 0;
  while (published < events) {
    const due = Math.min(events, Math.ceil(((monotonicMs() - startedAt) * perSecond) / 1000));
    if (due > published) await publishAtOnce(redis, { ...stream, events: due - published }, published);
    published = Math.max(due, published);
    await pause(TICK_MS);
  }
}

/**
 * Publishes events one behind the other, in one go.
 * @param first how many came before, for the units to go round.
 */
export async function publishAtOnce(
  redis: BenchRedis,
  { events, units = 1, padding }: Stream,
  first = 0,
): Promise<void> {
  const pipeline = redis.client.pipeline();
  for (let i = first; i < first + events; i += 1) {
    const unit = 1 + (i % units);
    pipeline.publish(channelOf(unit), createMessage(unit, padding));
  }
  await pipeline.exec();
}
