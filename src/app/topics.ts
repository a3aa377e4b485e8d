import type { Bus } from '../bus/bus.ts';
import { createMemoryBus } from '../bus/memory-bus.ts';
import { createRedisBus } from '../bus/redis-bus.ts';
import type { Config } from '../config/config.ts';
import type { Domain } from '../events/domain.ts';
import { createTopicNames } from '../events/topic-names.ts';
import { watchForeignPublishers } from '../topics/foreign.ts';
import { createHub } from '../topics/hub.ts';
import { keepLatestSnapshots } from '../topics/latest-snapshots.ts';
import { keepPresence } from '../topics/presence/presence.ts';
import { createRefusals } from '../topics/refusals.ts';
import { noteSettings } from '../topics/settings-note.ts';
import { startSweeping } from '../topics/sweeper.ts';
import { type TracingApi, traceEvents } from '../tracing.ts';
import type { Reports } from './reports.ts';

export type Topics = ReturnType<typeof createTopics>;

/** The bus, and its topics as this process knows them. */
export function createTopics(
  config: Config,
  domain: Domain,
  { metrics, health, securityLog, connectStream, log }: Reports,
  { bus: given, tracing }: { readonly bus?: Bus; readonly tracing: TracingApi | undefined },
) {
  const { topicPrefix, recentBytes, replayBytes } = config;
  const keptSeconds = config.retention.seconds;
  const names = createTopicNames(topicPrefix, domain.kinds);
  const bus =
    given ??
    (config.redis
      ? createRedisBus(config.redis, log, { health, prefix: topicPrefix, observer: metrics })
      : createMemoryBus());
  connectStream(bus, names.securityLog);
  const refusals = createRefusals(bus, names, metrics, log);
  const foreign = watchForeignPublishers(topicPrefix, health, metrics);
  const shared = { bus, names, refusals, foreign, health, observer: metrics, securityLog, log };
  const traceEvent = tracing && traceEvents(tracing);
  const hub = createHub({ ...shared, keptSeconds, recentBytes, replayBytes, traceEvent });
  const presence = config.presence ? keepPresence({ bus, names, hub, log }) : undefined;
  const services = { ...shared, presence };
  const stopSweeping = startSweeping({ bus, names, seconds: keptSeconds, log });
  const stopNoting = noteSettings({ ...config, bus, names, log });
  const snapshots = keepLatestSnapshots(hub, bus, domain.kinds);
  return {
    bus,
    services,
    hub,
    snapshots,
    /** Closes everything but the bus. */
    async close() {
      const isLeft = presence?.close();
      snapshots.close();
      stopSweeping();
      stopNoting();
      hub.close();
      await isLeft;
    },
  };
}
