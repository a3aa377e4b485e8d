import type { GraphQLSchema } from 'graphql';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { createLiveSchema } from '../../src/graphql/schema.ts';
import { createLogger } from '../../src/log.ts';
import { createHub } from '../../src/topics/hub.ts';
import { keepLatestSnapshots } from '../../src/topics/latest-snapshots.ts';
import { DOMAIN, dmsNames } from './domain.ts';

/** The server's schema, for tests that execute no operation. */
export function createSchemaOnly(): GraphQLSchema {
  const bus = createMemoryBus();
  const hub = createHub({
    bus,
    names: dmsNames(),
    refusals: { refuse: () => undefined },
    observer: { eventReceived: () => undefined },
    foreign: { notice: () => undefined, areNoticed: false, look: () => undefined },
    keptSeconds: 3600,
    recentBytes: 0,
    replayBytes: 0,
    log: createLogger('silent'),
  });
  const snapshots = keepLatestSnapshots(hub, bus, DOMAIN.kinds);
  snapshots.close();
  const startSession = () => Promise.reject(new Error('not here'));
  return createLiveSchema({ domain: DOMAIN, hub, snapshots, maxWaitingEvents: 1, startSession });
}
