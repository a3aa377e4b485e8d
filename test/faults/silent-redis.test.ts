import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { useProxy } from './support/proxy.ts';
import { interestIn } from './support/recording.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { recordSocket } from './support/socket-client.ts';
import { recordStream } from './support/stream-client.ts';
import { expectFlawless, routeTo, tokenOf, untilLive, useServer } from './support/world.ts';

test('a server whose connections to Redis fall silent without a word makes new ones: nothing is lost', async () => {
  const redis = await useRedisProcess({ appendonly: 'no' });
  const proxy = await useProxy(redis.port);
  const server = await useServer(`redis://127.0.0.1:${proxy.port}`);
  const token = await tokenOf('5');
  const interest = interestIn('crate', '5');
  const clients = [
    recordSocket(routeTo(server), token, [interest]),
    recordStream(routeTo(server), token, interest),
  ];
  await untilLive(clients);
  const publisher = usePublisher(redis.url);
  const stop = publisher.flow([{ kind: 'crate', unit: '5' }], 100);
  await pause(500);

  proxy.silence();
  await until(async () => (await fetch(`${server.url}/ready`)).status === 503);
  await until(async () => (await fetch(`${server.url}/ready`)).status === 200);
  await stop();
  await expectFlawless(clients, publisher, [server]);
  expect(server.program.output).toContain('lost the connection to Redis');
}, 60_000);
