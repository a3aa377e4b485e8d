import type { Readiness } from '../health.ts';
import type { Readings } from '../metrics/gauges.ts';
import type { Delivery } from './delivery.ts';
import type { Entry } from './entry.ts';
import type { Reports } from './reports.ts';
import type { Topics } from './topics.ts';

export interface AppStats {
  /** WebSockets and event streams. */
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly audiences: number;
  readonly openTopics: number;
  /** How many bytes wait for clients to read. */
  readonly outboxBytes: number;
}

export type State = 'serving' | 'stopping' | 'stopped';

interface Parts {
  readonly reports: Pick<Reports, 'health'>;
  readonly topics: Topics;
  readonly entry: Entry;
  readonly delivery: Delivery;
  readonly transports: readonly { readonly count: number; readonly outboxBytes: number }[];
  readonly state: () => State;
}

/** What a server says about itself. */
export interface Condition {
  /** What it holds at the moment. */
  stats(): AppStats;
  /** What metrics are made of, besides what they have counted. */
  readings(): Promise<Readings>;
  /** Whether it may take traffic now. */
  readiness(): Promise<Readiness>;
}

export function createCondition({ reports, topics, entry, delivery, transports, state }: Parts): Condition {
  const { bus, hub } = topics;
  const { health } = reports;
  const stats = (): AppStats => ({
    connections: transports.reduce((sum, { count }) => sum + count, 0),
    sessions: entry.sessions.count,
    subscriptions: entry.subscriptions.total,
    audiences: delivery.sharing.audiences,
    openTopics: hub.openTopics,
    outboxBytes: transports.reduce((sum, { outboxBytes }) => sum + outboxBytes, 0),
  });
  return {
    stats,
    async readings() {
      const redisUp = state() !== 'stopped' && (await bus.isReachable());
      return { ...stats(), troubles: health.troubles, redisUp };
    },
    async readiness() {
      if (state() !== 'serving') return { ready: false, reason: 'stopping' };
      await entry.sessions.tried;
      const isReachable = await bus.isReachable();
      const known = health.readiness();
      return isReachable || !known.ready
        ? known
        : { ...known, ready: false, reason: 'Redis is not reachable' };
    },
  };
}
