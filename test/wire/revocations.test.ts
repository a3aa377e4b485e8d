/**
 * The record of revocations: it is written in one step, is safe from eviction, and no content of it ever lets a refused token in.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { fieldOfToken, fieldsOfUser } from '../../src/auth/revocation-record.ts';
import { digestOf } from '../../src/bus/envelope.ts';
import { useApp } from '../support/app.ts';
import { BUSES, listen, names, useRedisBus } from '../support/buses.ts';
import { post, useClient } from '../support/clients.ts';
import { until, useRedis } from '../support/redis.ts';
import { STORAGE, useResumer } from '../support/resuming.ts';
import { now, signToken } from '../support/tokens.ts';

const SCRIPT = readFileSync(new URL('../../contract/revoke.lua', import.meta.url), 'utf8');
const { revocations: record, session: channel } = names;
const HIM = { record, channel, action: 'REVOKED', whose: 'user', id: '17', seconds: 60 } as const;
const status = async (app: App, claims: Parameters<typeof signToken>[0] = {}): Promise<number> =>
  (await post(app, '{ viewer { id } }', { token: await signToken(claims) })).status;

async function useServer() {
  const redis = await useRedis();
  const settings = { REDIS_URL: redis.url, TOKEN_LEEWAY_SECONDS: '5' }; // a token of the next second is valid
  return { redis, bus: useRedisBus(redis), app: await useApp(settings) };
}

describe.each(BUSES)('the record in the bus %s', (_name, useBuses) => {
  const useBus = async () => {
    const [bus] = await useBuses(1);
    if (bus === undefined) throw new Error('no bus');
    return bus;
  };
  const FIELDS = ['revoked:user:17', 'changed:user:17', 'revoked:jti:his'];

  test('has a field for each, and its message names the user and the generation', async () => {
    const bus = await useBus();
    const received = await listen(bus, { channel });
    const before = now();
    await bus.revoke(HIM);
    await bus.revoke({ ...HIM, action: 'CHANGED' });
    await bus.revoke({ ...HIM, whose: 'jti', id: 'his' });
    await bus.revoke({ ...HIM, id: '18', channel: undefined });
    const generation = digestOf((await bus.agree(names.generationOf('session'), 'too late')) ?? '');
    const taken = [await received.next(), await received.next(), await received.next()];
    expect(taken.map(({ payload }) => JSON.parse(String(payload)))).toEqual([
      { action: 'REVOKED', userId: '17', generation },
      { action: 'CHANGED', userId: '17', generation },
      { action: 'REVOKED', jti: 'his', generation },
    ]);
    expect(received.length).toBe(0);
    for (const value of await bus.readFields(record, [...FIELDS, 'revoked:user:18'])) {
      const [at, forgettable] = String(value).split(' ').map(Number);
      expect(at).toBeGreaterThanOrEqual(before - 1);
      expect(forgettable).toBe(Number(at) + 60);
    }
    expect(await bus.readFields(record, ['revoked:user:170'])).toEqual([null]);
  });

  test('has users’ ids percent-encoded, and tokens’ ids as they are', async () => {
    const bus = await useBus();
    await bus.revoke({ ...HIM, id: 'auth0|17', channel: undefined });
    await bus.revoke({ ...HIM, whose: 'jti', id: 'a|b', channel: undefined });
    const fields = [fieldsOfUser('auth0|17').REVOKED, fieldOfToken('a|b')];
    for (const value of await bus.readFields(record, fields)) expect(value).not.toBeNull();
  });

  test('never goes back: neither to an earlier second, nor to an earlier expiry', async () => {
    const bus = await useBus();
    await bus.revoke({ ...HIM, at: 2_000_000_000, seconds: 1000 });
    const [first] = await bus.readFields(record, FIELDS);
    await bus.revoke({ ...HIM, at: 1_000_000_000, seconds: 10 });
    expect((await bus.readFields(record, FIELDS))[0]).toBe(first);
    await bus.revoke({ ...HIM, at: 2_000_000_001, seconds: 10 });
    expect((await bus.readFields(record, FIELDS))[0]).toMatch(/^2000000001 /);
  });

  test('forgets expired revocations, and nothing else', async () => {
    const bus = await useBus();
    for (let id = 0; id < 30; id += 1) await bus.revoke({ ...HIM, id: `${id}`, seconds: -5 });
    await bus.revoke({ ...HIM, id: 'kept' });
    const count = async () =>
      (
        await bus.readFields(
          record,
          Array.from({ length: 30 }, (_, id) => `revoked:user:${id}`),
        )
      ).filter((value) => value !== null).length;
    await until(async () => {
      await bus.forgetRevocations(record);
      return (await count()) === 0;
    });
    expect(await bus.readFields(record, ['revoked:user:kept'])).not.toEqual([null]);
  });
});

describe('the script, as any language runs it', () => {
  test('ends open sessions, refuses later ones, and returns the second', async () => {
    const { redis, app } = await useServer();
    const { socket, run } = await useResumer(app, await signToken({ iat: now() - 5 }));
    const closed = once(socket, 'close');
    await run(STORAGE).position();
    const args = [channel, 'REVOKED', 'user', '17', '3600'] as const;
    const answer = Number(await redis.client.eval(SCRIPT, 1, record, ...args));
    expect(Math.abs(answer - now())).toBeLessThan(30);
    expect(await closed).toContain(4401);
    expect(await status(app, { iat: answer })).toBe(401);
    expect(await status(app, { iat: answer + 0.9 })).toBe(401); // in the same second nobody knows which was first
    expect(await status(app, { iat: answer + 1 })).toBe(200);
    expect(await redis.client.ttl(record)).toBe(-1);
    expect(await redis.client.exists('dms:session:revoked:user:17')).toBe(0);
  });

  test.each([
    ['REVOKED', 'role'],
    ['CHANGED', 'jti'],
    ['', 'user'],
  ])('refuses %j of a %s, and records nothing', async (action, whose) => {
    const redis = await useRedis();
    const run = redis.client.eval(SCRIPT, 1, record, channel, action, whose, '17', '60');
    await expect(run).rejects.toThrow('revoke.lua knows');
    expect(await redis.client.exists(record)).toBe(0);
  });

  test('forgets expired revocations while others are added, so the record does not grow for ever', async () => {
    const { redis, bus } = await useServer();
    for (let id = 0; id < 300; id += 1) await bus.revoke({ ...HIM, id: `${id}`, seconds: -5 });
    expect(await redis.client.hlen(record)).toBeLessThan(150);
    await redis.client.hset(record, 'revoked:user:17', 'unreadable');
    await until(async () => {
      await bus.forgetRevocations(record);
      return (await redis.client.hlen(record)) === 1;
    });
  });

  test('has its keys in one slot of a cluster', () => {
    expect([record, names.generationOf('session')].map((key) => /\{(.+?)\}/.exec(key)?.[1])).toEqual([
      'session',
      'session',
    ]);
  });
});

describe('keys of an earlier version', () => {
  const OLD: [key: string, value: string, field: string, recorded: RegExp][] = [
    ['dms:session:revoked:user:17', '1795000000', 'revoked:user:17', /^1795000000 \d+$/],
    ['dms:session:changed:user:17', '1795000000.7', 'changed:user:17', /^1795000000 \d+$/],
    ['dms:session:revoked:jti:a:b', '1', 'revoked:jti:a:b', /^\d+ \d+$/],
    ['dms:session:revoked:user:auth0%7C1', 'soon', 'revoked:user:auth0%7C1', /^\d+ \d+$/],
  ];

  test.each(OLD)(
    '%s, set before the server starts, is moved into the record, with its expiry',
    async (key, value, field, recorded) => {
      const redis = await useRedis();
      await redis.client.set(key, value, 'EX', 600);
      await useApp({ REDIS_URL: redis.url });
      await until(async () => (await redis.client.hexists(record, field)) === 1);
      const written = (await redis.client.hget(record, field)) ?? '';
      expect(written).toMatch(recorded);
      expect(Math.abs(Number(written.split(' ')[1]) - now() - 600)).toBeLessThan(60);
    },
  );

  test.each([
    ['when a message announces it', true],
    ['when a client uses such a token', false],
  ])(
    'one that is set later is moved %s, and is still effective after its eviction',
    async (_when, isPublished) => {
      const { redis, app } = await useServer();
      await until(async () => (await redis.client.info('commandstats')).includes('cmdstat_scan:')); // so that the scan does not find it by chance
      await redis.client.set('dms:session:revoked:jti:his', '1', 'EX', 600);
      if (isPublished) await redis.client.publish(channel, JSON.stringify({ action: 'REVOKED', jti: 'his' }));
      else expect(await status(app, { jti: 'his' })).toBe(401);
      await until(async () => (await redis.client.hexists(record, 'revoked:jti:his')) === 1);
      await redis.client.del('dms:session:revoked:jti:his');
      expect(await status(app, { jti: 'his' })).toBe(401);
      expect(await status(app, { jti: 'another' })).toBe(200);
    },
  );

  test('a later key counts beside an earlier record, and the other way round', async () => {
    const { redis, bus, app } = await useServer();
    const moment = now() - 100;
    await bus.revoke({ ...HIM, at: moment - 50 });
    await redis.client.set('dms:session:revoked:user:17', moment, 'EX', 600);
    expect([await status(app, { iat: moment }), await status(app, { iat: moment + 1 })]).toEqual([401, 200]);
    await bus.revoke({ ...HIM, at: moment + 50 });
    expect([await status(app, { iat: moment + 50 }), await status(app, { iat: moment + 51 })]).toEqual([
      401, 200,
    ]);
  });

  test('still refuse while Redis accepts no write to the record', async () => {
    const { redis, app } = await useServer();
    await redis.client.set('dms:session:revoked:jti:his', '1', 'EX', 600);
    await redis.client.config('SET', 'min-replicas-to-write', '1');
    for (let count = 0; count < 3; count += 1) expect(await status(app, { jti: 'his' })).toBe(401);
    expect(await status(app, { jti: 'another' })).toBe(200);
  });

  test.each(['', ' ', 'yes', '-1', '0x10', '1e3', 'null', 'NaN', 'Infinity', '{"at":1}', '1795000000 1'])(
    'one that holds %j refuses every token, whatever its time of issue',
    async (value) => {
      const { redis, app } = await useServer();
      await redis.client.set('dms:session:changed:user:17', value, 'EX', 600);
      await redis.client.set('dms:session:revoked:jti:his', value, 'EX', 600);
      expect(await status(app, { iat: now() + 3 })).toBe(401);
      expect(await status(app, { user_id: 18, jti: 'his' })).toBe(401);
      expect(await status(app, { user_id: 18 })).toBe(200);
    },
  );

  test.each<
    [string, (key: string, client: Awaited<ReturnType<typeof useRedis>>['client']) => Promise<unknown>]
  >([
    ['a list', (key, client) => client.rpush(key, '1')],
    ['a hash', (key, client) => client.hset(key, 'at', '1')],
    ['a set', (key, client) => client.sadd(key, '1')],
    ['a stream', (key, client) => client.xadd(key, '*', 'at', '1')],
  ])('one that is %s refuses its own user, and nobody else', async (_what, make) => {
    const { redis, app } = await useServer();
    await make('dms:session:revoked:user:17', redis.client);
    expect(await Promise.all([status(app), status(app, { user_id: 18 })])).toEqual([401, 200]);
  });
});

describe('a record that cannot be read lets nobody in', () => {
  test.each(['', 'x', '12', '1 2 3', '-1 5', '1.5 5', ' 1 2', '1795000000  9'])(
    'a field that holds %j refuses its own user or token',
    async (value) => {
      const { redis, app } = await useServer();
      await redis.client.hset(record, 'revoked:user:17', value, 'revoked:jti:his', value);
      expect(await status(app, { iat: now() + 3 })).toBe(401);
      expect(await status(app, { user_id: 18, jti: 'his' })).toBe(401);
      expect(await status(app, { user_id: 18 })).toBe(200);
    },
  );

  test('a record that is no hash is SERVICE_UNAVAILABLE, until it is repaired', async () => {
    const { redis, app } = await useServer();
    await redis.client.set(record, 'no hash');
    expect(await status(app)).toBe(503);
    const token = await signToken();
    expect(await useClient(app, token).run(STORAGE).next()).toMatchObject({ closed: { code: 1013 } });
    await redis.client.del(record);
    expect(await status(app)).toBe(200);
  });
});

test.each(['volatile-lru', 'volatile-ttl', 'volatile-random', 'volatile-lfu'])(
  'under %s a full Redis forgets no revocation',
  async (policy) => {
    const { redis, bus, app } = await useServer();
    await bus.revoke({ ...HIM, whose: 'jti', id: 'his', seconds: 600 });
    await redis.client.config('SET', 'maxmemory-policy', policy);
    await redis.client.set('filler', 'x'.repeat(1000), 'EX', 600);
    await redis.client.config('SET', 'maxmemory', '1');
    await until(
      async () =>
        /evicted_keys:[1-9]/.test(await redis.client.info('stats')) ||
        (await redis.client.set('more', 1).catch(() => false)) === false,
    );
    await until(async () => (await redis.client.exists('filler')) === 0);
    expect(await status(app, { jti: 'his' })).toBe(401);
  },
);
