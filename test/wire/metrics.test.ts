/** The numbers that the operator sees. They reveal nothing about a person. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { useSignedInRawClient, useStream } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readMetrics } from '../support/metrics.ts';
import { until, useRedis } from '../support/redis.ts';
import { publishAll, useResumer } from '../support/resuming.ts';
import { people, signToken } from '../support/tokens.ts';

const STORAGE = 'subscription { storageUpdated { id } }';

const publish = (app: App, topic: string, message: unknown): Promise<void> =>
  app.bus.publish(topic, typeof message === 'string' ? message : JSON.stringify(message));
const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } });

/** The type of each metric. */
const METRICS: Record<string, 'counter' | 'gauge' | 'histogram'> = {
  dms_live_connections: 'gauge',
  dms_live_subscriptions: 'gauge',
  dms_live_trouble: 'gauge',
  dms_live_audiences: 'gauge',
  dms_live_open_topics: 'gauge',
  dms_live_outbox_bytes: 'gauge',
  dms_live_redis_up: 'gauge',
  dms_live_event_loop_lag_seconds: 'gauge',
  dms_live_heap_bytes: 'gauge',
  dms_live_heap_limit_bytes: 'gauge',
  process_resident_memory_bytes: 'gauge',
  process_start_time_seconds: 'gauge',
  process_max_fds: 'gauge',
  process_cpu_seconds_total: 'counter',
  dms_live_events_received_total: 'counter',
  dms_live_events_rejected_total: 'counter',
  dms_live_events_delivered_total: 'counter',
  dms_live_executions_total: 'counter',
  dms_live_foreign_messages_total: 'counter',
  dms_live_slow_clients_closed_total: 'counter',
  dms_live_refused_total: 'counter',
  dms_live_refused_tokens_total: 'counter',
  dms_live_issuer_keys_failures_total: 'counter',
  dms_live_errors_total: 'counter',
  dms_live_resumes_total: 'counter',
  dms_live_session_ends_total: 'counter',
  dms_live_subscription_ends_total: 'counter',
  dms_live_delivery_seconds: 'histogram',
  dms_live_stage_seconds: 'histogram',
  dms_live_pubsub_round_trip_seconds: 'histogram',
  dms_live_redis_round_trip_seconds: 'histogram',
};

/** A server after a small scenario: four subscribers, three audiences, and events. Some events are refused. */
async function useScene(): Promise<App> {
  const app = await useApp({ KPI_INTERVAL_MS: '0' });
  const [head, colleague] = [await people.head(), await signToken({ user_id: 4711, role: 'Confidential' })];
  const client = await useSignedInRawClient(app, head);
  client.send(subscribe('1', STORAGE));
  client.send(subscribe('2', 'subscription { crateUpdated { id } }'));
  const other = await useSignedInRawClient(app, colleague);
  other.send(subscribe('1', STORAGE));
  other.send(subscribe('kpis', 'subscription { dashboardKpis { id } }'));
  const stream = await useStream(app, STORAGE, head);
  await until(() => app.stats().subscriptions === 5);

  for (const id of ['s1', 's2']) {
    await publish(
      app,
      'dms:storage:unit:5',
      messages.storage({}, { id, occurredAt: new Date().toISOString() }),
    );
    expect(await client.next()).toMatchObject({ id: '1' });
    expect(await other.next()).toMatchObject({ id: '1' });
    expect((await stream.next())?.data?.data).toEqual({ storageUpdated: { id } });
  }
  await publish(app, 'dms:crate:unit:5', messages.crate());
  expect(await client.next()).toMatchObject({ id: '2' });
  await publish(app, 'dms:kpis:unit:5', messages.kpis());
  expect(await other.next()).toMatchObject({ id: 'kpis' });
  await publish(app, 'dms:storage:unit:5', 'not JSON');
  await publish(app, 'dms:storage:unit:5', messages.storage({ unitId: 7 }));
  return app;
}

test('/metrics is in Prometheus’ text format, with a help and a type for each metric', async () => {
  const app = await useScene();
  const response = await fetch(`${app.url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  expect(text.endsWith('\n')).toBe(true);

  const types = new Map<string, string>();
  const helped = new Set<string>();
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((written) => written !== '')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') helped.add(name);
    else if (keyword === 'TYPE') types.set(name, rest);
    else {
      const series =
        /^([a-zA-Z_:][\w:]*?)(?:_bucket|_sum|_count)?(?:\{(?:[a-z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (?:[-+]?[\d.]+(?:e[-+]?\d+)?|NaN|[-+]Inf)$/i.exec(
          line,
        );
      expect(series, line).not.toBeNull();
      const metric = series?.[1] ?? '';
      expect([metric, types.has(metric), helped.has(metric)]).toEqual([metric, true, true]);
      seen.add(metric);
    }
  }
  expect(Object.fromEntries(types)).toEqual(METRICS);
  expect(seen).toEqual(new Set(Object.keys(METRICS)));
});

test('the numbers match what happened', async () => {
  const app = await useScene();
  const metrics = await readMetrics(app);
  expect(
    Object.fromEntries(
      [...metrics].filter(([series]) =>
        /^dms_live_(?!\w+_seconds|heap|trouble|refused|\w+_ends|errors|resumes)/.test(series),
      ),
    ),
  ).toEqual({
    dms_live_connections: 3,
    dms_live_subscriptions: 5,
    dms_live_audiences: 3,
    dms_live_open_topics: 5, // those of the three audiences, and two of the server itself for KPIs
    dms_live_outbox_bytes: 0,
    dms_live_redis_up: 1,
    'dms_live_events_received_total{kind="storage"}': 2,
    'dms_live_events_received_total{kind="crate"}': 1,
    'dms_live_events_received_total{kind="kpis"}': 1,
    'dms_live_events_rejected_total{kind="storage"}': 2,
    'dms_live_events_delivered_total{kind="storage"}': 6,
    'dms_live_events_delivered_total{kind="crate"}': 1,
    'dms_live_events_delivered_total{kind="kpis"}': 1,
    dms_live_executions_total: 4,
    dms_live_foreign_messages_total: 0,
    dms_live_slow_clients_closed_total: 0,
    dms_live_issuer_keys_failures_total: 0,
  });
  expect(metrics.get('dms_live_delivery_seconds_count')).toBe(4);
  expect(metrics.get('dms_live_delivery_seconds_bucket{le="+Inf"}')).toBe(4);
  expect(metrics.get('dms_live_stage_seconds_count{stage="write"}')).toBe(4);
  expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  expect(metrics.get('dms_live_heap_bytes')).toBeGreaterThan(1_000_000);
  expect(metrics.get('dms_live_heap_limit_bytes')).toBeGreaterThan(metrics.get('dms_live_heap_bytes') ?? 0);
  expect(metrics.get('process_max_fds')).toBeGreaterThan(100);
  expect(metrics.get('process_cpu_seconds_total')).toBeGreaterThan(0.01);
  expect(metrics.get('dms_live_event_loop_lag_seconds')).toBeGreaterThanOrEqual(0);
});

test('an event that is read again, to resume or to open its topic, counts as received once', async () => {
  const app = await useApp({ RECENT_BYTES: '0' });
  const token = await people.head();
  const received = async () => (await readMetrics(app)).get('dms_live_events_received_total{kind="storage"}');
  const operation = (await useResumer(app, token)).run(STORAGE);
  const start = await operation.position();
  await publishAll(app, ['1', '2', '3']);
  await operation.take(3);
  operation.stop();
  await until(() => app.stats().subscriptions === 0);
  expect(await received()).toBe(3);
  const again = (await useResumer(app, token)).run(STORAGE, { after: start });
  expect(await again.take(3)).toEqual(['1', '2', '3']);
  expect(await received()).toBe(3);
});

test('a KPI snapshot that a newer one replaced does not count as delivered', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const app = await useApp({ KPI_INTERVAL_MS: '500' });
  const client = await useSignedInRawClient(app, await people.head());
  client.send(subscribe('kpis', 'subscription { dashboardKpis { id } }'));
  await until(() => app.stats().subscriptions === 1);
  for (const id of ['1', '2', '3', '4']) {
    await publish(app, 'dms:kpis:unit:5', messages.kpis({ id }));
    await until(async () => (await readMetrics(app)).get('dms_live_executions_total') === Number(id));
  }
  vi.advanceTimersByTime(500);
  for (const id of ['1', '4'])
    expect(await client.next()).toMatchObject({ payload: { data: { dashboardKpis: { id } } } });
  expect((await readMetrics(app)).get('dms_live_events_delivered_total{kind="kpis"}')).toBe(2);
});

test('the labels are closed sets of words, and nothing reveals users, units or topics', async () => {
  const app = await useScene();
  await publish(app, 'dms:request:unit:5', 'bad');
  const text = await (await fetch(`${app.url}/metrics`)).text();
  const labels = new Set([...text.matchAll(/([a-zA-Z_]\w*)="([^"]*)"/g)].map(([, name]) => name));
  expect(labels).toEqual(
    new Set(['code', 'kind', 'le', 'limit', 'outcome', 'reason', 'role', 'stage', 'trouble']),
  );
  const kinds = new Set([...text.matchAll(/kind="([^"]*)"/g)].map(([, kind]) => kind));
  expect(kinds).toEqual(new Set(['storage', 'crate', 'kpis']));
  const limits = new Set([...text.matchAll(/limit="([^"]*)"/g)].map(([, limit]) => limit));
  expect(limits).toEqual(new Set(['sockets', 'requests', 'strangers', 'connections', 'tokens', 'messages']));
  for (const secret of ['4711', 'Confidential', 'dms:', 'unit:', 'Section Head', 'Noor'])
    expect(text).not.toContain(secret);
});

test('an unknown topic and an unreachable Redis are visible', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const admin = await useSignedInRawClient(app, await people.admin());
  admin.send(subscribe('1', 'subscription { storageUpdated { id } }'));
  await until(async () => Number(await redis.client.pubsub('NUMPAT')) === 2);
  await redis.client.publish('dms:storage:unit:not an id', '{}');
  await until(
    async () => (await readMetrics(app)).get('dms_live_events_rejected_total{kind="unknown"}') === 1,
  );
  expect((await readMetrics(app)).get('dms_live_redis_up')).toBe(1);
  await redis.kill();
  await until(async () => (await readMetrics(app)).get('dms_live_redis_up') === 0);
});

test('gauges are back to 0 when all clients have left', async () => {
  const app = await useApp();
  const token = await people.head();
  const client = await useSignedInRawClient(app, token);
  client.send(subscribe('1', STORAGE));
  const stream = await useStream(app, STORAGE, token);
  await until(() => app.stats().subscriptions === 2);
  client.socket.terminate();
  stream.close();
  await until(() => app.stats().connections === 0 && app.stats().subscriptions === 0);
  const metrics = await readMetrics(app);
  for (const name of ['connections', 'subscriptions', 'audiences', 'outbox_bytes'])
    expect([name, metrics.get(`dms_live_${name}`)]).toEqual([name, 0]);
});
