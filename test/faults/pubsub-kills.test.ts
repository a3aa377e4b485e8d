import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { messages } from '../support/events.ts';
import { until } from '../support/redis.ts';
import { FAULT_ROUNDS } from '../support/rounds.ts';
import { interestIn } from './support/recording.ts';
import { type RedisProcess, useRedisProcess } from './support/redis-process.ts';
import { expectFlawless, recordingsOf, useWorld } from './support/world.ts';

const TOPICS = [
  { kind: 'request', unit: '5' },
  { kind: 'request', unit: '7' },
  { kind: 'audit', unit: '1' },
] as const;

async function useRestlessWorld(times = 1) {
  const redis = await useRedisProcess({ appendonly: 'no' });
  const world = await useWorld(redis.url, {
    sockets: [
      ['5', interestIn('request', '5')],
      ['7', interestIn('request', '7')],
      ['admin', interestIn('request', '5', '7'), interestIn('audit', '1')],
    ],
    streams: [
      ['5', interestIn('request', '5')],
      ['admin', interestIn('request', '5', '7')],
    ],
    publishing: { times },
  });
  return { redis, ...world };
}

interface Cutter {
  /** The number of subscribers that it has cut. */
  readonly cuts: number;
  stop(): Promise<void>;
}

/** Cuts every subscriber of Redis, again and again, until it is stopped. */
function cutSubscribers({ client }: RedisProcess, everyMs: number): Cutter {
  let isOn = true;
  let cuts = 0;
  const cutting = (async () => {
    for (; isOn; await pause(everyMs)) cuts += Number(await client.client('KILL', 'TYPE', 'pubsub'));
  })();
  return {
    get cuts() {
      return cuts;
    },
    stop() {
      isOn = false;
      return cutting;
    },
  };
}

test('Redis cuts its subscribers again and again during a burst: nothing is lost', async () => {
  const { redis, servers, clients, publisher } = await useRestlessWorld();
  const cutter = cutSubscribers(redis, 30);
  await Promise.all(TOPICS.map((topic) => publisher.publish(topic, 1500)));
  while (cutter.cuts <= 5) await Promise.all(TOPICS.map((topic) => publisher.publish(topic, 100)));
  await cutter.stop();
  await expectFlawless(clients, publisher, servers);
}, 120_000);

test('a publisher publishes every event twice, while subscribers are cut: each event is delivered once', async () => {
  const { redis, servers, clients, publisher } = await useRestlessWorld(2);
  const cutter = cutSubscribers(redis, 100);
  await Promise.all(TOPICS.map((topic) => publisher.publish(topic, 1000)));
  await cutter.stop();
  await expectFlawless(clients, publisher, servers);
  expect(await redis.client.xlen('dms:{request}:unit:5')).toBe(1000);
}, 120_000);

test('bare messages among logged ones, while subscribers are cut: bare ones may be lost but never doubled, and no logged one is lost', async () => {
  const { redis, servers, clients, publisher } = await useRestlessWorld();
  let bare = 0;
  const publishBare = async (): Promise<void> => {
    bare += 1;
    const message = messages.request({}, { id: `bare.request.5.${bare}` });
    await redis.client.publish('dms:request:unit:5', JSON.stringify(message));
  };
  const stopPublishing = publisher.flow(TOPICS, 200);
  const cutter = cutSubscribers(redis, 400); // a slow machine needs most of this to subscribe again
  for (let time = 0; time < 150 * FAULT_ROUNDS; time += 1) {
    await publishBare();
    await pause(8);
  }
  await cutter.stop();
  await stopPublishing();
  await expectFlawless(clients, publisher, servers);

  await until(async () => (await redis.client.pubsub('NUMSUB', 'dms:request:unit:5'))[1] === 1);
  await until(async () => Number(await redis.client.pubsub('NUMPAT')) === 3);
  await publishBare();
  const listeners = recordingsOf(clients).filter(
    ({ interest: { kind, units } }) => kind === 'request' && units.includes('5'),
  );
  await until(() => listeners.every((recording) => recording.bare.at(-1) === bare));
  for (const { bare: numbers } of listeners) {
    expect([...numbers]).toEqual([...new Set(numbers)].sort((one, other) => one - other));
    expect(numbers.length).toBeGreaterThan(bare / 3);
  }
}, 120_000);
