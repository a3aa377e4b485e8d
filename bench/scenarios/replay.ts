import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { alternate, type Bench } from '../bench.ts';
import { cpuPerDelivery, gatherCrowd } from '../crowd.ts';
import { QUERY } from '../event.ts';
import { signToken } from '../load/tokens.ts';
import { publishLogged } from '../publish.ts';
import { monotonicMs } from '../support/clock.ts';
import type { BenchRedis } from '../support/redis.ts';
import { SECRET, type System, startSystem } from '../systems.ts';

/** A unit that no other scenario uses, so that its log is empty. */
const UNIT = 900;
const MEGABYTE = 1024 * 1024;

const next = z.object({
  type: z.literal('next'),
  payload: z.object({ extensions: z.object({ cursor: z.string() }) }),
});

/**
 * Clients reconnect to a server that has just started, and resume. None of the peers can do that. Bare `ws` only writes what was missed,
 * from buffers that all its sockets share: no server in Node can be faster, and nor can the load client.
 */
export async function measureReplay(bench: Bench): Promise<void> {
  if (!bench.systems.includes('ours')) return;
  const { redis, plan, profileFolder } = bench;
  const { events, rounds } = plan.replay;
  bench.progress(`replay: publishing ${events} events`);
  const before = await startSystem('ours', { redisUrl: redis.url, profileFolder });
  const cursor = await cursorOfNext(before, () => publishLogged(redis, UNIT, 1));
  await before.stop();
  await publishLogged(redis, UNIT, events - 1); // together with the first event, the log is full
  await alternate(bench, 'replay', { rounds, isFresh: true }, (system) => resumeAll(bench, system, cursor));
}

async function resumeAll({ plan, redis }: Bench, system: System, cursor: string) {
  const { clients, events } = plan.replay;
  const crowd = await gatherCrowd(system, redis, { firstUnit: UNIT });
  try {
    const readsBefore = await rangeReads(redis);
    const residentBefore = system.usage.residentBytes();
    const startedAt = monotonicMs();
    const seen = await crowd.resume(clients, cursor, events - 1);
    return {
      'replay.seconds': (seen.lastAtMs - startedAt) / 1000,
      'replay.cpu': cpuPerDelivery(seen),
      'replay.bytes': seen.bytes / seen.deliveries,
      'replay.reads': (await rangeReads(redis)) - readsBefore,
      'replay.memory': (system.usage.residentBytes() - residentBefore) / MEGABYTE,
      'replay.closed': seen.closed,
      'replay.missing': clients * (events - 1) - seen.deliveries,
    };
  } finally {
    await crowd.leave();
  }
}

/** Subscribes until one event has arrived, and returns its cursor. */
async function cursorOfNext(system: System, publish: () => Promise<unknown>): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${system.port}/graphql`, 'graphql-transport-ws');
  try {
    await once(socket, 'open');
    const authorization = `Bearer ${signToken(SECRET, 1, UNIT)}`;
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
    for (;;) {
      const [data]: unknown[] = await once(socket, 'message');
      const message: unknown = JSON.parse(String(data));
      const event = next.safeParse(message).data;
      if (event !== undefined) return event.payload.extensions.cursor;
      if (isOfType(message, 'connection_ack')) {
        const payload = { query: QUERY, variables: { unitId: `${UNIT}` } };
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
      } else if (isOfType(message, 'ping')) await publish(); // the ping contains the first cursor, so the subscription is live
    }
  } finally {
    socket.terminate();
  }
}

function isOfType(message: unknown, type: string): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === type;
}

/** The number of range reads of streams in Redis so far. */
async function rangeReads({ client }: BenchRedis): Promise<number> {
  const stats = await client.info('commandstats');
  return Number(/cmdstat_xrange:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}
