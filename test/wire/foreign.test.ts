/**
 * Two installations on one Redis that differ only in their database number. Pub/Sub reaches both, and neither may see the other's
 * events.
 */
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { parseRedisUrl } from '../../src/bus/redis-address.ts';
import { createRedisBus } from '../../src/bus/redis-bus.ts';
import { createLogger } from '../../src/log.ts';
import { useApp, useTalkativeApp } from '../support/app.ts';
import { KEEP, names, useRedisBus } from '../support/buses.ts';
import { post } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { until, useRedis } from '../support/redis.ts';
import { publish, STORAGE, useResumer } from '../support/resuming.ts';
import { people, signToken } from '../support/tokens.ts';

const { revocations: record, session: channel } = names;

/** A server that listens on database 0, and another installation's bus on database 1. */
async function useNeighbours() {
  const redis = await useRedis();
  const { app, lines } = await useTalkativeApp({ REDIS_URL: redis.url });
  const theirs = createRedisBus(parseRedisUrl(`${redis.url}/1`), createLogger('silent'), {
    health: { report: () => undefined },
    prefix: 'dms',
  });
  onTestFinished(() => theirs.close());
  const noticed = () =>
    until(async () =>
      (await (await fetch(`${app.url}/metrics`)).text()).includes('{trouble="foreign-publisher"} 1'),
    );
  return { redis, app, theirs, lines, noticed, ours: useRedisBus(redis) };
}

test('events of the other installation are never delivered, in any order, and our own are', async () => {
  const { app, theirs, ours, lines, noticed } = await useNeighbours();
  const live = (await useResumer(app, await people.head())).run(STORAGE);
  const all = (await useResumer(app, await people.admin())).run(STORAGE);
  await Promise.all([live.position(), all.position()]);
  await publish({ bus: theirs }, 'theirs 1'); // this position is also the next one in our log
  await publish({ bus: ours }, 'ours 1');
  for (let count = 2; count < 20; count += 1) {
    await publish({ bus: theirs }, `theirs ${count}`);
    await publish({ bus: ours }, `ours ${count}`);
  }
  const expected = Array.from({ length: 19 }, (_, at) => `ours ${at + 1}`);
  for (const operation of [live, all]) expect(await operation.take(19)).toEqual(expected);
  await noticed();

  const late = (await useResumer(app, await people.head())).run(STORAGE);
  await late.position();
  await publish({ bus: theirs }, 'theirs 20');
  await publish({ bus: ours }, 'ours 20');
  expect([await late.next(), await live.next()]).toEqual(['ours 20', 'ours 20']);

  expect(lines.filter((line) => line.includes('somebody else publishes'))).toHaveLength(1);
  const ready = await fetch(`${app.url}/ready`);
  expect(ready.status).toBe(200);
  expect(await ready.text()).toContain('TOPIC_PREFIX');
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  expect(Number(/dms_live_foreign_messages_total (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(19);
});

test('once it is noticed, a message without an origin is delivered to nobody, and is kept as refused', async () => {
  const { redis, app, theirs, ours, noticed } = await useNeighbours();
  const live = (await useResumer(app, await people.head())).run(STORAGE);
  await live.position();
  await publish({ bus: theirs }, 'theirs');
  await noticed();
  await theirs.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'bare' })));
  await publish({ bus: ours }, 'ours');
  expect(await live.next()).toBe('ours');
  await until(async () => (await redis.client.xlen('dms:deadletters')) === 1);
  const [letter] = await redis.client.xrange('dms:deadletters', '-', '+');
  expect(letter?.[1]).toEqual(expect.arrayContaining(['reason', 'foreign publisher']));
});

test('a revocation by its script never ends a session here; our own revocation does', async () => {
  const { app, theirs, ours } = await useNeighbours();
  const his = await people.head();
  const { socket, run } = await useResumer(app, his);
  const closed = once(socket, 'close');
  const live = run(STORAGE);
  await live.position();
  const revocation = { record, channel, action: 'REVOKED', whose: 'user', id: '17', seconds: 60 } as const;
  await theirs.revoke(revocation);
  await theirs.revoke({ ...revocation, action: 'CHANGED' });
  await publish({ bus: ours }, 'still there');
  expect(await live.next()).toBe('still there');
  expect((await post(app, '{ viewer { id } }', { token: his })).status).toBe(200);
  await ours.revoke(revocation);
  expect(await closed).toContain(4401);
  expect((await post(app, '{ viewer { id } }', { token: his })).status).toBe(401);
});

test.each([
  ['a user', { action: 'REVOKED', userId: 17 }, 'dms:session:revoked:user:17', `${2 ** 31}`],
  ['a token', { action: 'REVOKED', jti: 'his' }, 'dms:session:revoked:jti:his', '1'],
])(
  'once it is noticed, a message without an origin counts for %s only if the record here confirms it',
  async (_who, message, key, value) => {
    const { app, theirs, ours, redis, noticed } = await useNeighbours();
    const { socket, run } = await useResumer(app, await signToken({ jti: 'his' }));
    const closed = once(socket, 'close');
    const live = run(STORAGE);
    await live.position();
    await publish({ bus: theirs }, 'theirs');
    await noticed();
    await theirs.write(key, value, 60);
    await theirs.publish(channel, JSON.stringify(message));
    await publish({ bus: ours }, 'still there');
    expect(await live.next()).toBe('still there');
    await redis.client.set(key, value, 'EX', 60);
    await redis.client.publish(channel, JSON.stringify(message));
    expect(await closed).toContain(4401);
  },
);

test('a Redis that lost its data is not another installation: its events are accepted', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const live = (await useResumer(app, await people.head())).run(STORAGE);
  const empty = (await useResumer(app, await people.stranger())).run(STORAGE);
  await Promise.all([live.position(), empty.position()]);
  await publish(app, 'a');
  expect(await live.next()).toBe('a');
  await redis.client.flushall();
  await publish(app, 'b');
  await publish(app, 'c', { channel: { kind: 'storage', unitId: '7' } });
  expect(await live.codes()).toEqual(['CURSOR_EXPIRED']);
  expect(await empty.next()).toBe('c');
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  expect(metrics).toContain('dms_live_foreign_messages_total 0');
});

test('an envelope without a generation, from a publisher of an earlier version, is accepted while no other installation is noticed', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const live = (await useResumer(app, await people.head())).run(STORAGE);
  await live.position();
  const keys = names.logKeysOf({ kind: 'storage', unitId: '5' });
  await redis.client.eval(
    `redis.call('XADD', KEYS[1], '1000-1', 'at', 9e12, 'channel', ARGV[1], 'id', 'a', 'event', ARGV[2])
     redis.call('PUBLISH', ARGV[1], '@1000-1 -\\n' .. ARGV[2])`,
    1,
    keys.stream,
    keys.channel,
    JSON.stringify(messages.storage({}, { id: 'a' })),
  );
  expect(await live.next()).toBe('a');
  expect(
    (await app.bus.append(keys, 'b', JSON.stringify(messages.storage({}, { id: 'b' })), KEEP))?.offset,
  ).toBe(2);
  expect(await live.next()).toBe('b');
});
