/** What watches an installation: each alert fires when it should, and names only what there is. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { TROUBLES } from '../../src/health.ts';
import { useApp } from '../support/app.ts';
import { post, useSignedInRawClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readMetrics } from '../support/metrics.ts';
import { until, useRedis } from '../support/redis.ts';
import { STORAGE, useResumer } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';
import { DEPLOY, textOf, yamlOf } from './support/files.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROMETHEUS = join(DEPLOY, 'prometheus');

const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.object({ severity: z.enum(['warning', 'critical']) }),
          annotations: z.object({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});
const alerts = rules.parse(yamlOf('prometheus/alerts.yml')[0]).groups.flatMap(({ rules: all }) => all);
const dashboardText = textOf('grafana/dashboards/dms-live.json');
const dashboard = z
  .object({ panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })).default([]) })) })
  .parse(JSON.parse(dashboardText));
const panelQueries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

const promtool = (...words: string[]) => spawnSync('promtool', words, { cwd: PROMETHEUS, encoding: 'utf8' });
const isThere = promtool('--version').status === 0;

/** What Prometheus and its node exporter say, Prometheus' own alerts, and what only the supervisor of several workers says. */
const OF_OTHERS = ['up', 'ALERTS', 'node_textfile_mtime_seconds', 'dms_live_worker_restarts_total'];
const METRIC = /\b(?:dms_live_\w+|process_\w+|node_\w+|up|ALERTS)\b(?=[^\w(]|$)/g;

/** The names in `manage.py live_status --prometheus`. */
function metricsOfDjango(): readonly string[] {
  const source = readFileSync(join(ROOT, 'django/dms_live/management/commands/live_status.py'), 'utf8');
  const figures = /figures = \{([\s\S]*?)\n {4}\}/.exec(source)?.[1] ?? '';
  return [...figures.matchAll(/^ +"(\w+)": \(/gm)].map(([, name]) => `dms_live_django_${name}`);
}

/** `series` by labels, as text: `dms_live_trouble{trouble="redis-deaf"}`. */
async function useSeries(): Promise<ReadonlySet<string>> {
  const app = await useApp();
  const client = await useSignedInRawClient(app, await people.head());
  client.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { storageUpdated { id } }' } });
  await client.nextPing();
  await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage()));
  await client.next();
  await app.bus.publish('dms:storage:unit:5', '{}');
  await until(async () => (await readMetrics(app)).has('dms_live_events_rejected_total{kind="storage"}'));
  return new Set((await readMetrics(app)).keys());
}

test('alerts and dashboard name only metrics, and words of their labels, that there are', async () => {
  const series = await useSeries();
  const names = new Set([...series].map((one) => one.replace(/\{.*/, '')));
  const known = new Set([...names, ...metricsOfDjango(), ...OF_OTHERS]);
  expect(metricsOfDjango().length).toBeGreaterThan(5);
  const queries = [...alerts.map(({ expr }) => expr), ...panelQueries];
  expect(queries.length).toBeGreaterThan(40);
  const named = new Set(queries.flatMap((query) => query.match(METRIC) ?? []));
  expect([...named].filter((name) => !known.has(name))).toEqual([]);

  const selectors = queries.flatMap((query) => [...query.matchAll(/(dms_live_\w+)\{([^}]*)\}/g)]);
  const words = selectors.flatMap(([, name = '', labels = '']) =>
    [...labels.matchAll(/(\w+)="([^"]+)"/g)].map(([, label, word]) => `${name} ${label}="${word}"`),
  );
  expect(words.length).toBeGreaterThan(8);
  const there = [...series].flatMap((one) =>
    (one.match(/\w+="[^"]*"/g) ?? []).map((pair) => `${one.replace(/\{.*/, '')} ${pair}`),
  );
  expect(words.filter((word) => !there.includes(word))).toEqual([]);
});

test('each trouble that a process can have makes an alert', () => {
  const watched = alerts.flatMap(({ expr }) =>
    [...expr.matchAll(/trouble="([\w-]+)"/g)].map(([, name]) => name),
  );
  expect(new Set(watched)).toEqual(new Set(TROUBLES));
});

test('each alert has its section in the runbook, and each section its alert', () => {
  const headings = [...readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8').matchAll(/^## (.*)$/gm)];
  expect(headings.map(([, name]) => name)).toEqual(alerts.map(({ alert }) => alert));
  for (const { alert, annotations } of alerts)
    expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
});

test('Grafana finds the data source and the dashboard', () => {
  const [sources] = yamlOf('grafana/provisioning/datasources/prometheus.yml');
  const { datasources } = z.object({ datasources: z.array(z.object({ uid: z.string() })) }).parse(sources);
  const used = new Set([...dashboardText.matchAll(/"uid": "([^"]+)"/g)].map(([, uid]) => uid));
  expect(used).toEqual(new Set(['dms-live', ...datasources.map(({ uid }) => uid)]));
});

describe.skipIf(!isThere)('with promtool', () => {
  test('the configuration is valid', () => {
    expect(promtool('check', 'config', 'prometheus.yml')).toMatchObject({ status: 0 });
  });

  test('each alert fires in its fault, and none in a calm installation', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', 'alerts.test.yml');
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
    const expected = [...textOf('prometheus/alerts.test.yml').matchAll(/alertname="(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(expected).toEqual(alerts.map(({ alert }) => alert));
  });

  test('what a real server says in real faults fires the alerts, and none before', async () => {
    const redis = await useRedis();
    const app = await useApp({ REDIS_URL: redis.url });
    const client = await useSignedInRawClient(app, await people.head());
    client.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { storageUpdated { id } }' } });
    await client.nextPing();
    const calm = await readMetrics(app);

    const tooOld = messages.storage({}, { occurredAt: '2020-01-01T00:00:00Z' });
    await redis.client.publish('dms:storage:unit:5', JSON.stringify(tooOld));
    await client.next();
    await redis.client.publish('dms:storage:unit:5', 'not JSON');
    for (let count = 0; count < 20; count += 1)
      await post(app, '{ viewer { id } }', { token: 'not a token' });
    await until(async () => (await readMetrics(app)).has('dms_live_events_rejected_total{kind="storage"}'));
    const resumer = await useResumer(app, await people.head());
    for (let count = 0; count < 6; count += 1)
      expect(await resumer.run(STORAGE, { after: 'lost' }).codes()).toEqual(['CURSOR_EXPIRED']);
    await redis.client.publish('dms:storage:unit:5', `@1-1 - 0123456789abcdef\n${JSON.stringify(tooOld)}`);
    await until(
      async () => (await readMetrics(app)).get('dms_live_trouble{trouble="foreign-publisher"}') === 1,
    );
    await redis.kill();
    await until(async () => (await readMetrics(app)).get('dms_live_redis_up') === 0);
    const faulty = await readMetrics(app);

    expect(firing(calm, calm)).toEqual([]);
    expect(firing(calm, faulty)).toEqual([
      'DmsLiveEventsLate',
      'DmsLiveEventsLost',
      'DmsLiveEventsRefused',
      'DmsLiveForeignPublisher',
      'DmsLiveRedisLost',
      'DmsLiveTokensRefused',
    ]);
  });
});

type Scrape = Awaited<ReturnType<typeof readMetrics>>;

/** They depend on how busy this machine is. The sums are in no alert. */
const LEFT_OUT = /event_loop_lag|redis_round_trip|_sum(\{|$)/;
const COUNTS = /_(total|bucket|count)(\{|$)/;

/** The alerts that fire when a server says `before` for five minutes, and then each minute again what happened until `after`. */
function firing(before: Scrape, after: Scrape): readonly string[] {
  const input = [...new Set([...before.keys(), ...after.keys()])]
    .filter((series) => !LEFT_OUT.test(series))
    .map((series) => {
      const [name = '', labels = ''] = series.split(/[{}]/);
      const [first, then] = [before.get(series), after.get(series) ?? 0];
      const step = COUNTS.test(series) ? then - (first ?? 0) : 0;
      return {
        series: `${name}{${['job="dms-live"', 'instance="real"', labels].filter((label) => label !== '').join()}}`,
        values: `${first ?? '_'}x5 ${then}+${step}x10`,
      };
    });
  const around = ['up{job="dms-live"}', 'dms_live_django_outbox_pending'];
  const test = {
    interval: '1m',
    input_series: [...input, ...around.map((series) => ({ series, values: '1x20' }))],
    promql_expr_test: [{ expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: '14m' }],
  };
  const file = join(mkdtempSync(join(tmpdir(), 'dms-live-alerts-')), 'real.test.yml');
  const rule_files = [join(PROMETHEUS, 'alerts.yml')];
  writeFileSync(file, JSON.stringify({ rule_files, evaluation_interval: '1m', tests: [test] }));
  const { stdout, stderr } = promtool('test', 'rules', file); // it says what fires, since nothing is expected
  rmSync(dirname(file), { recursive: true });
  return [...(stdout + stderr).matchAll(/alertname="(\w+)"/g)].map(([, name = '']) => name).toSorted();
}
