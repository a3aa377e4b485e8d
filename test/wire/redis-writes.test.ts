/** Redis refuses writes and answers reads. A subscriber needs no write. */
import { expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { messages } from '../support/events.ts';
import { readMetrics } from '../support/metrics.ts';
import { readReadiness, untilReady, untilWarned } from '../support/readiness.ts';
import { type TestRedis, until, useRedis } from '../support/redis.ts';
import { publish, useResumer } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

const TROUBLE = 'dms_live_trouble{trouble="redis-refuses-writes"}';
const FIELD = 'subscription { storageUpdated { id } }';
const CHANNEL = 'dms:storage:unit:5';

const config = ({ client }: TestRedis, ...setting: [string, string]): Promise<unknown> =>
  client.config('SET', ...setting);

const REFUSALS: [
  name: string,
  refuse: (redis: TestRedis) => Promise<unknown>,
  allow: (redis: TestRedis) => Promise<unknown>,
  warning: RegExp,
][] = [
  [
    'its memory is full',
    (redis) => config(redis, 'maxmemory', '1'),
    (redis) => config(redis, 'maxmemory', '0'),
    /memory is full .*OOM/,
  ],
  [
    'too few replicas follow it',
    (redis) => config(redis, 'min-replicas-to-write', '1'),
    (redis) => config(redis, 'min-replicas-to-write', '0'),
    /min-replicas-to-write.* .*NOREPLICAS/,
  ],
  [
    'it has become a replica',
    ({ client }) => client.replicaof('127.0.0.1', 1),
    ({ client }) => client.replicaof('NO', 'ONE'),
    /replica.*READONLY/,
  ],
  [
    'it may not be written by this account',
    ({ client }) => client.call('ACL', 'SETUSER', 'live', '-@write'),
    ({ client }) => client.call('ACL', 'SETUSER', 'live', '+@all'),
    /lacks a right.*NOPERM/,
  ],
];

test.each(REFUSALS)(
  'while Redis refuses writes because %s, new subscriptions are live, old ones resume, and the warning says why',
  async (_name, refuse, allow, warning) => {
    const redis = await useRedis();
    await redis.client.call('ACL', 'SETUSER', 'live', 'on', '>pw', '~*', '&*', '+@all');
    const app = await useApp({ REDIS_URL: redis.url.replace('//', '//live:pw@') });
    await untilReady(app);
    const before = await useResumer(app, await people.head());
    const first = before.run(FIELD);
    await first.position();
    await publish(app, '1');
    expect(await first.next()).toBe('1');
    const after = first.cursor;
    await publish(app, '2');
    first.stop();
    before.socket.terminate();
    await redis.untilSubscribed(CHANNEL, 0);

    await refuse(redis);
    const client = await useResumer(app, await people.head());
    const resumed = client.run(FIELD, { after });
    expect(await resumed.next()).toBe('2');
    const fresh = client.run(FIELD);
    await fresh.position();
    await redis.client.publish(CHANNEL, JSON.stringify(messages.storage({}, { id: 'bare' })));
    expect([await resumed.next(), await fresh.next()]).toEqual(['bare', 'bare']);
    expect((await untilWarned(app, warning)).status).toBe(200);
    expect((await readMetrics(app)).get(TROUBLE)).toBe(1);

    await allow(redis);
    await untilWarned(app);
    expect((await readMetrics(app)).get(TROUBLE)).toBe(0);
    await publish(app, '3');
    expect([await resumed.next(), await fresh.next()]).toEqual(['3', '3']);
  },
);

test('under READONLY the server does not reconnect again and again', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  await untilReady(app);
  await redis.client.replicaof('127.0.0.1', 1);
  await untilWarned(app, /READONLY/);
  const connections = async (): Promise<number> =>
    Number(/total_connections_received:(\d+)/.exec(await redis.client.info('stats'))?.[1]);
  await until(async () => (await readReadiness(app)).status === 200);
  const made = await connections();
  for (let time = 0; time < 100; time += 1)
    await expect(app.bus.write('dms:any', '1', 1)).rejects.toThrow('READONLY');
  expect((await connections()) - made).toBeLessThanOrEqual(1);
});

test.each([
  ['volatile-lru', /volatile-lru.*twice/],
  ['allkeys-lru', /allkeys-lru.*revocations/],
])(
  'an eviction policy that evicts needed keys causes a warning from the start: %s',
  async (policy, warning) => {
    const redis = await useRedis();
    await config(redis, 'maxmemory-policy', policy);
    const app = await useApp({ REDIS_URL: redis.url });
    expect((await untilWarned(app, warning)).status).toBe(200);
    expect((await readMetrics(app)).get('dms_live_trouble{trouble="redis-evicts"}')).toBe(1);
  },
);
