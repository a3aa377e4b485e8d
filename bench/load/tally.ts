import { percentile } from '../support/statistics.ts';
import { NOTHING, type Report } from './orders.ts';

const FAULTS_KEPT = 5;

/** Counts what the sockets receive. */
export interface Tally {
  /** Counts an event and its bytes, which were read at this time. */
  received(bytes: number, atMs: number): void;
  /** Records the latency of one of these events. */
  sampled(latencyMs: number): void;
  ponged(afterMs: number): void;
  closed(): void;
  fault(text: string): void;
  readonly deliveries: number;
  readonly lastAtMs: number;
  report(): Report;
}

export function createTally(): Tally {
  let deliveries = 0;
  let bytes = 0;
  let lastAtMs = 0;
  let slowestPongMs = 0;
  let closed = 0;
  const latencies: number[] = [];
  const faults: string[] = [];
  return {
    received(length, atMs) {
      deliveries += 1;
      bytes += length;
      lastAtMs = atMs;
    },
    sampled: (latencyMs) => void latencies.push(latencyMs),
    ponged(afterMs) {
      slowestPongMs = Math.max(slowestPongMs, afterMs);
    },
    closed() {
      closed += 1;
    },
    fault(text) {
      if (faults.length < FAULTS_KEPT) faults.push(text.slice(0, 300));
    },
    get deliveries() {
      return deliveries;
    },
    get lastAtMs() {
      return lastAtMs;
    },
    report: () => ({
      deliveries,
      bytes,
      lastAtMs,
      latency: {
        samples: latencies.length,
        p50: latencies.length === 0 ? NOTHING : percentile(latencies, 0.5),
        p99: latencies.length === 0 ? NOTHING : percentile(latencies, 0.99),
      },
      slowestPongMs,
      closed,
      faults,
    }),
  };
}
