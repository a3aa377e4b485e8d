import { createTurn } from 'yoga-shared-subscriptions';
import type { Config } from '../config/config.ts';
import type { ExecutedEvent } from '../graphql/context.ts';
import { shareSubscriptions } from '../graphql/sharing.ts';
import { createEventStreams } from '../transport/sse.ts';
import { watchWrittenEvents } from '../transport/written-events.ts';
import type { Entry } from './entry.ts';
import type { Reports } from './reports.ts';

export type Delivery = ReturnType<typeof createDelivery>;

/** One execution for all who may see the same. */
export function createDelivery(config: Config, { subscriptions, operations }: Entry, reports: Reports) {
  const { metrics, maskError, onErrors, log } = reports;
  const { maxOutboxBytes } = config.limits;
  const turn = createTurn((error) => log.error({ err: error }, 'a delivery failed'));
  const onSlow = metrics.slowClientClosed;
  const eventStreams = createEventStreams({ turn, maxOutboxBytes, maskError, onErrors, onSlow });
  const noteDelivered = watchWrittenEvents<ExecutedEvent>(turn, (events, from) => {
    metrics.written(events);
    for (const { traced } of events) traced?.trace.written(from);
  });
  const sharing = shareSubscriptions({
    turn,
    subscriptions,
    operations,
    kpiIntervalMs: config.kpiIntervalMs,
    partBytes: maxOutboxBytes / 8,
    adopt: eventStreams.adopt,
    observer: {
      ...metrics,
      failed: onErrors,
      delivered(events, members) {
        metrics.delivered(events, members);
        if (members > 0) noteDelivered(events);
      },
    },
  });
  return { turn, onSlow, eventStreams, sharing };
}
