/** The connections to Redis when the primary changes, hangs, or is not there at first. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { parseRedisUrl } from '../../src/bus/redis-address.ts';
import { connectRedis } from '../../src/bus/redis-connect.ts';
import { PULSE_MS, watchPulse } from '../../src/bus/redis-pulse.ts';
import { createLogger } from '../../src/log.ts';
import { listen, useRedisBus } from '../support/buses.ts';
import { freePort, until, useRedis } from '../support/redis.ts';
import { useScriptedSentinel } from '../support/scripted-sentinel.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a fail-over that is announced while the sentinels are being asked does not end the connections', async () => {
  const redis = await useRedis();
  const sentinel = await useScriptedSentinel(redis.port);
  const log = createLogger('silent');
  const warn = vi.spyOn(log, 'warn');
  const bus = useRedisBus(sentinel, { log });
  const received = await listen(bus, { channel: 'dms:session' });
  await until(async () => (await bus.isReachable()) && sentinel.listeners === 1);
  let returns = 0;
  bus.onReconnect(() => {
    returns += 1;
  });

  const asked = sentinel.questions;
  const release = sentinel.holdAnswers();
  await redis.kill();
  await redis.start();
  await until(() => sentinel.questions === asked + 2); // by both connections
  sentinel.announceFailover();
  await until(() => warn.mock.calls.some((args) => args.join().includes('fails over')));
  release();

  await until(() => returns > 0);
  expect(await bus.read(['any'])).toEqual([null]);
  await redis.untilSubscribed('dms:session');
  await redis.client.publish('dms:session', 'news');
  expect((await received.next()).payload.toString()).toBe('news');
});

test('a bus that starts long before Redis subscribes once Redis is there', async () => {
  const redis = await useRedis();
  await redis.kill();
  const troubles: string[] = [];
  const bus = useRedisBus(redis, { report: (name, trouble) => trouble && troubles.push(name) });
  const received = listen(bus, { channel: 'dms:session' });
  await until(() => troubles.includes('redis-unreachable'));
  await redis.start();
  const queue = await received;
  await redis.client.publish('dms:session', 'news');
  expect((await queue.next()).payload.toString()).toBe('news');
});

test.each(['subscriber', 'commands'] as const)(
  'a connection of role %s that Redis accepts and never answers is made again',
  async (role) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.resume()));
    const port = await freePort();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const connection = connectRedis(parseRedisUrl(`redis://127.0.0.1:${port}`), role);
    connection.on('error', () => undefined);
    onTestFinished(() => connection.disconnect());
    onTestFinished(watchPulse(connection));
    await until(() => ['connect', 'ready'].includes(connection.status));

    vi.advanceTimersByTime(3 * PULSE_MS);
    await until(() => sockets.length === 2);
  },
);
