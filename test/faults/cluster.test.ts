import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EVENT_KINDS } from '../../src/topics/topic.ts';
import { listen, useRedisBus } from '../support/buses.ts';
import { until } from '../support/redis.ts';
import { useCluster } from './support/cluster.ts';
import { interestIn } from './support/recording.ts';
import { expectFlawless, recordingsOf, useWorld } from './support/world.ts';

const LOGGED = EVENT_KINDS.filter((kind) => kind !== 'kpis');
const TOPICS = ['5', '7'].flatMap((unit) => LOGGED.map((kind) => ({ kind, unit })));

test('three nodes: every subscription, KPIs, all units, resuming; and one node after the other killed and restarted', async () => {
  const redis = await useCluster();
  const followed = EVENT_KINDS.filter((kind) => kind !== 'audit');
  const { servers, clients, publisher } = await useWorld(redis.url, {
    servers: 2,
    sockets: [
      ['admin', ...LOGGED.map((kind) => interestIn(kind, '5', '7')), interestIn('kpis', 'all')],
      ['5', ...followed.map((kind) => interestIn(kind, '5'))],
      ['7', ...followed.map((kind) => interestIn(kind, '7'))],
    ],
    streams: [
      ['admin', interestIn('storage', '5', '7')],
      ['5', interestIn('request', '5')],
      ['7', interestIn('request', '7')],
    ],
  });
  for (const unit of ['5', '7', 'all']) await publisher.publish({ kind: 'kpis', unit });

  const stop = publisher.flow(TOPICS, 200);
  for (const node of redis.nodes) {
    for (const client of clients) client.cut();
    await pause(500);
    await node.kill();
    await pause(300);
    await node.start();
    await redis.untilWhole();
  }
  await stop();
  for (const unit of ['5', '7', 'all']) await publisher.publish({ kind: 'kpis', unit }, 3);
  await expectFlawless(clients, publisher, servers);
  expect(recordingsOf(clients)).toHaveLength(19);
}, 120_000);

test('a server that was told of one node finds the others: when that one is gone, it hears by them', async () => {
  const { nodes } = await useCluster();
  const [first, second] = nodes;
  const bus = useRedisBus({ url: `redis+cluster://127.0.0.1:${first?.port}` });
  const heard = await listen(bus, { channel: 'dms:session' });
  await bus.read(['any']); // so it knows the cluster
  await first?.kill();
  await until(async () => {
    await second?.client.publish('dms:session', 'by the second');
    return heard.length > 0;
  });
  expect((await heard.next()).payload.toString()).toBe('by the second');
}, 120_000);
