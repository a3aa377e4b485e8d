/** The script on its own, as every publisher runs it, and the keys that it leaves in Redis. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { digestOf, readGeneration } from '../../src/bus/envelope.ts';
import {
  ALL_STREAM,
  append,
  appendMany,
  contentOf,
  KEEP,
  listen,
  names,
  numbers,
  OTHER_UNIT,
  UNIT,
  UNIT_STREAM,
  useRedisBus,
} from '../support/buses.ts';
import { until, useRedis } from '../support/redis.ts';

const SCRIPT = readFileSync(new URL('../../contract/append-event.lua', import.meta.url), 'utf8');
const keys = names.logKeysOf(UNIT);

test('is sent again to a Redis that has forgotten it', async () => {
  const redis = await useRedis();
  const bus = useRedisBus(redis);
  await append(bus, 'a');
  await redis.client.script('FLUSH');
  expect((await append(bus, 'b'))?.offset).toBe(2);
  expect((await append(bus, 'c'))?.offset).toBe(3);
  expect(await redis.client.info('commandstats')).toMatch(/cmdstat_eval:calls=2,/);
});

test('works on a cluster: all keys of a kind share a hash tag', () => {
  const tagOf = (key: string | undefined): string | undefined => /\{(.+?)\}/.exec(key ?? '')?.[1];
  expect(
    [keys.stream, `${keys.idPrefix}e}{1`, keys.allStream, names.generationOf('storage')].map(tagOf),
  ).toEqual(Array(4).fill('storage'));
});

test('publishes its origin: a digest of the generation, which is set once per kind', async () => {
  const redis = await useRedis();
  const bus = useRedisBus(redis);
  const received = await listen(bus, { pattern: 'dms:*:unit:*' });
  await append(bus, 'a');
  const generation = (await redis.client.get(names.generationOf('storage'))) ?? '';
  expect(generation).not.toBe('');
  await append(bus, 'b', OTHER_UNIT);
  await append(bus, 'c', { kind: 'crate', unitId: '5' });
  const taken = [await received.next(), await received.next(), await received.next()].map(({ payload }) =>
    readGeneration(payload),
  );
  const ofCrates = digestOf((await redis.client.get(names.generationOf('crate'))) ?? '');
  expect(taken).toEqual([digestOf(generation), digestOf(generation), ofCrates]);
  expect(await bus.agree(names.generationOf('storage'), 'another')).toBe(generation);
  await redis.client.set(names.generationOf('storage'), 'two lines\nand @ signs');
  await append(bus, 'd');
  expect(readGeneration((await received.next()).payload)).toBe(digestOf('two lines\nand @ signs'));
});

test('drops all old events except the newest, and continues their epoch', async () => {
  const redis = await useRedis();
  const bus = useRedisBus(redis);
  for (const id of numbers(1, 5))
    await redis.client.xadd(
      UNIT_STREAM,
      `77-${id}`,
      'at',
      '1000',
      'channel',
      keys.channel,
      'id',
      id,
      'event',
      '{}',
    );
  expect(await append(bus, 'new')).toEqual({ epoch: '77', offset: 6 });
  expect(await contentOf(bus, UNIT_STREAM)).toEqual([[6, 'new']]);
});

test('returns the documented answers to a publisher in any language', async () => {
  const redis = await useRedis();
  const run = (id: string) =>
    redis.client.eval(
      SCRIPT,
      3,
      keys.stream,
      keys.idPrefix + id,
      keys.allStream ?? '',
      keys.channel,
      id,
      '{}',
      '10',
      '60',
    );
  expect(await run('a')).toMatch(/^\d{13}-1$/);
  expect(await run('a')).toBeNull();
  expect(await run('b')).toMatch(/^\d{13}-2$/);
});

test('continues the offsets of a log whose events were all deleted by hand', async () => {
  const redis = await useRedis();
  const bus = useRedisBus(redis);
  await appendMany(bus, ['1', '2']);
  await redis.client.xtrim(UNIT_STREAM, 'MAXLEN', 0);
  expect((await append(bus, '3'))?.offset).toBe(3);
});

test('begins a new epoch if a log was deleted', async () => {
  const redis = await useRedis();
  const bus = useRedisBus(redis);
  const before = await append(bus, 'a');
  await until(() => Date.now() > Number(before?.epoch)); // an epoch is a millisecond
  await redis.client.del(UNIT_STREAM);
  const after = await append(bus, 'b');
  expect(after?.offset).toBe(1);
  expect(Number(after?.epoch)).toBeGreaterThan(Number(before?.epoch));
});

test.each([
  ['its topic', UNIT_STREAM],
  ['all units', ALL_STREAM],
])(
  'an event that the log of %s cannot accept leaves nothing, and is accepted when it is repeated',
  async (_which, key) => {
    const redis = await useRedis();
    const bus = useRedisBus(redis);
    await append(bus, 'a');
    await redis.client.rename(key, 'aside');
    await redis.client.set(key, 'no stream');
    await expect(append(bus, 'b')).rejects.toThrow('WRONGTYPE');
    await redis.client.rename('aside', key);
    expect(await append(bus, 'b')).toMatchObject({ offset: 2 });
    expect(await contentOf(bus, UNIT_STREAM)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  },
);

test('an entry that the script did not write is refused when it is read', async () => {
  const redis = await useRedis();
  await redis.client.xadd(UNIT_STREAM, '18446744073709551615-18446744073709551615', 'event', '{}');
  await expect(useRedisBus(redis).readLast(UNIT_STREAM)).rejects.toThrow('no position');
});

test('a refused message is kept once, truncated, with its topic and reason; at most a thousand are kept', async () => {
  const redis = await useRedis();
  const [bus, other] = [useRedisBus(redis), useRedisBus(redis)];
  const letter = {
    topic: 'dms:storage:unit:5',
    reason: 'not JSON',
    detail: '…',
    payload: Buffer.alloc(10_000, 'x'),
  };
  await Promise.all([bus.keepDeadLetter('dead', letter), other.keepDeadLetter('dead', letter)]);
  const [kept, ...more] = await redis.client.xrange('dead', '-', '+');
  expect(more).toEqual([]);
  expect(kept?.[1]).toEqual([
    ...['topic', letter.topic, 'reason', 'not JSON', 'detail', '…'],
    ...['bytes', '10000', 'payload', 'x'.repeat(4096)],
  ]);
  await Promise.all(
    numbers(1, 1500).map((text) => bus.keepDeadLetter('dead', { ...letter, payload: Buffer.from(text) })),
  );
  expect(await redis.client.xlen('dead')).toBeLessThan(1200); // Redis trims whole nodes of the stream
});

test('several publishers with different limits agree on one log', async () => {
  const redis = await useRedis();
  const buses = [useRedisBus(redis), useRedisBus(redis)];
  for (const id of numbers(1, 10))
    for (const [at, bus] of buses.entries()) await append(bus, id, UNIT, { ...KEEP, events: 3 + at });
  expect(await contentOf(useRedisBus(redis), UNIT_STREAM)).toHaveLength(3);
});
