/** Figures: the newest is kept in the log, and is all that anybody needs. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Channel } from '../../src/topics/topic.ts';
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

const publishKpis = (app: App, id: string, channel: Channel = UNIT) =>
  publish(app, id, { channel, event: messages.kpis({ unitId: channel === UNIT ? 5 : null }) });

const askedKpis = async (app: App, token: string) =>
  (await post(app, '{ dashboardKpis { id } }', { token })).body.data?.['dashboardKpis'];

describe.each(TRANSPORTS)('over %s', (_name, follow) => {
  test.each([
    ['a unit', UNIT, people.head],
    ['all units together', TOGETHER, people.admin],
  ])('the newest of %s outlives the server', async (_what, channel, person) => {
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

  test('who resumes gets the newest, and none of those between', async () => {
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
  ])('who has the newest gets nothing until there is a newer one, %s', async (_where, isOther) => {
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
    expect(await fresh.next()).toBe('1'); // the resumed one would have had it by now
    expect(operation.pending).toBe(0);
    await publishKpis(app, '2');
    expect(await operation.next()).toBe('2');
  });
});

test('a query finds the newest in the log, and later the newest of all', async () => {
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
