import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Registry } from 'prom-client';
import { TOKEN_REFUSALS, type TokenRefusal } from './auth/refused-token.ts';
import type { ExecutedEvent } from './graphql/context.ts';
import { createGauges, type Readings } from './metrics/gauges.ts';
import { createOutcomes, type Outcomes } from './metrics/outcomes.ts';
import { createTimes, type Times } from './metrics/times.ts';
import { LIMITS, type LimitName } from './transport/admission/places.ts';
import type { MetricsText } from './transport/probes.ts';

/** What the server counts for its operator. No label grows with users, units or topics. */
export interface Metrics extends Outcomes, Omit<Times, 'delivered'> {
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

const NANOSECONDS = 1e-9;

/** How often the event loop's delay is looked at, in milliseconds. Each look wakes an idle process, which takes it nearly 0.1 ms. */
const LOOK_EVERY_MS = 100;

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const byKind = (name: string, help: string) => countByKind(registers, name, help);
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
  const times = createTimes(registers);
  const setGauges = createGauges(registers);
  const loopDelay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  loopDelay.enable();
  function read(readings: Readings): void {
    // Node counts the time between two looks.
    setGauges(readings, Math.max(0, loopDelay.percentile(99) * NANOSECONDS - LOOK_EVERY_MS / 1000));
    loopDelay.reset();
  }

  return {
    ...times,
    ...createOutcomes(registers),
    eventReceived: (kind) => received(kind, 1),
    eventRejected: (kind) => rejected(kind, 1),
    foreignMessage: () => foreign.inc(),
    executed: () => executions.inc(),
    delivered(events, members) {
      for (const { kind } of events) delivered(kind, members);
      times.delivered(events);
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

/**
 * Returns a function that adds to a plain number. The registry's counter gets the sum when somebody reads it: it looks up its labels
 * each time it is increased, which would be for each event.
 */
function countByKind(registers: Registry[], name: string, help: string) {
  const unread = new Map<string, number>();
  new Counter({
    name,
    help,
    labelNames: ['kind'] as const,
    registers,
    collect() {
      for (const [kind, count] of unread) this.inc({ kind }, count);
      unread.clear();
    },
  });
  return (kind: string, count: number): void => void unread.set(kind, (unread.get(kind) ?? 0) + count);
}
