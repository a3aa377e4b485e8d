/** The publisher for programs in TypeScript. */
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/log.ts';
import {
  connectPublisher,
  type DmsEvents,
  type Publishable,
  type PublisherSettings,
} from '../../src/publisher.ts';
import { useApp } from '../support/app.ts';
import { freePort, type TestRedis, until, useRedis } from '../support/redis.ts';
import { STORAGE, useEventStream } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

const UNIT = { kind: 'storage', unitId: '5' } as const;
const STREAM = 'dms:{storage}:unit:5';
const locations = [{ id: 70, unitId: 5, roomName: 'R1' }];
const event = (id: string | number): Publishable<'storage'> => ({
  id,
  action: 'UPDATED',
  occurredAt: '2026-11-22T09:30:00Z',
  locations,
});

function usePublisher<Events extends object = DmsEvents>(
  { url }: Pick<TestRedis, 'url'>,
  more: Partial<PublisherSettings> = {},
) {
  const publisher = connectPublisher<Events>({ redisUrl: url, log: createLogger('silent'), ...more });
  onTestFinished(() => publisher.close());
  return publisher;
}

test('its events are delivered, and clients can resume them', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const token = await people.head();
  const live = await useEventStream(app, STORAGE, token);
  const start = await live.position();
  const publisher = usePublisher(redis);
  expect((await publisher.publish(UNIT, event('a')))?.offset).toBe(1);
  expect((await publisher.publish(UNIT, event(7)))?.offset).toBe(2);
  expect(await live.take(2)).toEqual(['a', '7']);
  expect(await (await useEventStream(app, STORAGE, token, { after: start })).take(2)).toEqual(['a', '7']);
});

test('repeating is safe: an event is published once, even by several publishers', async () => {
  const redis = await useRedis();
  const publishers = [usePublisher(redis), usePublisher(redis)];
  const answers = await Promise.all(
    publishers.flatMap(({ publish }) => [publish(UNIT, event('a')), publish(UNIT, event('a'))]),
  );
  expect(answers.filter((position) => position !== undefined)).toHaveLength(1);
  expect(await redis.client.xlen(STREAM)).toBe(1);
});

test('retention and topic prefix can be set', async () => {
  const redis = await useRedis();
  const publisher = usePublisher(redis, { topicPrefix: 'other', retention: { events: 2, seconds: 60 } });
  for (const id of ['a', 'b', 'c']) await publisher.publish(UNIT, event(id));
  expect(await redis.client.xlen('other:{storage}:unit:5')).toBe(2);
  expect(await redis.client.zrange('other:{storage}:unit:5:ids', 0, -1)).toEqual(['b', 'c']);
  const [entry] = await redis.client.xrange('other:{storage}:unit:5', '-', '+');
  expect(entry?.[1].slice(0, 4)).toEqual([
    'at',
    expect.any(String),
    'until',
    `${Number(entry?.[1][1]) + 60_000}`,
  ]);
});

describe('for another schema', () => {
  interface HelpDesk {
    readonly ticket: { readonly id: string; readonly changedAt: string; readonly ticket: object };
    readonly workload: { readonly id: string; readonly unitId: string | null; readonly open: number };
  }
  const TEAM = { kind: 'ticket', unitId: '5' } as const;
  const schema = fileURLToPath(new URL('help-desk.graphql', import.meta.url));
  const ticket = { id: 1, unitId: 5, subject: 'No paper', urgency: 'Very High' };
  const changed = (changes: object = {}) => ({
    id: 'a',
    changedAt: '2026-11-22T09:30:00Z',
    ticket: { ...ticket, ...changes },
  });

  test('it publishes the events of that schema, and checks them by it', async () => {
    const redis = await useRedis();
    const { publish } = usePublisher<HelpDesk>(redis, { schema });
    await expect(publish(TEAM, changed({ urgency: 'Soon' }))).rejects.toThrow('ticket.urgency');
    expect(await publish(TEAM, changed())).toMatchObject({ offset: 1 });
    expect(await redis.client.xlen('dms:{ticket}:unit:5')).toBe(1);
    expect(await publish({ kind: 'ticket', userId: '17' }, changed())).toMatchObject({ offset: 1 });
    const all = { kind: 'workload', all: 'together' } as const;
    expect(await publish(all, { id: 'w', unitId: null, open: 3 })).toMatchObject({ offset: 1 });
  });

  test('it refuses a kind of the DMS, and a channel that a kind does not have', async () => {
    const { publish } = usePublisher<HelpDesk>(await useRedis(), { schema });
    // @ts-expect-error The help desk has no such kind.
    await expect(publish(UNIT, event('a'))).rejects.toThrow('unknown topic');
    const toUser = publish({ kind: 'workload', userId: '17' }, { id: 'w', unitId: '5', open: 3 });
    await expect(toUser).rejects.toThrow('Events of "workload" are not addressed to users: name a unit.');
    await expect(publish({ kind: 'ticket', all: 'together' }, changed({ unitId: null }))).rejects.toThrow();
  });

  test('the types hold the event to its kind', () => {
    const { publish } = usePublisher<HelpDesk>({ url: 'redis://127.0.0.1:1' }, { schema });
    // Only for the compiler: nothing is published.
    const uses = [
      // @ts-expect-error A ticket says when it changed.
      () => publish(TEAM, { id: 'a', ticket }),
      // @ts-expect-error A ticket is no workload.
      () => publish({ kind: 'workload', unitId: '5' }, changed()),
      // @ts-expect-error The DMS addresses no storage events to users.
      () => usePublisher({ url: '' }).publish({ kind: 'storage', userId: '17' }, event('a')),
    ];
    expect(uses).toHaveLength(3);
  });

  test('a schema with faults is refused at once', () => {
    const leaky = fileURLToPath(new URL('leaky.graphql', import.meta.url));
    expect(() => connectPublisher({ redisUrl: 'redis://127.0.0.1:1', schema: leaky })).toThrow(
      'Subscription.ticketChanged has no authorization',
    );
  });
});

describe('it refuses, with a reason,', () => {
  test.each<[string, object, string]>([
    ['an event without an id', { ...event('a'), id: undefined }, 'breaks the contract: id'],
    ['an unknown action', { ...event('a'), action: 'Burned' }, 'breaks the contract: action'],
    ['an impossible time', { ...event('a'), occurredAt: 'today' }, 'breaks the contract: occurredAt'],
    ['an event of another unit', { ...event('a'), locations: [{ id: 1, unitId: 7 }] }, 'wrong unit'],
    ['an event of another kind', { id: 'a', action: 'UPDATED', crate: {} }, 'breaks the contract'],
    ['an event that is too large', { ...event('a'), x: 'x'.repeat(70_000) }, 'too large'],
  ])('%s', async (_what, refused, reason) => {
    const redis = await useRedis();
    const publisher = usePublisher(redis);
    const published = publisher.publish(UNIT, refused as Publishable<'storage'>);
    await expect(published).rejects.toThrow(TypeError);
    await expect(published).rejects.toThrow(reason);
    expect(await redis.client.exists(STREAM)).toBe(0);
    expect((await publisher.publish(UNIT, event('a')))?.offset).toBe(1); // the id is still free
  });

  test('an id that fits into no topic', async () => {
    const publisher = usePublisher(await useRedis());
    const channel = { kind: 'storage', unitId: '5:*' } as const;
    const stray = { ...event('a'), locations: [{ id: 1, unitId: '5:*' }] };
    await expect(publisher.publish(channel, stray)).rejects.toThrow(RangeError);
  });
});

test('an event published while Redis is away waits for it', async () => {
  const redis = await useRedis();
  await redis.kill();
  const publisher = usePublisher(redis);
  const published = publisher.publish(UNIT, event('a'));
  await redis.start();
  expect((await published)?.offset).toBe(1);
});

test('without Redis, publishing fails in the end, and closing still works', async () => {
  const publisher = usePublisher({ url: `redis://127.0.0.1:${await freePort()}` });
  const published = publisher.publish(UNIT, event('a'));
  await publisher.close();
  await expect(published).rejects.toThrow('closed');
});

test('after closing, no connection is left', async () => {
  const redis = await useRedis();
  const clients = async (): Promise<number> =>
    String(await redis.client.client('LIST'))
      .trim()
      .split('\n').length;
  const before = await clients();
  const publisher = usePublisher(redis);
  await publisher.publish(UNIT, event('a'));
  expect(await clients()).toBeGreaterThan(before);
  await publisher.close();
  await until(async () => (await clients()) === before);
});

test('a database number under the default prefix is refused: Pub/Sub reaches all databases', async () => {
  const connect = (redisUrl: string, topicPrefix?: string) =>
    connectPublisher({ redisUrl, ...(topicPrefix !== undefined && { topicPrefix }) });
  expect(() => connect('redis://127.0.0.1:1/1')).toThrow(/names database 1.*TOPIC_PREFIX/);
  expect(() => connect('redis://127.0.0.1:1/1', 'dms')).toThrow(TypeError);
  const publisher = connect('redis://127.0.0.1:1/1', 'staging');
  await publisher.close();
});
