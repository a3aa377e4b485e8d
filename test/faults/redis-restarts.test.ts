import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { interestIn } from './support/recording.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { recordSocket } from './support/socket-client.ts';
import { recordStream } from './support/stream-client.ts';
import { expectFlawless, recordingsOf, routeTo, tokenOf, untilLive, useServer } from './support/world.ts';

const TOPICS = [
  { kind: 'request', unit: '5' },
  { kind: 'crate', unit: '5' },
  { kind: 'request', unit: '7' },
] as const;

async function useWorld() {
  const redis = await useRedisProcess();
  const servers = [await useServer(redis.url), await useServer(redis.url)];
  const route = routeTo(...servers);
  const [five, seven] = [await tokenOf('5'), await tokenOf('7')];
  const clients = [
    ...[1, 2, 3].map(() => recordSocket(route, five, [interestIn('request', '5'), interestIn('crate', '5')])),
    recordSocket(route, seven, [interestIn('request', '7')]),
    recordStream(route, five, interestIn('request', '5')),
    recordStream(route, seven, interestIn('request', '7')),
  ];
  await untilLive(clients);
  return { redis, servers, route, clients, publisher: usePublisher(redis.url), five };
}

test('Redis killed under publishing, and restarted with its data, three times: nothing is lost', async () => {
  const { redis, servers, clients, publisher } = await useWorld();
  const stop = publisher.flow(TOPICS, 300);
  for (let time = 0; time < 3; time += 1) {
    await pause(800);
    await redis.kill();
    await pause(300);
    await redis.start();
  }
  await pause(500);
  await stop();
  await expectFlawless(clients, publisher, servers);
}, 60_000);

test('Redis paused for ten seconds under publishing: nothing is lost', async () => {
  const { redis, servers, clients, publisher } = await useWorld();
  const stop = publisher.flow(TOPICS, 300);
  await pause(800);
  redis.pause();
  await pause(10_000);
  redis.resume();
  await pause(800);
  await stop();
  await expectFlawless(clients, publisher, servers);
}, 60_000);

test('Redis restarted without its data: everyone is told, and a fresh subscription works', async () => {
  const { redis, servers, clients, publisher } = await useWorld();
  const stop = publisher.flow(TOPICS, 300);
  await pause(500);
  await stop();
  await expectFlawless(clients, publisher, servers);

  await redis.kill();
  await redis.forget();
  await redis.start();
  await until(() => recordingsOf(clients).every(({ expirations }) => expirations === 1));
  await untilLive(clients);
  for (const topic of TOPICS) await publisher.publish(topic, 50);
  await expectFlawless(clients, publisher, servers, { mayExpire: true });
  for (const { expirations, stretches } of recordingsOf(clients)) {
    expect({ expirations, afresh: stretches[1]?.length }).toEqual({ expirations: 1, afresh: 50 });
  }
}, 60_000);
