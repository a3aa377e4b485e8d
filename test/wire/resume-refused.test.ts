/**
 * Cursors that cannot be resumed, and clients that may not resume them. They get an error before any event, and nothing else is
 * disturbed.
 */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { KEEP, numbers, OTHER_UNIT, UNIT_STREAM } from '../support/buses.ts';
import { messages } from '../support/events.ts';
import { until, useRedis } from '../support/redis.ts';
import { publish, publishAll, STORAGE, TRANSPORTS, useEventStream, useResumer } from '../support/resuming.ts';
import { people, signToken } from '../support/tokens.ts';

const REQUESTS = 'subscription { requestUpdated { id } }';
const base64 = (text: string): string => Buffer.from(text).toString('base64url');
const decode = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();

/** The cursor at the start of a subscription to storage locations, and the cursor after this many events. */
async function cursorsAfter(app: App, count: number): Promise<{ start: string; reached: string }> {
  const socket = await useResumer(app, await people.head());
  const operation = socket.run(STORAGE);
  const start = await operation.position();
  await publishAll(app, numbers(1, count));
  await operation.take(count);
  operation.stop();
  return { start, reached: operation.cursor ?? '' };
}

describe.each(TRANSPORTS)('over %s', (_name, follow) => {
  test.each<[name: string, forge: (cursor: string) => string]>([
    ['no cursor at all', () => 'garbage'],
    ['an empty one', () => ' '],
    ['a huge one', () => 'A'.repeat(20_000)],
    ['one that is not text', () => '\u{1f5c4}'],
    [
      'one of another seal',
      (cursor) => base64(decode(cursor).replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))),
    ],
    ['one without a seal', (cursor) => base64(decode(cursor).split('-').slice(0, 2).join('-'))],
    ['one of another position', (cursor) => base64(decode(cursor).replace(/-\d+-/, '-2-'))],
    ['one ahead of the log', (cursor) => base64(decode(cursor).replace(/-\d+-/, '-400-'))],
    ['one far ahead of the log', (cursor) => base64(decode(cursor).replace(/-\d+-/, '-999999999999999-'))],
    ['one of another epoch', (cursor) => base64(decode(cursor).replace(/^\d+/, '1000000000000'))],
    ['one of a later epoch', (cursor) => base64(decode(cursor).replace(/^\d+/, '99999999999999999999'))],
    ['one of an empty log that never was', (cursor) => base64(decode(cursor).replace(/^\d+-\d+/, '0-0'))],
    ['one of offset 0', (cursor) => base64(decode(cursor).replace(/-\d+-/, '-0-'))],
  ])('%s is CURSOR_EXPIRED, before any event', async (_what, forge) => {
    const app = await useApp();
    const { reached } = await cursorsAfter(app, 3);
    const operation = await follow(app, STORAGE, await people.head(), { after: forge(reached) });
    expect(await operation.codes()).toEqual(['CURSOR_EXPIRED']);
    expect(operation.pending).toBeLessThan(2); // and its end
  });

  test.each([5, true, ['a'], { cursor: 'a' }])('a cursor %j is BAD_USER_INPUT', async (after) => {
    const app = await useApp();
    const operation = await follow(app, STORAGE, await people.head(), { after });
    expect(await operation.codes()).toEqual(['BAD_USER_INPUT']);
  });

  test('a null cursor means no cursor', async () => {
    const app = await useApp();
    await publish(app, 'old');
    const operation = await follow(app, STORAGE, await people.head(), { after: null });
    await operation.position();
    await publish(app, 'new');
    expect(await operation.next()).toBe('new');
  });

  test('a trimmed position is CURSOR_EXPIRED; the oldest one that is left is not', async () => {
    const redis = await useRedis();
    const app = await useApp({ REDIS_URL: redis.url });
    const token = await people.head();
    const { start, reached } = await cursorsAfter(app, 3);
    const live = await follow(app, STORAGE, token);
    await live.position();
    for (const id of numbers(4, 8)) await publish(app, id, { retention: { ...KEEP, events: 5 } });
    const server = await useApp({ REDIS_URL: redis.url }); // has nothing in memory
    const codesAfter = async (after: string) => (await follow(server, STORAGE, token, { after })).codes();
    expect(await codesAfter(reached)).toEqual(['CURSOR_EXPIRED']);
    expect(await codesAfter(start)).toEqual(['CURSOR_EXPIRED']);

    await live.next();
    const operation = await follow(server, STORAGE, token, { after: live.cursor });
    expect(await operation.take(4)).toEqual(numbers(5, 8));
  });

  test('a user who moved to another unit gets no events of the old unit with an old cursor', async () => {
    const app = await useApp();
    const { start, reached } = await cursorsAfter(app, 2);
    await publish(app, 'missed');
    await publishAll(app, numbers(1, 3), OTHER_UNIT);
    const moved = await signToken({ unit_id: 7 });
    for (const after of [start, reached]) {
      const own = await follow(app, STORAGE, moved, { after });
      expect(await own.codes()).toEqual(['CURSOR_EXPIRED']);
      const old = await follow(app, 'subscription { storageUpdated(unitId: 5) { id } }', moved, { after });
      expect(await old.codes()).toEqual(['FORBIDDEN']);
    }
  });

  test('a user who is no longer an admin gets no events of all units with an old cursor', async () => {
    const app = await useApp();
    const before = await follow(app, STORAGE, await people.admin());
    await before.position();
    await publishAll(app, ['a', 'b'], OTHER_UNIT);
    await before.next();
    const token = await signToken({ user_id: 1, unit_id: 5 });
    expect(await (await follow(app, STORAGE, token, { after: before.cursor })).codes()).toEqual([
      'CURSOR_EXPIRED',
    ]);
    const audit = 'subscription { auditLogged { id } }';
    const allowed = await follow(app, audit, await people.admin());
    const after = await allowed.position();
    expect(await (await follow(app, audit, token, { after })).codes()).toEqual(['FORBIDDEN']);
  });

  test('a cursor of another topic, of one unit instead of all, or of another field is CURSOR_EXPIRED', async () => {
    const app = await useApp();
    const [head, admin] = [await people.head(), await people.admin()];
    const { start, reached } = await cursorsAfter(app, 2);
    await publish(app, 'r', { channel: { kind: 'request', unitId: '5' }, event: messages.request() });
    await publishAll(app, ['a', 'b'], OTHER_UNIT);
    for (const after of [start, reached]) {
      expect(await (await follow(app, REQUESTS, head, { after })).codes()).toEqual(['CURSOR_EXPIRED']);
      expect(await (await follow(app, STORAGE, admin, { after })).codes()).toEqual(['CURSOR_EXPIRED']);
      const other = await follow(app, 'subscription { storageUpdated(unitId: 7) { id } }', admin, { after });
      expect(await other.codes()).toEqual(['CURSOR_EXPIRED']);
    }
  });

  test('after Redis has lost its data, every position is CURSOR_EXPIRED, even that of an empty log', async () => {
    const redis = await useRedis();
    const first = await useApp({ REDIS_URL: redis.url });
    const token = await people.head();
    const { start, reached } = await cursorsAfter(first, 3);
    const empty = await (await follow(first, REQUESTS, token)).position();
    await first.close();
    await redis.client.flushall();
    const app = await useApp({ REDIS_URL: redis.url });
    await publishAll(app, numbers(1, 5));
    for (const after of [start, reached])
      expect(await (await follow(app, STORAGE, token, { after })).codes()).toEqual(['CURSOR_EXPIRED']);
    expect(await (await follow(app, REQUESTS, token, { after: empty })).codes()).toEqual(['CURSOR_EXPIRED']);
  });

  test('if Redis loses its data meanwhile, each subscriber gets one error, and can subscribe again', async () => {
    const redis = await useRedis();
    const app = await useApp({ REDIS_URL: redis.url });
    const token = await people.head();
    const operations = [await follow(app, STORAGE, token), await follow(app, STORAGE, token)];
    for (const operation of operations) await operation.position();
    await publish(app, 'a');
    for (const operation of operations) expect(await operation.next()).toBe('a');
    await redis.client.flushall();
    await publish(app, 'b');
    for (const operation of operations) expect(await operation.codes()).toEqual(['CURSOR_EXPIRED']);
    const fresh = await follow(app, STORAGE, token);
    await fresh.position();
    await publish(app, 'c');
    expect(await fresh.next()).toBe('c');
  });
});

test.each(TRANSPORTS)(
  'a client that missed more than the server replays must refetch, over %s',
  async (_name, follow) => {
    const app = await useApp({ RECENT_BYTES: '0', MAX_REPLAY_BYTES: '65536' });
    const token = await people.head();
    const { start, reached } = await cursorsAfter(app, 1);
    const large = { event: messages.storage({ roomName: 'r'.repeat(30_000) }) };
    await publish(app, '2', large);
    const all = await follow(app, STORAGE, token, { after: start });
    expect(await all.take(2)).toEqual(['1', '2']);
    all.stop();
    await until(() => app.stats().audiences === 0);
    for (const id of ['3', '4']) await publish(app, id, large);
    const tooFar = await follow(app, STORAGE, token, { after: reached });
    expect(await tooFar.codes()).toEqual(['CURSOR_EXPIRED']);
    const fresh = await follow(app, STORAGE, token);
    await fresh.position();
    await publish(app, '5', large);
    expect(await fresh.next()).toBe('5');
    expect(await (await follow(app, STORAGE, token, { after: fresh.cursor })).position()).toBe(fresh.cursor);
  },
);

test('a refused resume disturbs nothing else on its socket', async () => {
  const app = await useApp();
  const socket = await useResumer(app, await people.head());
  const live = socket.run(STORAGE);
  await live.position();
  for (const after of ['garbage', 5]) await socket.run(STORAGE, { after }).codes();
  await publish(app, 'a');
  expect(await live.next()).toBe('a');
  expect(app.stats()).toMatchObject({ subscriptions: 1, audiences: 1 });
});

test('a log that may not be read is SERVICE_UNAVAILABLE, and its positions stay valid', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const token = await people.head();
  const { start } = await cursorsAfter(app, 3);
  const server = await useApp({ REDIS_URL: redis.url });
  const live = await useEventStream(server, STORAGE, token);
  await live.position();
  await redis.client.acl('SETUSER', 'default', '-xrange');
  expect(await (await useEventStream(server, STORAGE, token, { after: start })).codes()).toEqual([
    'SERVICE_UNAVAILABLE',
  ]);
  await redis.client.acl('SETUSER', 'default', '+xrange');
  expect(await (await useEventStream(server, STORAGE, token, { after: start })).take(3)).toEqual(
    numbers(1, 3),
  );
  expect(await redis.client.xlen(UNIT_STREAM)).toBe(3);
});
