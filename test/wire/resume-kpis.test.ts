/** Figures: the newest snapshot is kept in the log, and clients need only that one. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Bus } from '../../src/bus/bus.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import type { Channel } from '../../src/events/topic-names.ts';
import { useApp } from '../support/app.ts';
import { post } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { until, useRedis } from '../support/redis.ts';
import { publish, TRANSPORTS } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

const KPIS = 'subscription { dashboardKpis { id pendingApprovals } }';
const AT_ONCE = { KPI_INTERVAL_MS: '0' };
const UNIT: Channel = { kind: 'kpis', unitId: '5' };
const TOGETHER: Channel = { kind: 'kpis', all: 'together' };

const publishKpis = (app: App, id: string, channel: Channel = UNIT, changes: object = {}) =>
  publish(app, id, { channel, event: messages.kpis({ unitId: channel === UNIT ? 5 : null, ...changes }) });

/** Publishes a snapshot that was computed at this second of the same minute. */
const publishOf = (app: App, second: number, channel: Channel = UNIT) =>
  publishKpis(app, `at ${second}`, channel, { computedAt: `2026-11-25T10:00:${10 + second}Z` });

const askedKpis = async (app: App, token: string) =>
  (await post(app, '{ dashboardKpis { id } }', { token })).body.data?.['dashboardKpis'];

describe.each(TRANSPORTS)('over %s', (_name, follow) => {
  test.each([
    ['a unit', UNIT, people.head],
    ['all units together', TOGETHER, people.admin],
  ])('the newest snapshot of %s survives a restart of the server', async (_what, channel, person) => {
    const redis = await useRedis();
    const token = await person();
    const first = await useApp({ ...AT_ONCE, REDIS_URL: redis.url });
    await publishKpis(first, 'old', channel);
    await publishKpis(first, 'kept', channel);
    await first.close();
    const second = await useApp({ ...AT_ONCE, REDIS_URL: redis.url });
    const operation = await follow(second, KPIS, token);
    expect(await operation.next()).toBe('kept');
    await publishKpis(second, 'new', channel);
    expect(await operation.next()).toBe('new');
    expect(await askedKpis(second, token)).toEqual({ id: 'new' });
  });

  test('a client that resumes gets the newest snapshot, and none of the earlier ones', async () => {
    const app = await useApp(AT_ONCE);
    const token = await people.head();
    const before = await follow(app, KPIS, token);
    await publishKpis(app, '1');
    expect(await before.next()).toBe('1');
    for (const id of ['2', '3', '4']) await publishKpis(app, id);
    const operation = await follow(app, KPIS, token, { after: before.cursor });
    expect(await operation.next()).toBe('4');
    await publishKpis(app, '5');
    expect(await operation.next()).toBe('5');
  });

  test.each([
    ['on the server it left', false],
    ['on another, where it is the first', true],
  ])(
    'a client that has the newest snapshot gets nothing until there is a newer one, %s',
    async (_where, isOther) => {
      const redis = await useRedis();
      const app = await useApp({ ...AT_ONCE, REDIS_URL: redis.url });
      const token = await people.head();
      const before = await follow(app, KPIS, token);
      await before.position();
      await publishKpis(app, '1');
      expect(await before.next()).toBe('1');
      const server = isOther ? await useApp({ ...AT_ONCE, REDIS_URL: redis.url }) : app;
      const operation = await follow(server, KPIS, token, { after: before.cursor });
      const fresh = await follow(server, KPIS, token);
      expect(await fresh.next()).toBe('1'); // the resumed one would have received it by now
      expect(operation.pending).toBe(0);
      await publishKpis(app, '2');
      expect(await operation.next()).toBe('2');
    },
  );
});

test('a query returns the newest from the log, and later the newest of all', async () => {
  const redis = await useRedis();
  const first = await useApp({ REDIS_URL: redis.url });
  await publishKpis(first, 'kept');
  await publishKpis(first, 'kept together', TOGETHER);
  const second = await useApp({ REDIS_URL: redis.url });
  const [head, admin] = [await people.head(), await people.admin()];
  expect(await askedKpis(second, head)).toEqual({ id: 'kept' });
  expect(await askedKpis(second, admin)).toEqual({ id: 'kept together' });
  expect(await askedKpis(second, await people.stranger())).toBeNull();
  await publishKpis(first, 'new');
  await until(async () => (await askedKpis(second, head))?.id === 'new');
});

test('a bare snapshot is the newest until a logged one comes', async () => {
  const app = await useApp(AT_ONCE);
  const token = await people.head();
  await publishKpis(app, 'logged');
  const bare = messages.kpis({ id: 'bare', computedAt: '2026-11-22T09:31:00Z' });
  await app.bus.publish('dms:kpis:unit:5', JSON.stringify(bare));
  expect(await askedKpis(app, token)).toEqual({ id: 'bare' });
  await publish(app, 'later', {
    channel: UNIT,
    event: messages.kpis({ computedAt: '2026-11-22T09:32:00Z' }),
  });
  expect(await askedKpis(app, token)).toEqual({ id: 'later' });
});

describe.each(TRANSPORTS)('a snapshot that was computed earlier, over %s', (_name, follow) => {
  test.each([
    ['a unit', UNIT, people.head],
    ['all units together', TOGETHER, people.admin],
  ])(
    'replaces no newer one of %s: live, for later subscribers, and for a query',
    async (_what, channel, person) => {
      const redis = await useRedis();
      const settings = { ...AT_ONCE, REDIS_URL: redis.url };
      const app = await useApp(settings);
      const token = await person();
      const live = await follow(app, KPIS, token);
      await live.position();
      await publishOf(app, 2, channel);
      await publishOf(app, 1, channel);
      expect(await live.next()).toBe('at 2');
      const later = await follow(app, KPIS, token);
      expect(await later.next()).toBe('at 2');
      expect(await askedKpis(app, token)).toEqual({ id: 'at 2' });

      const other = await useApp(settings); // on this server, the older snapshot is at the end of the log
      const elsewhere = await follow(other, KPIS, token);
      expect(await elsewhere.next()).toBe('at 2');
      expect(await askedKpis(other, token)).toEqual({ id: 'at 2' });
      const resumed = await follow(other, KPIS, token, { after: live.cursor });

      await publishOf(app, 1, channel);
      await publishOf(app, 3, channel);
      for (const operation of [live, later, elsewhere, resumed]) {
        expect(await operation.next()).toBe('at 3');
        expect(operation.pending).toBe(0);
      }
      expect(await askedKpis(other, token)).toEqual({ id: 'at 3' });
    },
  );

  test('replaces no newer one that is only in the log', async () => {
    const redis = await useRedis();
    const settings = { ...AT_ONCE, REDIS_URL: redis.url };
    const first = await useApp(settings);
    await publishOf(first, 2);
    await first.close();
    const second = await useApp(settings);
    const token = await people.head();
    const witness = await follow(second, KPIS, await people.admin(), { variables: {} });
    await publishOf(second, 1);
    await publishKpis(second, 'seen', TOGETHER); // so the server has received the older one, too
    expect(await witness.next()).toBe('seen');
    expect(await askedKpis(second, token)).toEqual({ id: 'at 2' });
    const operation = await follow(second, KPIS, token);
    expect(await operation.next()).toBe('at 2');
  });

  test('is not sent to a client that comes back with a newer one, which this server has not received yet', async () => {
    const bus = createMemoryBus();
    const slow = createSlowBus(bus);
    const [quick, late] = [await useApp(AT_ONCE, { bus }), await useApp(AT_ONCE, { bus: slow })];
    const token = await people.head();
    const [there, here] = [await follow(quick, KPIS, token), await follow(late, KPIS, token)];
    await there.position();
    await publishOf(quick, 1);
    expect([await there.next(), await here.next()]).toEqual(['at 1', 'at 1']);
    slow.hold();
    await publishOf(quick, 2);
    expect(await there.next()).toBe('at 2');
    const resumed = await follow(late, KPIS, token, { after: there.cursor });
    await publishOf(quick, 3);
    slow.release();
    expect(await resumed.next()).toBe('at 3');
    expect(resumed.pending).toBe(0);
  });
});

/** A bus that delays its messages while `hold` is in effect. Its logs are those of the other bus. */
function createSlowBus(bus: Bus): Bus & { hold(): void; release(): void } {
  let held: (() => void)[] | undefined;
  return {
    ...bus,
    subscribe: (name, onMessage) =>
      bus.subscribe(name, (message) => {
        if (held === undefined) onMessage(message);
        else held.push(() => onMessage(message));
      }),
    hold() {
      held = [];
    },
    release() {
      const due = held ?? [];
      held = undefined;
      for (const deliver of due) deliver();
    },
  };
}

test.each(TRANSPORTS)(
  'among equal times the later snapshot counts, also one without a time, over %s',
  async (_name, follow) => {
    const app = await useApp(AT_ONCE);
    const operation = await follow(app, KPIS, await people.head());
    await operation.position();
    for (const [id, computedAt] of [
      ['1', '2026-11-25T10:00:00.500Z'],
      ['2', '2026-11-25T15:30:00.5+05:30'], // the same moment
      ['3', null],
      ['older', '2026-11-25T10:00:00.499999Z'],
      ['4', '2026-11-25T10:00:00.500001Z'],
    ] as const) {
      await publishKpis(app, id, UNIT, { computedAt });
      if (id !== 'older') expect(await operation.next()).toBe(id);
    }
  },
);
