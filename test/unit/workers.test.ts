/** What the supervisor makes of several workers, by itself. test/faults/workers.test.ts runs real ones. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/metrics.ts';
import { openChannel } from '../../src/workers/channel.ts';
import { createRestarts } from '../../src/workers/restarts.ts';
import { createTotalMetrics } from '../../src/workers/total-metrics.ts';
import { totalReadiness } from '../../src/workers/total-readiness.ts';
import { parseMetrics } from '../support/metrics.ts';

const READINGS = {
  connections: 2,
  subscriptions: 3,
  audiences: 1,
  openTopics: 4,
  outboxBytes: 0,
  redisUp: true,
  troubles: new Map(),
};

/** The metrics of a worker that executed this number of events. */
async function metricsOf(executions: number, readings: Partial<typeof READINGS> = {}) {
  const metrics = createMetrics();
  for (let count = 0; count < executions; count += 1) metrics.executed();
  metrics.delivered(
    [{ kind: 'crate', occurredAt: Date.now(), receivedAt: performance.now(), traced: undefined }],
    executions,
  );
  metrics.close();
  return metrics.toJson({ ...READINGS, ...readings });
}

describe('the metrics of all workers', () => {
  test('are sums, except that the worst worker counts for what is wrong', async () => {
    const troubles = new Map([['redis-deaf' as const, {}]]);
    const first = await metricsOf(1);
    const second = await metricsOf(2, { connections: 5, redisUp: false, troubles });
    const workers = [
      { number: 1, metrics: first },
      { number: 2, metrics: second },
    ];
    const { contentType, text } = await createTotalMetrics().render(async () => workers, 2);
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    const total = parseMetrics(text);
    expect(total.get('dms_live_connections')).toBe(7);
    expect(total.get('dms_live_open_topics')).toBe(8);
    expect(total.get('dms_live_executions_total')).toBe(3);
    expect(total.get('dms_live_events_delivered_total{kind="crate"}')).toBe(3);
    expect(total.get('dms_live_delivery_seconds_count')).toBe(2);
    expect(total.get('dms_live_delivery_seconds_bucket{le="+Inf"}')).toBe(2);
    expect(total.get('dms_live_redis_up')).toBe(0);
    expect(total.get('dms_live_trouble{trouble="redis-deaf"}')).toBe(1);
    expect(total.get('dms_live_trouble{trouble="redis-evicts"}')).toBe(0);
    expect(total.get('dms_live_workers')).toBe(2);
    expect(total.get('dms_live_worker_connections{worker="2"}')).toBe(5);
    expect(total.get('process_resident_memory_bytes')).toBeGreaterThan(2 * process.memoryUsage.rss() * 0.9);
  });

  test('never fall when a worker ends, also if it ends while it is asked', async () => {
    const totals = createTotalMetrics();
    const ended = await metricsOf(5);
    const live = { number: 2, metrics: await metricsOf(1) };
    const executions = async (collect: Parameters<typeof totals.render>[0]) =>
      parseMetrics((await totals.render(collect, 1)).text).get('dms_live_executions_total');
    const asked = await executions(async () => {
      totals.retire(ended);
      return [live, { number: 1, metrics: ended }];
    });
    expect(asked).toBe(6);
    expect(await executions(async () => [live])).toBe(6);
    totals.retire(live.metrics);
    totals.restarted();
    const { text } = await totals.render(async () => [], 0);
    const total = parseMetrics(text);
    expect(total.get('dms_live_executions_total')).toBe(6);
    expect(total.get('dms_live_delivery_seconds_count')).toBe(2);
    expect(total.get('dms_live_worker_restarts_total')).toBe(1);
    expect(total.has('dms_live_connections')).toBe(false); // nobody is connected to a worker that has ended
    expect(text).not.toContain('worker="');
  });
});

describe('the readiness of all workers', () => {
  const ready = { ready: true };
  const of = (...all: readonly { ready: boolean; reason?: string; warnings?: readonly string[] }[]) =>
    all.map((readiness, index) => ({ number: index + 1, readiness }));

  test('is that of each worker that takes connections', () => {
    expect(totalReadiness(of(ready, ready), 2)).toEqual({ ready: true });
    expect(totalReadiness(of(ready, { ready: false, reason: 'deaf' }), 2)).toEqual({
      ready: false,
      reason: 'worker 2: deaf',
    });
    expect(totalReadiness([], 2)).toEqual({ ready: false, reason: 'no worker is listening' });
  });

  test('says once what all say, and warns of workers that are missing', () => {
    const deaf = { ready: false, reason: 'deaf', warnings: ['evicts'] };
    expect(totalReadiness(of(deaf, deaf), 2)).toEqual({ ready: false, reason: 'deaf', warnings: ['evicts'] });
    expect(totalReadiness(of(ready), 2)).toEqual({
      ready: true,
      warnings: ['1 of 2 workers do not listen'],
    });
  });
});

test('a worker that dies again and again is started later each time, and is hopeless after half a minute', () => {
  const { died } = createRestarts();
  const delays = Array.from({ length: 9 }, () => died(10));
  expect(delays.slice(0, 3)).toEqual([100, 200, 400]);
  expect(Math.max(...delays.map(Number))).toBeLessThanOrEqual(30_000);
  expect(died(10)).toBeUndefined();
  expect(died(60_000)).toBe(100); // it lived
});

describe('the channel between supervisor and worker', () => {
  class End extends EventEmitter {
    other: End | undefined;
    send(message: object, callback: (error: Error | null) => void): boolean {
      setImmediate(() => this.other?.emit('message', structuredClone(message)));
      callback(null);
      return true;
    }
  }

  test('matches answers with questions, and gives up on those that do not come', async () => {
    const [left, right] = [new End(), new End()];
    left.other = right;
    const news: unknown[] = [];
    const one = openChannel(left, {}, {});
    openChannel(
      right,
      { slow: () => new Promise(() => undefined), two: () => 2, three: async () => 3 },
      {
        news: (details) => void news.push(details),
      },
    );
    right.other = left;
    await one.say('news', 'first');
    expect(await Promise.all([one.ask('three'), one.ask('two')])).toEqual([3, 2]);
    expect(news).toEqual(['first']);
    await expect(one.ask('slow', 1)).rejects.toThrow('no answer');
    left.other = undefined; // gone
    await expect(one.ask('two', 1)).rejects.toThrow('no answer');
  });
});
