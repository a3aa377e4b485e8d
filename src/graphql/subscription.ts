import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { resolveUnit } from '../auth/access.ts';
import { allOf, createFilters, type Wants } from '../events/filters.ts';
import {
  type EventData,
  type EventKind,
  type EventKinds,
  ownTopicArgument,
  subscriptionFields,
  topicRule,
} from '../events/kinds.ts';
import type { Topic } from '../events/topic-names.ts';
import type { Hub } from '../topics/hub.ts';
import type { LatestSnapshots } from '../topics/latest-snapshots.ts';
import { createSnapshotOrder } from '../topics/snapshot-order.ts';
import type { SourceEvent } from '../topics/source-event.ts';
import { openTopicSource, type Reading, replayEvents } from '../topics/topic-source.ts';
import { type Context, requireScope } from './context.ts';

export interface SubscriptionServices {
  readonly hub: Hub;
  readonly snapshots: LatestSnapshots;
  /** How many events may wait to be executed for one audience. */
  readonly maxWaitingEvents: number;
}

/** The arguments of a subscription, as far as the SDL's rules know them. */
type Arguments = Readonly<Record<string, unknown>> & { readonly unitId?: string | null };

/** Gives the subscriptions of a schema, in place, what the SDL says of them: one field, one topic, and filters. */
export function resolveSubscriptions(
  schema: GraphQLSchema,
  kinds: EventKinds,
  services: SubscriptionServices,
): void {
  for (const field of subscriptionFields(schema)) {
    const kind = kinds.get(topicRule(schema, field)?.kind ?? '');
    if (kind === undefined) continue; // a field without `subscribe` is refused by directives.ts
    const ownTopic = ownTopicArgument(schema, field);
    const filters = createFilters(schema, field);
    const subscribe: GraphQLFieldResolver<unknown, Context, Arguments> = (_root, args, context) => {
      const wants = filters(args);
      const isOwn = ownTopic !== undefined && args[ownTopic] === true;
      const reading = isOwn
        ? readOwnTopic(kind, args.unitId, wants, context)
        : { kind: kind.kind, topic: unitTopic(kind, args.unitId, context), wants };
      if (context.audience !== undefined)
        context.audience.reading = { field: field.name, arguments: args, topic: reading.topic };
      return follow(services, context, kind.isNewestOnly ? newestOf(services, reading) : reading);
    };
    field.subscribe = subscribe;
    const resolve: GraphQLFieldResolver<SourceEvent, Context> = (event, _args, context) =>
      takeEvent(kind, event, context);
    field.resolve = resolve;
  }
}

/** What is addressed to the viewer; with a unit, only what is of that. */
function readOwnTopic(
  kind: EventKind,
  unitId: string | null | undefined,
  wants: Wants | undefined,
  context: Context,
): Reading {
  const isOfUnit: Wants = (event) => kind.unitsOf(event).every((unit) => unit === unitId);
  const filters = [...(wants === undefined ? [] : [wants]), ...(unitId == null ? [] : [isOfUnit])];
  return { kind: kind.kind, topic: { kind: kind.kind, userId: ownUser(context) }, wants: allOf(filters) };
}

/** The user whose own topic is read: known to this execution only because none but that user's subscribers share it. */
function ownUser({ audience, session }: Context): string {
  const userId = audience === undefined ? session?.identity.viewer.id : audience.userId;
  if (userId === undefined)
    throw new Error('An execution that reads a user’s topic is shared beyond that user.');
  return userId;
}

/** The topic of the unit that a viewer asks for, or the one for all units. */
export function unitTopic(
  { kind, hasTogether }: Pick<EventKind, 'kind' | 'hasTogether'>,
  unitId: string | null | undefined,
  context: Context,
): Topic {
  const unit = resolveUnit(requireScope(context), unitId);
  if (unit !== null) return { kind, unitId: unit };
  return { kind, all: hasTogether ? 'together' : 'units' };
}

function newestOf({ snapshots }: SubscriptionServices, reading: Reading): Reading {
  const order = createSnapshotOrder();
  const first = async (logged: Parameters<LatestSnapshots['newest']>[1]) =>
    snapshots.newest(reading.topic, logged, order);
  return { ...reading, newestOnly: { first, order } };
}

/** The source of a subscription: live, or, where an execution is of what was missed, just that. */
async function follow(
  { hub, maxWaitingEvents }: SubscriptionServices,
  { audience }: Context,
  reading: Reading,
): Promise<AsyncGenerator<SourceEvent>> {
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
export function takeEvent(
  { kind, isNewestOnly }: Pick<EventKind, 'kind' | 'isNewestOnly'>,
  { data, time, position, receivedAt, trace }: SourceEvent,
  { audience }: Context,
): EventData {
  if (audience === undefined) return data;
  audience.position = position;
  if (isNewestOnly) audience.undelivered.splice(0); // a snapshot that is still there has given way to this one
  const occurredAt = time === null ? Date.now() : Date.parse(time);
  // What is executed again for a client that resumes belongs to no trace: it may be hours later.
  const isTraced = trace !== undefined && audience.missed === undefined;
  const traced = isTraced ? { trace, from: performance.now() } : undefined;
  audience.undelivered.push({ kind, occurredAt, receivedAt, traced });
  return data;
}
