import type { GraphQLSchema } from 'graphql';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { createTopicNames } from '../../src/events/topic-names.ts';
import { createLiveSchema } from '../../src/graphql/schema.ts';
import { createLogger } from '../../src/log.ts';
import { createHub } from '../../src/topics/hub.ts';
import { keepLatestKpis } from '../../src/topics/latest-kpis.ts';

/** The server's schema, for tests that execute nothing. */
export function createSchemaOnly(): GraphQLSchema {
  const bus = createMemoryBus();
  const hub = createHub({
    bus,
    names: createTopicNames('dms'),
    refusals: { refuse: () => undefined },
    observer: { eventReceived: () => undefined },
    foreign: { notice: () => undefined, areNoticed: false, look: () => undefined },
    keptSeconds: 3600,
    recentBytes: 0,
    replayBytes: 0,
    log: createLogger('silent'),
  });
  const latestKpis = keepLatestKpis(hub, bus);
  latestKpis.close();
  const startSession = () => Promise.reject(new Error('not here'));
  return createLiveSchema({ hub, latestKpis, maxWaitingEvents: 1, startSession });
}
