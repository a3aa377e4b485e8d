import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EVENT_KINDS } from '../../src/topics/topic.ts';
import { useCluster } from './support/cluster.ts';
import { interestIn } from './support/recording.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { recordSocket } from './support/socket-client.ts';
import { recordStream } from './support/stream-client.ts';
import {
  adminToken,
  expectFlawless,
  recordingsOf,
  routeTo,
  tokenOf,
  untilLive,
  useServer,
} from './support/world.ts';

const LOGGED = EVENT_KINDS.filter((kind) => kind !== 'kpis');
const TOPICS = ['5', '7'].flatMap((unit) => LOGGED.map((kind) => ({ kind, unit })));

test('three nodes: every subscription, KPIs, all units, resuming; and one node after the other killed and restarted', async () => {
  const redis = await useCluster();
  const servers = [await useServer(redis.url), await useServer(redis.url)];
  const route = routeTo(...servers);
  const admin = await adminToken();
  const clients = [
    recordSocket(route, admin, [
      ...LOGGED.map((kind) => interestIn(kind, '5', '7')),
      interestIn('kpis', 'all'),
    ]),
    recordStream(route, admin, interestIn('storage', '5', '7')),
  ];
  for (const unit of ['5', '7']) {
    const token = await tokenOf(unit);
    const kinds = EVENT_KINDS.filter((kind) => kind !== 'audit');
    clients.push(
      recordSocket(
        route,
        token,
        kinds.map((kind) => interestIn(kind, unit)),
      ),
    );
    clients.push(recordStream(route, token, interestIn('request', unit)));
  }
  const publisher = usePublisher(redis.url);
  for (const unit of ['5', '7', 'all']) await publisher.publish({ kind: 'kpis', unit });
  await untilLive(clients);

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
}, 60_000);
