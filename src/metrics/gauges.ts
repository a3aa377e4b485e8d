import { readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { type Aggregator, Counter, Gauge, type Registry } from 'prom-client';
import { TROUBLES, type TroubleName } from '../health.ts';

/** What is asked for when the metrics are read. */
export interface Readings {
  readonly connections: number;
  readonly subscriptions: number;
  readonly audiences: number;
  readonly openTopics: number;
  readonly outboxBytes: number;
  readonly redisUp: boolean;
  readonly troubles: ReadonlyMap<TroubleName, unknown>;
}

/** Each gauge says how the values of several workers become one. Counters and histograms are added. */
const gaugesIn =
  (registers: Registry[]) =>
  (name: string, help: string, aggregator: Aggregator): Gauge =>
    new Gauge({ name, help, aggregator, registers });

export function createGauges(registers: Registry[]): (readings: Readings, loopLagSeconds: number) => void {
  const gauge = gaugesIn(registers);
  const connections = gauge('dms_live_connections', 'Open WebSockets and event streams.', 'sum');
  const subscriptions = gauge('dms_live_subscriptions', 'Running subscriptions.', 'sum');
  const audiences = gauge(
    'dms_live_audiences',
    'Shared executions: groups of subscriptions that may see the same.',
    'sum',
  );
  const openTopics = gauge('dms_live_open_topics', 'Topics listened to.', 'sum');
  const outboxBytes = gauge('dms_live_outbox_bytes', 'Bytes that wait for clients to read.', 'sum');
  const redisUp = gauge('dms_live_redis_up', 'Whether Redis answers: 1 or 0.', 'min');
  const trouble = new Gauge({
    name: 'dms_live_trouble',
    help: 'What ails this process, as /ready says it: 1 or 0 for each trouble there can be.',
    labelNames: ['trouble'] as const,
    aggregator: 'max',
    registers,
  });
  const lag = gauge(
    'dms_live_event_loop_lag_seconds',
    'Event-loop delay since the last reading: the 99th percentile.',
    'max',
  );
  const setLimits = createLimitGauges(registers);
  const setProcess = createProcessGauges(registers);
  return (readings, loopLagSeconds) => {
    connections.set(readings.connections);
    subscriptions.set(readings.subscriptions);
    audiences.set(readings.audiences);
    openTopics.set(readings.openTopics);
    outboxBytes.set(readings.outboxBytes);
    redisUp.set(readings.redisUp ? 1 : 0);
    for (const name of TROUBLES) trouble.set({ trouble: name }, readings.troubles.has(name) ? 1 : 0);
    lag.set(loopLagSeconds);
    setProcess();
    setLimits();
  };
}

/** What a process takes, by the names that Prometheus' clients give them. The supervisor of several workers has them as well. */
export function createProcessGauges(registers: Registry[]): () => void {
  const gauge = gaugesIn(registers);
  const resident = gauge('process_resident_memory_bytes', 'Resident memory of this process.', 'sum');
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time that this process has used.',
    registers,
  });
  const started = gauge(
    'process_start_time_seconds',
    'When this process began, in seconds since 1970.',
    'min',
  );
  started.set(Math.round(performance.timeOrigin / 1000));
  return () => {
    const { user, system } = process.cpuUsage();
    resident.set(process.memoryUsage.rss());
    cpu.reset();
    cpu.inc((user + system) / 1e6);
  };
}

/** How near this process is to its limits. */
function createLimitGauges(registers: Registry[]): () => void {
  const gauge = gaugesIn(registers);
  const heap = gauge('dms_live_heap_bytes', 'Memory that JavaScript objects of this process take.', 'max');
  const heapLimit = gauge(
    'dms_live_heap_limit_bytes',
    'The most that they may take: then the process ends.',
    'min',
  );
  const maxFiles = gauge(
    'process_max_fds',
    'How many files and connections this process may open; 0: that is unknown.',
    'sum',
  );
  maxFiles.set(mostOpenFiles());
  return () => {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    heap.set(used);
    heapLimit.set(limit);
  };
}

/** Linux says it; elsewhere it is unknown. */
function mostOpenFiles(): number {
  try {
    return Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
