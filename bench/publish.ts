import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { channelOf, createMessage } from './event.ts';
import { monotonicMs } from './support/clock.ts';
import { ROOT } from './support/processes.ts';
import type { BenchRedis } from './support/redis.ts';

export interface Stream {
  readonly events: number;
  /** The events go to this number of units in turn. Default 1. */
  readonly units?: number;
  /** The first of these units. Default 1. */
  readonly firstUnit?: number;
  /** How much larger than usual each event is, in bytes. */
  readonly padding?: number;
}

/** The interval at which a steady publisher publishes due events, in milliseconds. */
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
 * Publishes events one after the other, in one pipeline.
 * @param first how many events were published before, so that the units continue in turn.
 */
export async function publishAtOnce(
  redis: BenchRedis,
  { events, units = 1, firstUnit = 1, padding }: Stream,
  first = 0,
): Promise<void> {
  const pipeline = redis.client.pipeline();
  for (let i = first; i < first + events; i += 1) {
    const unit = firstUnit + (i % units);
    pipeline.publish(channelOf(unit), createMessage(unit, padding));
  }
  await pipeline.exec();
}

/** The defaults of the settings. */
const RETENTION = { events: 10_000, seconds: 86_400 };
const AT_A_TIME = 500;

/** Publishes events into the log of a unit's topic, with the script that every publisher uses. */
export async function publishLogged(redis: BenchRedis, unit: number, events: number): Promise<void> {
  const script = readFileSync(join(ROOT, 'contract/append-event.lua'), 'utf8');
  const stream = `dms:{request}:unit:${unit}`;
  for (let published = 0; published < events; published += AT_A_TIME) {
    const pipeline = redis.client.pipeline();
    for (let i = published; i < Math.min(events, published + AT_A_TIME); i += 1) {
      const id = `${unit}-${monotonicMs()}-${i}`;
      const keys = [stream, `${stream}:id:${id}`, 'dms:{request}:units'];
      const event = createMessage(unit);
      pipeline.eval(
        script,
        keys.length,
        ...keys,
        channelOf(unit),
        id,
        event,
        RETENTION.events,
        RETENTION.seconds,
      );
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
  }
}
