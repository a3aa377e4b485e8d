import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { interestIn } from './support/recording.ts';
import { type Patience, useSentinels } from './support/sentinels.ts';
import { expectFlawless, recordingsOf, untilLive, useWorld } from './support/world.ts';

/**
 * The sentinels' vote may fail if the machine stops one of them for a second. The next vote follows only after twice the
 * fail-over timeout, and we cannot change that. A second try is printed at the end of the run, and what the sentinels announced during
 * the first one where it failed.
 */
const ELECTION = { retry: 1, timeout: 120_000 };

const TOPICS = [
  { kind: 'request', unit: '5' },
  { kind: 'request', unit: '7' },
] as const;

async function useWatchedWorld(patience?: Patience) {
  const redis = await useSentinels(patience);
  const world = await useWorld(redis.url, {
    servers: 2,
    sockets: [
      ['5', interestIn('request', '5')],
      ['5', interestIn('request', '5')],
      ['7', interestIn('request', '7')],
      ['admin', interestIn('request', '5', '7')],
    ],
    streams: [['5', interestIn('request', '5')]],
  });
  return { redis, ...world };
}

test(
  'the primary dies at a quiet moment: nothing is lost, and no client must refetch',
  ELECTION,
  async () => {
    const { redis, servers, clients, publisher } = await useWatchedWorld();
    for (const topic of TOPICS) await publisher.publish(topic, 100);
    await redis.untilReplicated();
    await redis.primary.kill();
    await redis.untilFailedOver();
    for (const topic of TOPICS) await publisher.publish(topic, 100);
    await expectFlawless(clients, publisher, servers);
  },
);

test(
  'the primary dies during publishing: a loss is reported to the clients, and everything else arrives',
  ELECTION,
  async () => {
    const { redis, servers, clients, publisher } = await useWatchedWorld();
    const stop = publisher.flow(TOPICS, 100);
    await pause(1500);
    await redis.primary.kill();
    await redis.untilFailedOver();
    await pause(1500);
    await stop();
    await expectFlawless(clients, publisher, servers, { mayExpire: true });
  },
);

test(
  'the primary dies with events that its replica does not have: all their subscribers get CURSOR_EXPIRED, and go on',
  ELECTION,
  async () => {
    // A busy machine may need seconds between cutting the replica off and killing the primary. During that time the sentinels
    // must not connect the replica again, and the replica must stay fit to become primary.
    const { redis, servers, clients, publisher } = await useWatchedWorld({
      downAfter: 3000,
      failoverTimeout: 20_000,
    });
    for (const topic of TOPICS) await publisher.publish(topic, 100);
    await redis.untilReplicated();
    await redis.cutReplication();
    for (const topic of TOPICS) await publisher.publish(topic, 20);
    await expectFlawless(clients, publisher, servers);
    await redis.primary.kill();
    await until(() => recordingsOf(clients).every(({ expirations }) => expirations > 0));
    await untilLive(clients);
    for (const topic of TOPICS) await publisher.publish(topic, 50);
    await expectFlawless(clients, publisher, servers, { mayExpire: true });
    for (const { interest, stretches, expirations } of recordingsOf(clients)) {
      expect(stretches.slice(1).flat()).toHaveLength(50 * interest.units.length);
      // The servers notice the loss one after the other: both report it to a client that moves in between.
      expect(expirations).toBeLessThanOrEqual(servers.length);
    }
  },
);

test(
  'the primary is replaced while it still runs, during publishing: a loss is reported to the clients',
  ELECTION,
  async () => {
    const { redis, servers, clients, publisher } = await useWatchedWorld();
    const stop = publisher.flow(TOPICS, 100);
    await pause(1500);
    await redis.failOver();
    await redis.untilFailedOver();
    await pause(1500);
    await stop();
    await expectFlawless(clients, publisher, servers, { mayExpire: true });
  },
);

test(
  'the primary hangs with open and silent sockets: all connections move to the new one, and stay there when the old one wakes up',
  ELECTION,
  async () => {
    const { redis, servers, clients, publisher } = await useWatchedWorld();
    const stop = publisher.flow(TOPICS, 100);
    await pause(1000);
    await stop();
    await redis.untilReplicated();
    redis.primary.pause();
    const stopAgain = publisher.flow(TOPICS, 100);
    await redis.untilFailedOver();
    await pause(1000);
    redis.primary.resume();
    await pause(1000);
    await stopAgain();
    await expectFlawless(clients, publisher, servers);
    expect(recordingsOf(clients).every(({ stretches }) => stretches.length === 1)).toBe(true);
  },
);
