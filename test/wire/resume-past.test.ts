/** A subscription that begins a moment in the past, since its client fetched its data then. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { useApp } from '../support/app.ts';
import { numbers } from '../support/buses.ts';
import { messages } from '../support/events.ts';
import { type TestRedis, useRedis } from '../support/redis.ts';
import {
  publish,
  publishAll,
  STORAGE,
  TRANSPORTS,
  useResumer,
  useStreamOfMany,
} from '../support/resuming.ts';
import { people } from '../support/tokens.ts';
import { UNIT_STREAM } from '../support/topics.ts';

const AGING = 'dms:{storage}:aging';
const SWEEP = readFileSync('contract/sweep.lua', 'utf8');
const OF_UNIT_6 = 'subscription { storageUpdated(unitId: "6") { id } }';

/** Lets time pass in this process: the server's clock and that of the bus within the process. */
function pass(ms: number): void {
  passed += ms;
  vi.spyOn(performance, 'now').mockImplementation(() => realNow() + passed);
}

const realNow = performance.now.bind(performance);
let passed = 0;
afterEach(() => {
  vi.restoreAllMocks();
  passed = 0;
});

/** Appends events to the log of unit 5 as if that had been a while ago. */
async function appendLongAgo({ client }: TestRedis, ids: readonly string[]): Promise<void> {
  const at = Date.now() - 20_000;
  for (const [index, id] of ids.entries()) {
    const event = JSON.stringify({ ...messages.storage({ unitId: '5' }), id });
    const fields = { at, until: at + 3_600_000, channel: 'dms:storage:unit:5', id, event };
    await client.xadd(UNIT_STREAM, `1000-${index + 1}`, ...Object.entries(fields).flat());
  }
}

describe.each([...TRANSPORTS, ['a stream of many', useStreamOfMany] as const])('over %s', (_name, follow) => {
  test('gets the events of that time from memory, and then live ones', async () => {
    const app = await useApp();
    const token = await people.head();
    await publishAll(app, ['a', 'b']);
    pass(20_000);
    await publishAll(app, ['c', 'd']);
    const operation = await follow(app, STORAGE, token, { pastMs: 10_000 });
    expect(await operation.past()).toBe(10_000);
    expect(await operation.take(2)).toEqual(['c', 'd']);
    await publish(app, 'e');
    expect(await operation.next()).toBe('e');
    const [ofC = Number.NaN, ofD = Number.NaN, ofE] = operation.ages;
    expect([ofC < 10_000, ofC >= ofD, ofD > -1, ofE]).toEqual([true, true, true, undefined]);
  });

  test('gets them from the log of Redis', async () => {
    const redis = await useRedis();
    const app = await useApp({ REDIS_URL: redis.url });
    await appendLongAgo(redis, ['a', 'b']);
    await publishAll(app, ['c', 'd']);
    const operation = await follow(app, STORAGE, await people.head(), { pastMs: 10_000 });
    expect(await operation.past()).toBe(10_000);
    expect(await operation.take(2)).toEqual(['c', 'd']);
    const [ofC = Number.NaN, ofD = Number.NaN] = operation.ages;
    expect([ofC < 10_000, ofC >= ofD]).toEqual([true, true]);
  });

  test('gets nothing but live events where the log has none of that time', async () => {
    const redis = await useRedis();
    const app = await useApp({ REDIS_URL: redis.url });
    await appendLongAgo(redis, ['a', 'b']);
    const operation = await follow(app, STORAGE, await people.head(), { pastMs: 10_000 });
    expect(await operation.past()).toBe(10_000);
    await publish(app, 'c');
    expect(await operation.next()).toBe('c');
  });

  test.each([[], ['c']])(
    'gets all of that time from a log whose older events were deleted for their age: %s',
    async (...ids) => {
      const redis = await useRedis();
      const app = await useApp({ REDIS_URL: redis.url });
      await appendLongAgo(redis, ['a', 'b']);
      await redis.client.zadd(AGING, 1, UNIT_STREAM);
      await redis.client.eval(SWEEP, 1, AGING, 5, 0, 100);
      expect(await redis.client.xlen(UNIT_STREAM)).toBe(0);
      await publishAll(app, ids);
      const operation = await follow(app, STORAGE, await people.head(), { pastMs: 10_000 });
      expect(await operation.past()).toBe(10_000);
      await publish(app, 'd');
      expect(await operation.take(ids.length + 1)).toEqual([...ids, 'd']);
    },
  );

  test('gets all of that time from a log that began within it', async () => {
    const app = await useApp({ REDIS_URL: (await useRedis()).url });
    await (await follow(app, OF_UNIT_6, await people.admin())).position(); // now the server knows the generation
    pass(20_000);
    await publishAll(app, ['a', 'b']);
    const operation = await follow(app, STORAGE, await people.head(), { pastMs: 10_000 });
    expect(await operation.past()).toBe(10_000);
    expect(await operation.take(2)).toEqual(['a', 'b']);
  });

  test('resumes from a cursor of such a subscription, also before its first event', async () => {
    const app = await useApp();
    const token = await people.head();
    await publishAll(app, ['a', 'b']);
    const before = await follow(app, STORAGE, token, { pastMs: 10_000 });
    await before.past();
    await before.position();
    expect(await before.take(2)).toEqual(['a', 'b']);
    const { cursor } = before;
    before.stop();
    await publish(app, 'c');
    const operation = await follow(app, STORAGE, token, { after: cursor, pastMs: 10_000 });
    expect(await operation.next()).toBe('c');
    expect(operation.ages).toEqual([undefined]);
  });

  test('a log without events counts from when the server knows it', async () => {
    const app = await useApp({ REDIS_URL: (await useRedis()).url });
    await (await follow(app, STORAGE, await people.head())).position();
    pass(20_000);
    const operation = await follow(app, STORAGE, await people.head(), { pastMs: 10_000 });
    expect(await operation.past()).toBe(10_000);
    const longer = await follow(app, STORAGE, await people.head(), { pastMs: 3_600_000 });
    const ms = await longer.past();
    expect(ms >= 20_000 && ms < 60_000).toBe(true);
  });

  test('what is older than a log keeps is not promised', async () => {
    const app = await useApp();
    pass(30_000);
    for (const id of numbers(1, 20)) await publish(app, id, { retention: { events: 5, seconds: 60 } });
    const operation = await follow(app, STORAGE, await people.head(), { pastMs: 60_000 });
    expect((await operation.past()) < 10_000).toBe(true);
    expect(await operation.take(4)).toEqual(numbers(17, 20));
  });

  test('a snapshot comes at once, with its age', async () => {
    const app = await useApp();
    const channel = { kind: 'kpis', unitId: '5' };
    await publish(app, 'one', { channel, event: messages.kpis({ unitId: '5' }) });
    const operation = await follow(app, 'subscription { dashboardKpis { unitId } }', await people.head(), {
      pastMs: 5000,
    });
    expect(await operation.past()).toBe(5000);
    await operation.next();
    expect(operation.ages[0]).toBeGreaterThanOrEqual(0);
  });
});

test.each([-1, '8000', {}, true])('%j is no time to begin', async (pastMs) => {
  const client = await useResumer(await useApp(), await people.head());
  expect(await client.run(STORAGE, { pastMs }).codes()).toEqual(['BAD_USER_INPUT']);
});

test('those who share an execution each get their own past', async () => {
  const app = await useApp();
  await publish(app, 'first');
  pass(20_000);
  await publish(app, 'a');
  pass(5000);
  await publish(app, 'b');
  const client = await useResumer(app, await people.head());
  const live = client.run(STORAGE);
  await live.position();
  const short = client.run(STORAGE, { pastMs: 4000 });
  const long = client.run(STORAGE, { pastMs: 10_000 });
  await client.settled();
  await publish(app, 'c');
  expect([await live.take(1), await short.take(2), await long.take(3)]).toEqual([
    ['c'],
    ['b', 'c'],
    ['a', 'b', 'c'],
  ]);
  expect(app.stats().audiences).toBe(1);
});

test('what another unit sees stays its own', async () => {
  const app = await useApp();
  await publishAll(app, ['a', 'b']);
  const client = await useResumer(app, await people.stranger());
  const foreign = client.run('subscription { storageUpdated(unitId: "5") { id } }', { pastMs: 60_000 });
  expect(await foreign.codes()).toEqual(['FORBIDDEN']);
  const own = client.run(STORAGE, { pastMs: 60_000 });
  await own.past();
  await client.settled();
  expect(own.pending).toBe(0);
});
