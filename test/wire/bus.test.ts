/** One suite for both buses. The memory bus must do the same as Redis. */
import { describe, expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
import {
  ALL_STREAM,
  append,
  appendMany,
  BUSES,
  contentOf,
  KEEP,
  listen,
  numbers,
  UNIT,
  UNIT_STREAM,
  useRedisBus,
} from '../support/buses.ts';
import { until, useRedis } from '../support/redis.ts';
import { publish, STORAGE, useResumer } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

const CHANNEL = 'dms:storage:unit:5';

describe.each(BUSES)('the bus %s', (_name, useBuses) => {
  const useBus = async () => {
    const [bus] = await useBuses(1);
    if (bus === undefined) throw new Error('no bus');
    return bus;
  };

  describe('a log', () => {
    test('keeps exactly the allowed number of events, and goes on counting', async () => {
      const bus = await useBus();
      await appendMany(bus, numbers(1, 12), UNIT, { ...KEEP, events: 5 });
      expect(await contentOf(bus, UNIT_STREAM)).toEqual(numbers(8, 12).map((id) => [Number(id), id]));
      expect(await contentOf(bus, ALL_STREAM)).toHaveLength(5);
      await append(bus, '13', UNIT, { ...KEEP, events: 1 });
      expect(await contentOf(bus, UNIT_STREAM)).toEqual([[13, '13']]);
    });

    test('keeps events for the allowed time, keeps the newest longer, and goes on counting', async () => {
      const bus = await useBus();
      const brief = { events: 100, seconds: 1 };
      await appendMany(bus, ['1', '2', '3'], UNIT, brief);
      const aged = Date.now() + 1100;
      await until(() => Date.now() > aged);
      expect(await contentOf(bus, UNIT_STREAM, 3)).toEqual([[3, '3']]); // no event was appended since
      await append(bus, '4', UNIT, brief);
      await append(bus, '5', UNIT, brief);
      expect(await contentOf(bus, UNIT_STREAM)).toEqual([
        [4, '4'],
        [5, '5'],
      ]);
      expect((await append(bus, '1', UNIT, brief))?.offset).toBe(6); // the id was forgotten together with its event
    });

    test('is read from a position on, in order, up to the limit', async () => {
      const bus = await useBus();
      await appendMany(bus, numbers(1, 9));
      expect(await contentOf(bus, UNIT_STREAM, 7)).toEqual([
        [7, '7'],
        [8, '8'],
        [9, '9'],
      ]);
      expect(await contentOf(bus, UNIT_STREAM, 4, 2)).toEqual([
        [4, '4'],
        [5, '5'],
      ]);
      expect(await contentOf(bus, UNIT_STREAM, 0, 1)).toEqual([[1, '1']]);
      expect(await contentOf(bus, UNIT_STREAM, 10)).toEqual([]);
    });

    test('is read from its oldest event if the position is gone', async () => {
      const bus = await useBus();
      await appendMany(bus, numbers(1, 9), UNIT, { ...KEEP, events: 3 });
      expect(await contentOf(bus, UNIT_STREAM, 2)).toEqual([
        [7, '7'],
        [8, '8'],
        [9, '9'],
      ]);
      const offsetsFrom = async (epoch: string) =>
        (await bus.readFrom(UNIT_STREAM, { epoch, offset: 8 }, 100)).map(({ position }) => position.offset);
      expect(await offsetsFrom('0')).toEqual([7, 8, 9]);
      expect(await offsetsFrom('1000000000000')).toEqual([7, 8, 9]);
      expect(await offsetsFrom('99999999999999')).toEqual([]);
      expect(await offsetsFrom('9')).toEqual([7, 8, 9]);
    });

    test('is empty if nothing was appended to it', async () => {
      const bus = await useBus();
      expect(await bus.readLast(UNIT_STREAM)).toBeUndefined();
      expect(await bus.readFrom(UNIT_STREAM, { epoch: '0', offset: 0 }, 10)).toEqual([]);
    });
  });

  test('publishes to exact names and to patterns, each message whole and unchanged', async () => {
    const [bus, other] = await useBuses(2);
    if (bus === undefined || other === undefined) throw new Error('no bus');
    const exact = await listen(bus, { channel: CHANNEL });
    const all = await listen(bus, { pattern: 'dms:storage:unit:*' });
    const stranger = await listen(bus, { channel: 'dms:storage:unit:50' });
    await other.publish(CHANNEL, 'text é');
    await other.publish('dms:storage:unit:7', Buffer.from([0xff, 0x00, 0x0a]));
    await other.publish('dms:crate:unit:5', 'elsewhere');
    await other.publish('dms:storage:unit:50', 'to the stranger');
    expect(await exact.next()).toEqual({ channel: CHANNEL, payload: Buffer.from('text é') });
    expect(await all.next()).toEqual({ channel: CHANNEL, payload: Buffer.from('text é') });
    expect(await all.next()).toEqual({
      channel: 'dms:storage:unit:7',
      payload: Buffer.from([0xff, 0x00, 0x0a]),
    });
    expect(String((await all.next()).payload)).toBe('to the stranger');
    expect(String((await stranger.next()).payload)).toBe('to the stranger');
    expect([exact.length, all.length, stranger.length]).toEqual([0, 0, 0]);
  });

  test('a closed subscription receives nothing more, and others go on', async () => {
    const bus = await useBus();
    const received: string[] = [];
    const subscription = bus.subscribe({ channel: CHANNEL }, ({ payload }) => received.push(String(payload)));
    const other = await listen(bus, { channel: CHANNEL });
    await subscription.ready;
    await bus.publish(CHANNEL, '1');
    await other.next();
    subscription.close();
    subscription.close();
    await bus.publish(CHANNEL, '2');
    expect(String((await other.next()).payload)).toBe('2');
    expect(received).toEqual(['1']);
  });

  test('reads keys and fields, and returns null for those that are not set', async () => {
    const bus = await useBus();
    await bus.write('a', '1', 60);
    await bus.write('b', '', 60);
    expect(await bus.read(['a', 'none', 'b', 'a'])).toEqual(['1', null, '', '1']);
    expect(await bus.readFields('no hash', ['a', 'b'])).toEqual([null, null]);
    expect(await bus.expiresIn('a')).toBeGreaterThan(30_000);
    expect(await bus.expiresIn('none')).toBeUndefined();
    await bus.agree('kept', 'for good');
    expect(await bus.expiresIn('kept')).toBeUndefined();
    const found: string[] = [];
    await bus.write('ab', '1', 60);
    await bus.findKeys('a*', async (keys) => void found.push(...keys));
    expect(found.toSorted()).toEqual(['a', 'ab']);
  });

  test('the first writer decides a value for all servers', async () => {
    const [first, second] = await useBuses(2);
    if (first === undefined || second === undefined) throw new Error('no bus');
    const agreed = await Promise.all([first.agree('key', 'one'), second.agree('key', 'two')]);
    expect(['one', 'two']).toContain(agreed[0]);
    expect(agreed[1]).toBe(agreed[0]);
    expect(await second.agree('key', 'three')).toBe(agreed[0]);
    expect(await second.agree('other key', 'three')).toBe('three');
  });
});

describe('while Redis refuses to write', () => {
  const useRefusing = async (settings: readonly (readonly [string, string])[]) => {
    const redis = await useRedis();
    const refuse = async () => {
      for (const [name, value] of settings) await redis.client.config('SET', name, value);
    };
    return { redis, bus: useRedisBus(redis), refuse };
  };

  test.each([
    ['its replica is away', [['min-replicas-to-write', '1']]],
    ['it is full', [['maxmemory', '1']]],
  ] as const)('because %s, an existing value is read, and a new one is undefined', async (_why, settings) => {
    const { bus, refuse } = await useRefusing(settings);
    await bus.agree('key', 'agreed');
    await refuse();
    expect(await bus.agree('key', 'another')).toBe('agreed');
    expect(await bus.agree('new key', 'proposal')).toBeUndefined();
  });

  test('nothing is written if the value is set already', async () => {
    const { redis, bus } = await useRefusing([]);
    await bus.agree('key', 'agreed');
    await redis.client.config('RESETSTAT');
    await bus.agree('key', 'another');
    expect(await redis.client.info('commandstats')).not.toContain('cmdstat_set:');
  });

  test('a topic without any event opens and announces that it is live; later events arrive', async () => {
    const { redis, refuse } = await useRefusing([['min-replicas-to-write', '1']]);
    await refuse();
    const app = await useApp({ REDIS_URL: redis.url });
    const operation = (await useResumer(app, await people.head())).run(STORAGE);
    const start = await operation.position();
    const resumed = (await useResumer(app, await people.head())).run(STORAGE, { after: start });
    expect(await resumed.position()).toBe(start);
    await redis.client.config('SET', 'min-replicas-to-write', '0');
    await publish(app, 'a');
    for (const live of [operation, resumed]) expect(await live.next()).toBe('a');
  });
});
