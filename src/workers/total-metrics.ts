import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client';
import { createProcessGauges } from '../metrics/gauges.ts';
import type { MetricsText } from '../transport/probes.ts';

/** The metrics of a process as data, by `Registry.getMetricsAsJSON`. */
export type MetricsJson = readonly object[];

/** The metrics of one worker. */
export interface WorkerMetrics {
  readonly number: number;
  readonly metrics: MetricsJson;
}

/** The metrics of all workers as those of one server. */
export interface TotalMetrics {
  /** Keeps what a worker that has ended had counted. Otherwise the totals would fall, and a collector would take that for a restart of everything. */
  retire(metrics: MetricsJson): void;
  /** A worker died, and another takes over. */
  restarted(): void;
  /** @param collect asks the workers that live. */
  render(collect: () => Promise<readonly WorkerMetrics[]>, listening: number): Promise<MetricsText>;
}

/** Gauges of which the values of the single workers say more than their total, and their names by worker. */
const BY_WORKER = [
  {
    of: 'dms_live_connections',
    name: 'dms_live_worker_connections',
    help: 'Open WebSockets and event streams of a worker.',
  },
  {
    of: 'dms_live_event_loop_lag_seconds',
    name: 'dms_live_worker_event_loop_lag_seconds',
    help: 'Event-loop delay of a worker since the last reading: the 99th percentile.',
  },
  {
    of: 'process_resident_memory_bytes',
    name: 'dms_live_worker_resident_memory_bytes',
    help: 'Resident memory of a worker.',
  },
] as const;

export function createTotalMetrics(): TotalMetrics {
  const registry = new Registry();
  const registers = [registry];
  const listening = new Gauge({
    name: 'dms_live_workers',
    help: 'Workers that take new connections.',
    registers,
  });
  const restarts = new Counter({
    name: 'dms_live_worker_restarts_total',
    help: 'Workers that died and were replaced.',
    registers,
  });
  const setProcess = createProcessGauges(registers); // the supervisor is a part of the server
  const byWorker = BY_WORKER.map(({ of, name, help }) => ({
    of,
    gauge: new Gauge({ name, help, labelNames: ['worker'] as const, registers }),
  }));
  let retired: Promise<MetricsJson> = Promise.resolve([]);

  return {
    retire(metrics) {
      retired = retired.then((before) => add([before, metrics.filter(isCount)]).getMetricsAsJSON());
    },
    restarted: () => restarts.inc(),
    async render(collect, count) {
      const before = retired; // a worker that ends while it is asked must not count twice
      const workers = await collect();
      listening.set(count);
      setProcess();
      for (const { of, gauge } of byWorker) {
        gauge.reset();
        for (const { number, metrics } of workers) {
          const value = readGauge(metrics, of);
          if (value !== undefined) gauge.set({ worker: `${number}` }, value);
        }
      }
      const all = [...workers.map(({ metrics }) => metrics), await before, await registry.getMetricsAsJSON()];
      return { contentType: registry.contentType, text: await add(all).metrics() };
    },
  };
}

/** Each gauge says how (`aggregator`); counters and histograms are added. */
const add = (all: readonly MetricsJson[]): Registry => AggregatorRegistry.aggregate([...all]);

/** Counters and histograms go on when their worker has ended. A gauge says how things are now. */
function isCount(metric: object): boolean {
  return 'type' in metric && metric.type !== 'gauge';
}

/** The value of a gauge without labels. */
function readGauge(metrics: MetricsJson, name: string): number | undefined {
  const metric = metrics.find((known) => 'name' in known && known.name === name);
  if (metric === undefined || !('values' in metric) || !Array.isArray(metric.values)) return undefined;
  const value: unknown = metric.values[0]?.value;
  return typeof value === 'number' ? value : undefined;
}
