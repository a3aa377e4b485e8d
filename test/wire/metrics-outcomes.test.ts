/** The numbers that say how sessions and subscriptions end, what clients get instead, and how long things take. */
import { GraphQLError } from 'graphql';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SlowReaderError } from 'yoga-shared-subscriptions';
import type { App } from '../../src/app.ts';
import { LiveError } from '../../src/errors.ts';
import { Endings } from '../../src/graphql/endings.ts';
import { useApp } from '../support/app.ts';
import { post, useClient, useRawClient, useSignedInRawClient, useStream } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readMetrics } from '../support/metrics.ts';
import { until, useRedis } from '../support/redis.ts';
import {
  publish,
  publishAll,
  STORAGE,
  TRANSPORTS,
  useResumer,
  useStreamOfMany,
} from '../support/resuming.ts';
import { people, signToken } from '../support/tokens.ts';

/** The series of a metric that are not 0, by the one label that it has. */
async function countsOf(app: App, metric: string): Promise<Record<string, number>> {
  const series = [...(await readMetrics(app))].flatMap(([name, value]) => {
    const [, of, word] = /^(\w+)\{\w+="([^"]+)"\}$/.exec(name) ?? [];
    return of === metric && word !== undefined && value !== 0 ? [[word, value] as const] : [];
  });
  return Object.fromEntries(series);
}

test('sessions and subscriptions that end are counted by why', async () => {
  const app = await useApp();
  const other = await signToken({ user_id: 18 });
  const leaving = await useResumer(app, await people.head());
  const operation = leaving.run(STORAGE);
  await operation.position();
  leaving.run('subscription { requestUpdated { id } }');
  await until(() => app.stats().subscriptions === 2);
  operation.stop();
  await until(() => app.stats().subscriptions === 1);
  leaving.socket.terminate();
  await until(() => app.stats().connections === 0);
  expect(await countsOf(app, 'dms_live_subscription_ends_total')).toEqual({ completed: 1, disconnected: 1 });

  const revoked = useClient(app, other).run(STORAGE);
  const stream = await useStream(app, STORAGE, other);
  await until(() => app.stats().subscriptions === 2);
  await app.bus.publish('dms:session', JSON.stringify({ action: 'REVOKED', userId: 18 }));
  expect(await revoked.next()).toMatchObject({ closed: { code: 4401 } });
  expect((await stream.next())?.data?.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  await until(() => app.stats().subscriptions === 0 && app.stats().sessions === 0);
  expect(await countsOf(app, 'dms_live_subscription_ends_total')).toEqual({
    completed: 1,
    disconnected: 1,
    session: 2,
  });
  expect(await countsOf(app, 'dms_live_session_ends_total')).toEqual({ closed: 1, revoked: 2 });
});

test('a subscription that could not begin has not ended', async () => {
  const app = await useApp();
  const client = useClient(app, await people.head());
  expect(await client.run('subscription { storageUpdated(unitId: "7") { id } }').codes()).toEqual([
    'FORBIDDEN',
  ]);
  expect(await countsOf(app, 'dms_live_subscription_ends_total')).toEqual({});
});

test('errors are counted by code, on every transport', async () => {
  const app = await useApp();
  const token = await people.head();
  const forbidden = 'subscription { storageUpdated(unitId: "7") { id } }';
  expect(await useClient(app, token).run(forbidden).codes()).toEqual(['FORBIDDEN']);
  expect(await (await useStreamOfMany(app, forbidden, token)).codes()).toEqual(['FORBIDDEN']);
  for (const [, follow] of TRANSPORTS) await (await follow(app, forbidden, token)).codes();
  expect(await countsOf(app, 'dms_live_errors_total')).toEqual({ FORBIDDEN: 4 });

  expect(await useClient(app, token).run('{ nothing }').codes()).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  await post(app, '{ viewer { id } }');
  const stranger = await useRawClient(app);
  stranger.send({ type: 'connection_init', payload: { authorization: 'Bearer wrong' } });
  expect(await stranger.closed).toMatchObject({ code: 4401 });
  expect(await countsOf(app, 'dms_live_errors_total')).toEqual({
    FORBIDDEN: 4,
    GRAPHQL_VALIDATION_FAILED: 1,
    UNAUTHENTICATED: 2,
  });
});

test('cursors are counted by what became of them', async () => {
  const app = await useApp();
  const resumer = await useResumer(app, await people.head());
  const operation = resumer.run(STORAGE);
  const after = await operation.position();
  await publishAll(app, ['1', '2']);
  await operation.take(2);
  expect(await resumer.run(STORAGE, { after }).take(2)).toEqual(['1', '2']);
  expect(await resumer.run(STORAGE, { after: 'garbage' }).codes()).toEqual(['CURSOR_EXPIRED']);
  expect(await resumer.run(STORAGE, { after: 5 }).codes()).toEqual(['BAD_USER_INPUT']);
  expect(await countsOf(app, 'dms_live_resumes_total')).toEqual({ resumed: 1, expired: 1, refused: 1 });
});

test.each<[error: unknown, reason: string]>([
  [undefined, 'completed'],
  [new LiveError('CURSOR_EXPIRED', ''), 'lost'],
  [new GraphQLError('', { extensions: { code: 'CURSOR_EXPIRED' } }), 'lost'],
  [new LiveError('SERVICE_UNAVAILABLE', ''), 'unavailable'],
  [new SlowReaderError(), 'slow'],
  [new Error('a fault'), 'failed'],
])('a subscription that ends by %s has the reason %s, once', (error, reason) => {
  const ends: string[] = [];
  const endings = new Endings(
    { subscriptionEnded: (end) => ends.push(end), resumed: (outcome) => ends.push(outcome) },
    false,
  );
  endings.begin();
  endings.end(error);
  endings.end(new Error('again'));
  expect(ends).toEqual([reason]);
});

test('the way of an event is measured in its stages, and the way to Redis and back', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const client = await useSignedInRawClient(app, await people.head());
  client.send({ id: '1', type: 'subscribe', payload: { query: STORAGE } });
  await client.nextPing(); // its position: from here on it gets every event
  const occurredAt = new Date(Date.now() - 40_000).toISOString();
  for (const id of ['1', '2']) {
    await publish(app, id, { event: messages.storage({}, { occurredAt }) });
    expect(await client.next()).toMatchObject({ type: 'next' });
  }
  const read = async (name: string) => (await readMetrics(app)).get(name) ?? 0;
  await until(async () => (await read('dms_live_stage_seconds_count{stage="receive"}')) > 0);
  // The second came within the same second, in which one is looked up.
  expect(await read('dms_live_stage_seconds_count{stage="append"}')).toBe(1);
  expect(await read('dms_live_stage_seconds_count{stage="receive"}')).toBe(1);
  expect(await read('dms_live_stage_seconds_count{stage="write"}')).toBe(2);
  const late = await read('dms_live_stage_seconds_sum{stage="append"}');
  expect(late).toBeGreaterThanOrEqual(40);
  expect(late).toBeLessThan(60);
  for (const stage of ['receive', 'write']) {
    const seconds = await read(`dms_live_stage_seconds_sum{stage="${stage}"}`);
    expect(seconds).toBeGreaterThanOrEqual(0);
    expect(seconds).toBeLessThan(20);
  }
  expect(await read('dms_live_pubsub_round_trip_seconds_count')).toBe(1);

  vi.advanceTimersByTime(3000);
  for (const role of ['commands', 'subscriber'])
    await until(async () => (await read(`dms_live_redis_round_trip_seconds_count{role="${role}"}`)) === 1);
  await until(async () => (await read('dms_live_pubsub_round_trip_seconds_count')) === 2);
  await publish(app, '3', { event: messages.storage({}, { occurredAt }) });
  await until(async () => (await read('dms_live_stage_seconds_count{stage="append"}')) === 2);
});

test('a snapshot from before its subscribers came is no late event', async () => {
  const app = await useApp({ KPI_INTERVAL_MS: '0' });
  await app.bus.publish(
    'dms:kpis:unit:5',
    JSON.stringify(messages.kpis({ computedAt: '2020-01-01T00:00:00Z' })),
  );
  await until(async () => (await readMetrics(app)).has('dms_live_events_received_total{kind="kpis"}'));
  const client = await useSignedInRawClient(app, await people.head());
  client.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { dashboardKpis { id } }' } });
  expect(await client.next()).toMatchObject({ type: 'next' });
  const metrics = await readMetrics(app);
  expect(metrics.get('dms_live_events_delivered_total{kind="kpis"}')).toBe(1);
  expect(metrics.get('dms_live_delivery_seconds_count')).toBe(0);
  expect(metrics.get('dms_live_stage_seconds_count{stage="write"}')).toBe(0);
});
