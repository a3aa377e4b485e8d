/**
 * No event stays readable for longer than allowed, whether its topic is busy or silent. A cursor at the end of the log stays
 * valid.
 */
import { describe, expect, test } from 'vitest';
import type { Bus } from '../../src/bus/bus.ts';
import { sealOf } from '../../src/bus/seal.ts';
import type { Channel } from '../../src/events/topic-names.ts';
import { useApp } from '../support/app.ts';
import {
  ALL_STREAM,
  append,
  appendMany,
  BUSES,
  contentOf,
  KEEP,
  names,
  numbers,
  UNIT,
  UNIT_STREAM,
  useRedisBus,
} from '../support/buses.ts';
import { until, useRedis } from '../support/redis.ts';
import { publish, publishAll, STORAGE, useResumer } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

const BRIEF = { events: 1000, seconds: 1 };
const AGING = names.agingOf('storage');
const ALLOWANCE = { seconds: 3600, keepsNewest: false };

/** Sweeps until the log has this content. An event is at least a second old when it is deleted. */
const sweepUntil = (bus: Bus, stream: string, content: readonly unknown[], allowance = ALLOWANCE) =>
  until(async () => {
    await bus.sweep(names.agingOf(stream.includes('{kpis}') ? 'kpis' : 'storage'), allowance);
    const kept = await contentOf(bus, stream);
    return JSON.stringify(kept) === JSON.stringify(content);
  });

describe.each(BUSES)('a sweep of the bus %s', (_name, useBuses) => {
  const useBus = async () => {
    const [bus] = await useBuses(1);
    if (bus === undefined) throw new Error('no bus');
    return bus;
  };

  test('deletes old events, even the newest, and keeps its position and seal; the log goes on counting', async () => {
    const bus = await useBus();
    expect(await bus.readSeal(UNIT_STREAM)).toBeUndefined();
    await appendMany(bus, ['1', '2', '3'], UNIT, BRIEF);
    const last = await bus.readLast(UNIT_STREAM);
    await sweepUntil(bus, UNIT_STREAM, []);
    await sweepUntil(bus, ALL_STREAM, []);
    expect(await bus.readLast(UNIT_STREAM)).toBeUndefined();
    const sealed = await bus.readSeal(UNIT_STREAM);
    expect(sealed).toMatchObject({
      ...last?.position,
      seal: sealOf(UNIT_STREAM, last?.position ?? { epoch: '', offset: 0 }, last?.event ?? ''),
    });
    expect(Math.abs((sealed?.appendedBy ?? Number.NaN) - (last?.appendedBy ?? Number.NaN))).toBeLessThan(500);
    const next = await append(bus, '4', UNIT, BRIEF);
    expect(next).toEqual({ epoch: last?.position.epoch, offset: 4 });
    expect((await bus.readSeal(UNIT_STREAM))?.offset).toBe(3);
  });

  test('keeps young events, and events whose publisher set a longer time', async () => {
    const bus = await useBus();
    await appendMany(bus, ['1', '2'], UNIT, BRIEF);
    await appendMany(bus, ['3', '4'], UNIT, KEEP);
    await sweepUntil(bus, UNIT_STREAM, [
      [3, '3'],
      [4, '4'],
    ]);
    expect((await bus.readSeal(UNIT_STREAM))?.offset).toBe(2);
  });

  test('is not the only writer of a seal: an append that deletes old events writes one, and an append that trims does not', async () => {
    const bus = await useBus();
    await append(bus, '1', UNIT, { ...BRIEF, seconds: 0 });
    await append(bus, '2', UNIT, { ...BRIEF, seconds: 0 });
    const last = await bus.readLast(UNIT_STREAM);
    const sealed = {
      ...last?.position,
      seal: sealOf(UNIT_STREAM, last?.position ?? { epoch: '', offset: 0 }, last?.event ?? ''),
    };
    await until(async () => {
      await append(bus, crypto.randomUUID(), UNIT, KEEP);
      return (await bus.readSeal(UNIT_STREAM))?.offset === 2;
    });
    expect(await bus.readSeal(UNIT_STREAM)).toMatchObject(sealed);
    await append(bus, 'last', UNIT, { ...KEEP, events: 1 });
    expect(await bus.readSeal(UNIT_STREAM)).toMatchObject(sealed);
  });

  test('keeps no event longer than the server allows, even if its publisher set a longer time', async () => {
    const bus = await useBus();
    await appendMany(bus, ['1', '2'], UNIT, { ...KEEP, seconds: 86_400 });
    await sweepUntil(bus, UNIT_STREAM, [], { seconds: 1, keepsNewest: false });
  });

  test('keeps the newest event if that is retained', async () => {
    const bus = await useBus();
    const channel: Channel = { kind: 'kpis', unitId: '5' };
    const stream = names.streamOf(channel);
    await appendMany(bus, ['1', '2', '3'], channel, { ...KEEP, seconds: 86_400 });
    await sweepUntil(bus, stream, [[3, '3']], { seconds: 1, keepsNewest: true });
    for (let count = 0; count < 3; count += 1)
      await bus.sweep(names.agingOf('kpis'), { seconds: 1, keepsNewest: true });
    expect(await contentOf(bus, stream)).toEqual([[3, '3']]);
    await append(bus, '4', channel);
    await sweepUntil(bus, stream, [[4, '4']], { seconds: 1, keepsNewest: true });
  });

  test('forgets the ids of the events that it deletes, and no others', async () => {
    const bus = await useBus();
    await append(bus, '1', UNIT, BRIEF);
    await append(bus, '2', UNIT, KEEP);
    await sweepUntil(bus, UNIT_STREAM, [[2, '2']]);
    expect(await append(bus, '2', UNIT, KEEP)).toBeUndefined();
    expect((await append(bus, '1', UNIT, KEEP))?.offset).toBe(3);
  });

  test('leaves other kinds alone, and does nothing if there is nothing', async () => {
    const bus = await useBus();
    await append(bus, '1', UNIT, BRIEF);
    const crates: Channel = { kind: 'crate', unitId: '5' };
    await append(bus, '1', crates, BRIEF);
    await sweepUntil(bus, UNIT_STREAM, []);
    expect(await contentOf(bus, names.streamOf(crates))).toEqual([[1, '1']]);
    expect(await bus.sweep(names.agingOf('audit'), ALLOWANCE)).toBe(false);
  });
});

describe('in Redis', () => {
  const event = (at: number, id: string): string[] => [
    ...['at', `${at}`, 'channel', 'dms:storage:unit:5'],
    ...['id', id, 'event', JSON.stringify({ id })],
  ];

  test('a log of an earlier version is swept once an event is appended to it', async () => {
    const redis = await useRedis();
    const bus = useRedisBus(redis);
    const now = Date.now();
    for (const id of ['1', '2']) await redis.client.xadd(UNIT_STREAM, `77-${id}`, ...event(now - 3500, id));
    await bus.sweep(AGING, { seconds: 4, keepsNewest: false });
    expect(await contentOf(bus, UNIT_STREAM)).toHaveLength(2); // no append has registered this log yet
    expect(await append(bus, '3', UNIT, { ...KEEP, seconds: 4 })).toEqual({ epoch: '77', offset: 3 });
    await sweepUntil(bus, UNIT_STREAM, [[3, '3']], { seconds: 4, keepsNewest: false });
    await sweepUntil(bus, UNIT_STREAM, [], { seconds: 4, keepsNewest: false });
  });

  test('one sweep deletes a limited number, and reports that there is more', async () => {
    const redis = await useRedis();
    const bus = useRedisBus(redis);
    await Promise.all(numbers(1, 800).map((id) => append(bus, id)));
    const aged = Date.now() + 1100;
    await until(() => Date.now() > aged);
    const sweep = () => bus.sweep(AGING, { seconds: 1, keepsNewest: false });
    expect(await sweep()).toBe(true);
    expect((await contentOf(bus, UNIT_STREAM)).length + (await contentOf(bus, ALL_STREAM)).length).toBe(1100);
    let rounds = 1;
    while (await sweep()) rounds += 1;
    expect([rounds, await contentOf(bus, UNIT_STREAM), await contentOf(bus, ALL_STREAM)]).toEqual([
      3,
      [],
      [],
    ]);
    expect(await redis.client.zcard(AGING)).toBe(0);
    expect(await redis.client.zcard(`${UNIT_STREAM}:ids`)).toBe(0);
  });

  test('a key that is no log does not stop the sweep of the others', async () => {
    const redis = await useRedis();
    const bus = useRedisBus(redis);
    await redis.client.set('dms:{storage}:unit:1', 'no stream');
    await redis.client.zadd(AGING, 1, 'dms:{storage}:unit:1', 2, 'dms:{storage}:unit:2');
    await append(bus, '1', UNIT, BRIEF);
    await sweepUntil(bus, UNIT_STREAM, []);
    expect(await redis.client.get('dms:{storage}:unit:1')).toBe('no stream');
  });

  test('the remembered ids are those of the log, and an id has no key of its own', async () => {
    const redis = await useRedis();
    const bus = useRedisBus(redis);
    await appendMany(bus, numbers(1, 12), UNIT, { ...KEEP, events: 5 });
    expect(await redis.client.zrange(`${UNIT_STREAM}:ids`, 0, -1)).toEqual(numbers(8, 12));
    expect(await redis.client.keys('*:id:*')).toEqual([]);
    expect(await append(bus, '8', UNIT, { ...KEEP, events: 5 })).toBeUndefined();
    expect((await append(bus, '7', UNIT, { ...KEEP, events: 5 }))?.offset).toBe(13);
  });

  test('an id that a publisher of an earlier version has remembered is known', async () => {
    const redis = await useRedis();
    await redis.client.set(`${UNIT_STREAM}:id:a`, '1', 'EX', 60);
    expect(await append(useRedisBus(redis), 'a')).toBeUndefined();
  });

  test('the ids of a deleted log are forgotten with it', async () => {
    const redis = await useRedis();
    const bus = useRedisBus(redis);
    await appendMany(bus, ['a', 'b', 'c']);
    await redis.client.del(UNIT_STREAM);
    expect((await append(bus, 'c'))?.offset).toBe(1);
    expect(await append(bus, 'c')).toBeUndefined();
    expect(await redis.client.zcard(`${UNIT_STREAM}:ids`)).toBe(1);
  });
});

describe('a server', () => {
  const SETTINGS = { HISTORY_SECONDS: '1' };
  const untilSwept = (bus: Bus) =>
    until(
      async () =>
        (await bus.readLast(UNIT_STREAM)) === undefined && (await bus.readSeal(UNIT_STREAM)) !== undefined,
    );

  test('sweeps by itself: live clients go on, a client at the end missed nothing, any other gets CURSOR_EXPIRED', async () => {
    const redis = await useRedis();
    const token = await people.head();
    const [first, second] = [
      await useApp({ ...SETTINGS, REDIS_URL: redis.url }),
      await useApp({ ...SETTINGS, REDIS_URL: redis.url }),
    ];
    const live = (await useResumer(first, token)).run(STORAGE);
    const start = await live.position();
    await publishAll(first, ['a', 'b']);
    expect(await live.next()).toBe('a');
    const early = live.cursor;
    expect(await live.next()).toBe('b');
    const end = live.cursor;
    await untilSwept(first.bus);

    const resume = async (after: string | undefined) =>
      (await useResumer(second, token)).run(STORAGE, { after });
    const late = (await useResumer(second, token)).run(STORAGE);
    expect(await late.position()).toBe(end);
    const resumed = await resume(end);
    expect(await resumed.position()).toBe(end);
    for (const expired of [early, start])
      expect(await (await resume(expired)).codes()).toEqual(['CURSOR_EXPIRED']);

    await publish(first, 'c');
    for (const operation of [live, late, resumed]) expect(await operation.next()).toBe('c');
    const third = await useApp({ ...SETTINGS, REDIS_URL: redis.url });
    const lagging = (await useResumer(third, token)).run(STORAGE, { after: end });
    expect(await lagging.next()).toBe('c'); // the event of that cursor is gone, but no event after it
  });

  test('also forgets old events in its memory', async () => {
    const app = await useApp({ ...SETTINGS, MAX_MESSAGES_PER_SECOND: '0' });
    const token = await people.head();
    const live = (await useResumer(app, token)).run(STORAGE);
    await live.position();
    await publishAll(app, ['a', 'b']);
    expect(await live.next()).toBe('a');
    const { cursor: after } = live;
    await live.next();
    const other = await useResumer(app, token);
    await until(async () => {
      const operation = other.run(STORAGE, { after });
      const isGone = await operation.next().then(
        () => false,
        (error: unknown) => String(error).includes('CURSOR_EXPIRED'),
      );
      operation.stop();
      return isGone;
    });
    await publish(app, 'c');
    expect(await live.next()).toBe('c');
  });

  test('also deletes old dead letters', async () => {
    const redis = await useRedis();
    const app = await useApp({ ...SETTINGS, REDIS_URL: redis.url });
    const live = (await useResumer(app, await people.head())).run(STORAGE);
    await live.position();
    await redis.client.publish('dms:storage:unit:5', 'not JSON, of somebody by name');
    await until(async () => (await redis.client.xlen('dms:deadletters')) === 1);
    await until(async () => (await redis.client.xlen('dms:deadletters')) === 0);
  });
});
