import { resolveUnit } from '../auth/access.ts';
import { LiveError } from '../errors.ts';
import type { Topic } from '../events/topic-names.ts';
import type { SubscriptionResolvers } from '../generated/schema.ts';
import type { EventKind, EventOf } from '../topics/event.ts';
import type { Hub } from '../topics/hub.ts';
import type { LatestKpis } from '../topics/latest-kpis.ts';
import { createSnapshotOrder } from '../topics/snapshot-order.ts';
import { openTopicSource, type Reading, replayEvents, type SourceEvent } from '../topics/topic-source.ts';
import { type Context, requireScope } from './context.ts';

export interface SubscriptionServices {
  readonly hub: Hub;
  readonly latestKpis: LatestKpis;
  /** How many events may wait to be executed for one audience. */
  readonly maxWaitingEvents: number;
}

/** One field, one topic: each resolver says which, and what its arguments leave out. */
export function createSubscriptionResolvers(services: SubscriptionServices): SubscriptionResolvers {
  return {
    requestUpdated: {
      subscribe: (_root, { unitId, requestId, requestTypes, actions }, context) => {
        const types = oneOf('requestTypes', requestTypes);
        const wanted = oneOf('actions', actions);
        return follow(services, context, {
          ...unitTopic('request', unitId, context),
          wants: ({ action, request }) =>
            (requestId == null || request.id === requestId) && types(request.requestType) && wanted(action),
        });
      },
      resolve: takeEvent('request'),
    },
    crateUpdated: {
      subscribe: (_root, { unitId, crateId }, context) =>
        follow(services, context, {
          ...unitTopic('crate', unitId, context),
          wants: ({ crate }) => crateId == null || crate.id === crateId,
        }),
      resolve: takeEvent('crate'),
    },
    sendBackCreated: {
      subscribe: (_root, { unitId, mine }, context) => {
        if (mine !== true) return follow(services, context, unitTopic('sendback', unitId, context));
        return follow(services, context, {
          kind: 'sendback',
          topic: { kind: 'sendback', userId: ownUser(context) },
          wants: ({ sendBack }) => unitId == null || sendBack.unitId === unitId,
        });
      },
      resolve: takeEvent('sendback'),
    },
    storageUpdated: {
      subscribe: (_root, { unitId }, context) =>
        follow(services, context, unitTopic('storage', unitId, context)),
      resolve: takeEvent('storage'),
    },
    auditLogged: {
      subscribe: (_root, { unitId }, context) =>
        follow(services, context, unitTopic('audit', unitId, context)),
      resolve: takeEvent('audit'),
    },
    dashboardKpis: {
      subscribe: (_root, { unitId }, context) => {
        const topic = kpiTopic(unitId, context);
        const order = createSnapshotOrder();
        return follow(services, context, {
          kind: 'kpis',
          topic,
          newestOnly: { first: async (logged) => services.latestKpis.newest(topic, logged, order), order },
        });
      },
      resolve: takeEvent('kpis'),
    },
  };
}

/** The user whose own topic is read: known to this execution only because none but that user's subscribers share it. */
function ownUser({ audience, session }: Context): string {
  const userId = audience === undefined ? session?.identity.viewer.id : audience.userId;
  if (userId === undefined)
    throw new Error('An execution that reads a user’s topic is shared beyond that user.');
  return userId;
}

/** The topic of the KPIs that a viewer asks for. */
export function kpiTopic(unitId: string | null | undefined, context: Context): Topic {
  const unit = resolveUnit(requireScope(context), unitId);
  return unit === null ? { kind: 'kpis', all: 'together' } : { kind: 'kpis', unitId: unit };
}

function unitTopic<Kind extends EventKind>(kind: Kind, unitId: string | null | undefined, context: Context) {
  const unit = resolveUnit(requireScope(context), unitId);
  const topic: Topic = unit === null ? { kind, all: 'units' } : { kind, unitId: unit };
  return { kind, topic };
}

/** A filter by a list. An empty one would match nothing for ever, which nobody means. */
function oneOf<Value>(
  argument: string,
  values: readonly Value[] | null | undefined,
): (value: Value) => boolean {
  if (values == null) return () => true;
  if (values.length === 0) {
    throw new LiveError('BAD_USER_INPUT', `${argument} is empty: name at least one, or leave it out.`);
  }
  return (value) => values.includes(value);
}

/** The source of a subscription: live, or, where an execution is of what was missed, just that. */
async function follow<Kind extends EventKind>(
  { hub, maxWaitingEvents }: SubscriptionServices,
  { audience }: Context,
  reading: Reading<Kind>,
): Promise<AsyncGenerator<SourceEvent<Kind>>> {
  if (audience?.missed !== undefined) return replayEvents(reading, audience.missed);
  const source = await openTopicSource(reading, {
    hub,
    maxWaiting: maxWaitingEvents,
    signal: audience?.signal,
  });
  if (audience !== undefined) audience.source = source;
  return source.events;
}

/** The event is the field's value as it is; an execution that many share notes which it was. */
function takeEvent<Kind extends EventKind>(kind: Kind) {
  return ({ data, mark }: SourceEvent<Kind>, _args: unknown, { audience }: Context): EventOf<Kind> => {
    if (audience !== undefined) {
      audience.mark = mark;
      if (kind === 'kpis') audience.undelivered.splice(0); // a snapshot that is still there has given way to this one
      audience.undelivered.push({ kind, occurredAt: timeOf(data) });
    }
    return data;
  };
}

function timeOf(event: EventOf<EventKind>): number {
  const written = 'occurredAt' in event ? event.occurredAt : event.computedAt;
  return written === null ? Date.now() : Date.parse(written);
}
