import { resolveUnit } from '../auth/access.ts';
import { createEventQueue } from '../delivery/event-queue.ts';
import { LiveError } from '../errors.ts';
import type { SubscriptionResolvers } from '../generated/schema.ts';
import type { EventKind, EventOf, LiveEvent } from '../topics/event.ts';
import type { Hub } from '../topics/hub.ts';
import type { LatestKpis } from '../topics/latest-kpis.ts';
import type { Topic } from '../topics/topic.ts';
import type { Context, ViewerSession } from './context.ts';
import { requireSession } from './directives.ts';

export interface SubscriptionServices {
  readonly hub: Hub;
  readonly latestKpis: LatestKpis;
  /** How many events may wait for one slow subscriber before its subscription is ended. */
  readonly maxWaitingEvents: number;
}

/** One field, one topic: each resolver says which, and what its arguments leave out. */
export function createSubscriptionResolvers(services: SubscriptionServices): SubscriptionResolvers {
  const follow = <Kind extends EventKind>(reading: Reading<Kind>): Promise<AsyncGenerator<EventOf<Kind>>> =>
    followTopic(services, reading);

  return {
    requestUpdated: {
      subscribe: (_root, { unitId, requestId, requestTypes, actions }, context) => {
        const types = oneOf('requestTypes', requestTypes);
        const wanted = oneOf('actions', actions);
        return follow({
          ...unitTopic('request', unitId, context),
          wants: ({ action, request }) =>
            (requestId == null || request.id === requestId) && types(request.requestType) && wanted(action),
        });
      },
      resolve: itself<'request'>,
    },
    crateUpdated: {
      subscribe: (_root, { unitId, crateId }, context) =>
        follow({
          ...unitTopic('crate', unitId, context),
          wants: ({ crate }) => crateId == null || crate.id === crateId,
        }),
      resolve: itself<'crate'>,
    },
    sendBackCreated: {
      subscribe: (_root, { unitId, mine }, context) => {
        if (mine !== true) return follow(unitTopic('sendback', unitId, context));
        const session = requireSession(context);
        return follow({
          kind: 'sendback',
          session,
          topic: { kind: 'sendback', userId: session.identity.viewer.id },
          wants: ({ sendBack }) => unitId == null || sendBack.unitId === unitId,
        });
      },
      resolve: itself<'sendback'>,
    },
    storageUpdated: {
      subscribe: (_root, { unitId }, context) => follow(unitTopic('storage', unitId, context)),
      resolve: itself<'storage'>,
    },
    auditLogged: {
      subscribe: (_root, { unitId }, context) => follow(unitTopic('audit', unitId, context)),
      resolve: itself<'audit'>,
    },
    dashboardKpis: {
      subscribe: (_root, { unitId }, context) => {
        const reading = {
          kind: 'kpis' as const,
          session: requireSession(context),
          topic: kpiTopic(unitId, context),
        };
        return follow({ ...reading, first: () => services.latestKpis.get(reading.topic) });
      },
      resolve: itself<'kpis'>,
    },
  };
}

/** The topic of the KPIs that a viewer asks for. */
export function kpiTopic(unitId: string | null | undefined, context: Context): Topic {
  const unit = resolveUnit(requireSession(context).scope, unitId);
  return unit === null ? { kind: 'kpis', all: 'together' } : { kind: 'kpis', unitId: unit };
}

interface Reading<Kind extends EventKind> {
  readonly kind: Kind;
  readonly session: ViewerSession;
  readonly topic: Topic;
  readonly wants?: (event: EventOf<Kind>) => boolean;
  /** What to begin with, if anything is known. */
  readonly first?: () => EventOf<Kind> | undefined;
}

function unitTopic<Kind extends EventKind>(kind: Kind, unitId: string | null | undefined, context: Context) {
  const session = requireSession(context);
  const unit = resolveUnit(session.scope, unitId);
  const topic: Topic = unit === null ? { kind, all: 'units' } : { kind, unitId: unit };
  return { kind, session, topic };
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

async function followTopic<Kind extends EventKind>(
  { hub, maxWaitingEvents }: SubscriptionServices,
  { kind, session, topic, wants, first }: Reading<Kind>,
): Promise<AsyncGenerator<EventOf<Kind>>> {
  let hasEvent = false;
  let stopWatching = (): void => undefined;
  const queue = createEventQueue<EventOf<Kind>>(maxWaitingEvents, () => {
    open.close();
    stopWatching();
  });
  const push = (event: EventOf<Kind>): void => {
    hasEvent = true;
    if (queue.push(event)) return;
    queue.fail(
      new LiveError('SERVICE_UNAVAILABLE', 'You read too slowly, and events were lost: subscribe anew.'),
    );
  };
  const open = hub.open(topic, {
    onEvent(event) {
      if (isOfKind(event, kind) && (wants === undefined || wants(event.data))) push(event.data);
    },
  });
  // Called back at once when the session is over already: its socket may close while the operation is being prepared.
  stopWatching = session.onEnd((error) => {
    if (error === undefined) queue.close();
    else queue.fail(error);
  });
  try {
    await open.ready;
  } catch (error) {
    queue.close();
    throw error;
  }
  const known = first?.();
  if (known !== undefined && !hasEvent) push(known);
  return queue.iterator;
}

function isOfKind<Kind extends EventKind>(
  event: LiveEvent,
  kind: Kind,
): event is LiveEvent & { readonly kind: Kind; readonly data: EventOf<Kind> } {
  return event.kind === kind;
}

/** The event is the field's value as it is. */
function itself<Kind extends EventKind>(event: EventOf<Kind>): EventOf<Kind> {
  return event;
}
