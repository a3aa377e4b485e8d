import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { useProxy } from './support/proxy.ts';
import { interestIn } from './support/recording.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { expectFlawless, useWorld } from './support/world.ts';

test('a server whose connections to Redis fall silent makes new ones: nothing is lost', async () => {
  const redis = await useRedisProcess({ appendonly: 'no' });
  const proxy = await useProxy(redis.port);
  const interest = interestIn('crate', '5');
  const { servers, clients } = await useWorld(`redis://127.0.0.1:${proxy.port}`, {
    sockets: [['5', interest]],
    streams: [['5', interest]],
  });
  const [server] = servers;
  const publisher = usePublisher(redis.url); // not through the proxy
  const stop = publisher.flow([{ kind: 'crate', unit: '5' }], 100);
  await pause(500);

  proxy.silence();
  await until(async () => (await fetch(`${server?.url}/ready`)).status === 503);
  await until(async () => (await fetch(`${server?.url}/ready`)).status === 200);
  await stop();
  await expectFlawless(clients, publisher, servers);
  expect(server?.program.output).toContain('Redis does not answer; its connection is made again');
}, 120_000);
