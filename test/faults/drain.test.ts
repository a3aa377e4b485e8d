import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { interestIn } from './support/recording.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { recordSocket } from './support/socket-client.ts';
import { recordStream } from './support/stream-client.ts';
import { expectFlawless, routeTo, tokenOf, untilLive, useServer } from './support/world.ts';

const UNITS = ['1', '2'];

test('a server that stops closes its clients one after the other; they resume elsewhere', async () => {
  const redis = await useRedisProcess({ appendonly: 'no' });
  const [first, second] = [await useServer(redis.url), await useServer(redis.url)];
  let route = routeTo(first);
  const sockets = [];
  const streams = [];
  for (const unit of UNITS) {
    const token = await tokenOf(unit);
    const interest = interestIn('crate', unit);
    for (let index = 0; index < 100; index += 1) sockets.push(recordSocket(() => route(), token, [interest]));
    for (let index = 0; index < 20; index += 1) streams.push(recordStream(() => route(), token, interest));
  }
  const clients = [...sockets, ...streams];
  await untilLive(clients);
  const publisher = usePublisher(redis.url);
  const stop = publisher.flow(
    UNITS.map((unit) => ({ kind: 'crate', unit }) as const),
    200,
  );
  await pause(500);

  route = routeTo(second);
  first.program.child.kill('SIGTERM');
  await until(async () => (await fetch(`${first.url}/ready`)).status === 503);
  expect(clients.some(({ closes }) => closes.length === 0)).toBe(true); // it is not ready any more, but still has clients

  expect(await first.program.exited).toBe(0);
  await until(() => clients.every(({ connections }) => connections === 2));
  await stop();
  await expectFlawless(clients, publisher, [first, second]);
  expect(new Set(sockets.flatMap(({ closes }) => closes.map(({ code }) => code)))).toEqual(new Set([1012]));
  expect(new Set(streams.flatMap(({ closes }) => closes.map(({ code }) => code)))).toEqual(new Set([0]));
  expect(streams.every(({ hints }) => hints.length === 1)).toBe(true);
  const times = clients.flatMap(({ closes }) => closes.map(({ at }) => at));
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1000);
}, 120_000);
