import { onTestFinished } from 'vitest';
import type { Bus, BusMessage, ChannelName } from '../../src/bus/bus.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { parseRedisUrl } from '../../src/bus/redis-address.ts';
import { createRedisBus } from '../../src/bus/redis-bus.ts';
import type { Health } from '../../src/health.ts';
import { createLogger, type Logger } from '../../src/log.ts';
import { Queue } from './clients.ts';
import { useRedis } from './redis.ts';
import { KEEP, names, UNIT } from './topics.ts';

export { ALL_STREAM, KEEP, names, numbers, OTHER_UNIT, UNIT, UNIT_STREAM } from './topics.ts';

interface UsedBusOptions {
  readonly log: Logger;
  readonly report: Health['report'];
}

/** A bus to the Redis of the running test. */
export function useRedisBus({ url }: { readonly url: string }, options: Partial<UsedBusOptions> = {}): Bus {
  const bus = createRedisBus(parseRedisUrl(url), options.log ?? createLogger('silent'), {
    health: { report: options.report ?? (() => undefined) },
    prefix: 'dms',
  });
  onTestFinished(() => bus.close());
  return bus;
}

/** Ways to create several connected buses. */
export const BUSES: readonly [name: string, use: (count: number) => Promise<readonly Bus[]>][] = [
  ['within the process', async (count) => Array<Bus>(count).fill(createMemoryBus())],
  [
    'over Redis',
    async (count) => {
      const redis = await useRedis();
      return Array.from({ length: count }, () => useRedisBus(redis));
    },
  ],
];

/** All messages of a channel, in the order of arrival. */
export async function listen(bus: Bus, name: ChannelName): Promise<Queue<BusMessage>> {
  const queue = new Queue<BusMessage>();
  await bus.subscribe(name, (message) => queue.push(message)).ready;
  return queue;
}

/** Appends an event that consists only of its id. */
export async function append(bus: Bus, id: string, channel = UNIT, retention = KEEP) {
  return bus.append(names.logKeysOf(channel), id, JSON.stringify({ id }), retention);
}

export async function appendMany(bus: Bus, ids: readonly string[], channel = UNIT, retention = KEEP) {
  for (const id of ids) await append(bus, id, channel, retention);
}

/** The ids and offsets of a log's entries, from an offset on. */
export async function contentOf(bus: Bus, stream: string, offset = 1, count = 100_000) {
  const last = await bus.readLast(stream);
  const entries =
    last === undefined ? [] : await bus.readFrom(stream, { epoch: last.position.epoch, offset }, count);
  return entries.map(({ position, event }) => [position.offset, JSON.parse(String(event)).id]);
}
