import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Aggregator, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { TOKEN_REFUSALS, type TokenRefusal } from './auth/refused-token.ts';
import type { ExecutedEvent } from './graphql/context.ts';
import { TROUBLES, type TroubleName } from './health.ts';
import { LIMITS, type LimitName } from './transport/admission/places.ts';
import type { MetricsText } from './transport/probes.ts';

/** What the server counts for its operator. No label grows with users, units or topics. */
export interface Metrics {
  eventReceived(kind: string): void;
  eventRejected(kind: string): void;
  /** Somebody else's message came on our topics. */
  foreignMessage(): void;
  executed(): void;
  /** @param members how many clients got each. */
  delivered(events: readonly ExecutedEvent[], members: number): void;
  slowClientClosed(): void;
  /** Somebody was over a limit, and refused or sent away. */
  refused(limit: LimitName): void;
  tokenRefused(reason: TokenRefusal): void;
  issuerKeysFailed(): void;
  /** In Prometheus' text format. */
  render(readings: Readings): Promise<MetricsText>;
  /** The same as data, which the supervisor of several workers adds up. */
  toJson(readings: Readings): Promise<readonly object[]>;
  close(): void;
}

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

const LATENCY_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const NANOSECONDS = 1e-9;

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const byKind = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['kind'] as const, registers });
  const received = byKind('dms_live_events_received_total', 'Events that came in and passed the contract.');
  const rejected = byKind('dms_live_events_rejected_total', 'Messages that broke the contract.');
  const delivered = byKind(
    'dms_live_events_delivered_total',
    'Events handed to clients, counted for each client.',
  );
  const foreign = new Counter({
    name: 'dms_live_foreign_messages_total',
    help: 'Messages that another installation published under our TOPIC_PREFIX; none was delivered.',
    registers,
  });
  const executions = new Counter({
    name: 'dms_live_executions_total',
    help: 'GraphQL executions of events: one for each event and audience.',
    registers,
  });
  const slow = new Counter({
    name: 'dms_live_slow_clients_closed_total',
    help: 'Clients that read too slowly and were closed.',
    registers,
  });
  const refused = new Counter({
    name: 'dms_live_refused_total',
    help: 'Connections, requests, tokens and messages that were refused since they were over a limit.',
    labelNames: ['limit'] as const,
    registers,
  });
  for (const limit of LIMITS) refused.inc({ limit }, 0);
  const refusedTokens = new Counter({
    name: 'dms_live_refused_tokens_total',
    help: 'Tokens that were refused, by reason; the log has an example of each.',
    labelNames: ['reason'] as const,
    registers,
  });
  for (const reason of TOKEN_REFUSALS) refusedTokens.inc({ reason }, 0);
  const issuerKeys = new Counter({
    name: 'dms_live_issuer_keys_failures_total',
    help: 'Times that the issuer’s keys (JWT_JWKS_URL) could not be fetched.',
    registers,
  });
  const latency = new Histogram({
    name: 'dms_live_delivery_seconds',
    help: 'From when an event occurred, by its publisher’s clock, to when it was handed to its clients’ sockets.',
    buckets: LATENCY_BUCKETS_S,
    registers,
  });
  const setGauges = createGauges(registers);
  const loopDelay = monitorEventLoopDelay({ resolution: 10 });
  loopDelay.enable();
  function read(readings: Readings): void {
    setGauges(readings, loopDelay.percentile(99) * NANOSECONDS);
    loopDelay.reset();
  }

  return {
    eventReceived: (kind) => received.inc({ kind }),
    eventRejected: (kind) => rejected.inc({ kind }),
    foreignMessage: () => foreign.inc(),
    executed: () => executions.inc(),
    delivered(events, members) {
      const now = Date.now();
      for (const { kind, occurredAt } of events) {
        delivered.inc({ kind }, members);
        latency.observe(Math.max(0, now - occurredAt) / 1000);
      }
    },
    slowClientClosed: () => slow.inc(),
    refused: (limit) => refused.inc({ limit }),
    tokenRefused: (reason) => refusedTokens.inc({ reason }),
    issuerKeysFailed: () => issuerKeys.inc(),
    async render(readings) {
      read(readings);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    toJson(readings) {
      read(readings);
      return registry.getMetricsAsJSON();
    },
    close: () => void loopDelay.disable(),
  };
}

/** Each gauge says how the values of several workers become one. Counters and histograms are added. */
function createGauges(registers: Registry[]): (readings: Readings, loopLagSeconds: number) => void {
  const gauge = (name: string, help: string, aggregator: Aggregator) =>
    new Gauge({ name, help, aggregator, registers });
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
  const resident = gauge('process_resident_memory_bytes', 'Resident memory of this process.', 'sum');
  return (readings, loopLagSeconds) => {
    connections.set(readings.connections);
    subscriptions.set(readings.subscriptions);
    audiences.set(readings.audiences);
    openTopics.set(readings.openTopics);
    outboxBytes.set(readings.outboxBytes);
    redisUp.set(readings.redisUp ? 1 : 0);
    for (const name of TROUBLES) trouble.set({ trouble: name }, readings.troubles.has(name) ? 1 : 0);
    lag.set(loopLagSeconds);
    resident.set(process.memoryUsage.rss());
  };
}
