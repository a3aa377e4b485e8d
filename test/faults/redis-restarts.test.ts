import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { FAULT_ROUNDS } from '../support/rounds.ts';
import { interestIn } from './support/recording.ts';
import { useRedisProcess } from './support/redis-process.ts';
import { expectFlawless, recordingsOf, untilLive, useWorld } from './support/world.ts';

const TOPICS = [
  { kind: 'request', unit: '5' },
  { kind: 'crate', unit: '5' },
  { kind: 'request', unit: '7' },
] as const;

async function useLastingWorld() {
  const redis = await useRedisProcess();
  const both = [interestIn('request', '5'), interestIn('crate', '5')];
  const world = await useWorld(redis.url, {
    servers: 2,
    sockets: [
      ['5', ...both],
      ['5', ...both],
      ['5', ...both],
      ['7', interestIn('request', '7')],
    ],
    streams: [
      ['5', interestIn('request', '5')],
      ['7', interestIn('request', '7')],
    ],
  });
  return { redis, ...world };
}

test(
  'Redis is killed during publishing, and restarted with its data: nothing is lost',
  async () => {
    const { redis, servers, clients, publisher } = await useLastingWorld();
    const stop = publisher.flow(TOPICS, 150);
    for (let time = 0; time < FAULT_ROUNDS; time += 1) {
      await pause(800);
      await redis.kill();
      await pause(300);
      await redis.start();
    }
    await pause(500);
    await stop();
    await expectFlawless(clients, publisher, servers);
  },
  90_000 + FAULT_ROUNDS * 30_000,
);

test('Redis is paused for ten seconds during publishing: nothing is lost', async () => {
  const { redis, servers, clients, publisher } = await useLastingWorld();
  const stop = publisher.flow(TOPICS, 150);
  await pause(800);
  redis.pause();
  await pause(10_000);
  redis.resume();
  await pause(800);
  await stop();
  await expectFlawless(clients, publisher, servers);
}, 120_000);

test('Redis is restarted without its data: every client gets CURSOR_EXPIRED, and a fresh subscription works', async () => {
  const { redis, servers, clients, publisher } = await useLastingWorld();
  const stop = publisher.flow(TOPICS, 150);
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
}, 120_000);
