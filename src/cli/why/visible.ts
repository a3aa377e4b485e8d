/** Which fields of the API would deliver an event to somebody. The server's own schema decides, rules included. */
import { type ExecutionResult, type GraphQLSchema, subscribe } from 'graphql';
import { hasRole, type Scope } from '../../auth/access.ts';
import { formatPosition } from '../../bus/position.ts';
import { messageOf } from '../../errors.ts';
import type { Domain } from '../../events/domain.ts';
import { ownTopicArgument, subscriptionFields, topicRule } from '../../events/kinds.ts';
import { type Channel, type Topic, type TopicNames, topicName } from '../../events/topic-names.ts';
import type { Context, SharedScope } from '../../graphql/context.ts';
import { createRoleGuard } from '../../graphql/role-guard.ts';
import { createLiveSchema } from '../../graphql/schema.ts';
import type { TopicEvent } from '../../topics/log-tail.ts';
import type { FoundEvent } from './find-event.ts';
import { fullDocument } from './full-document.ts';
import { hiddenParts } from './hidden-parts.ts';

/** Somebody, as far as rules ask. */
export interface Person {
  readonly scope: Scope;
  /** `undefined`: only unit and role are known. */
  readonly userId: string | undefined;
}

export type Arguments = Readonly<Record<string, unknown>>;

/** What a field of the API does with an event for somebody. */
export type Verdict =
  /** It is refused, with what the client gets to know. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** It reads another topic. */
  | { readonly outcome: 'other topic'; readonly topic: string }
  /** Its arguments leave the event out. */
  | { readonly outcome: 'filtered' }
  | {
      readonly outcome: 'delivered';
      readonly topic: Topic;
      /** Parts of the event that this person gets as `null`, or not in a list, and why. */
      readonly hidden: readonly string[];
      /** Fields that would refuse the whole operation if they were selected, and the role that each needs. */
      readonly guarded: readonly string[];
    };

export interface ApiField {
  readonly name: string;
  readonly arguments: Arguments;
}

export interface Visibility {
  /** The fields of the event's kind, with the arguments by which they may reach it. */
  fieldsFor(person: Person): readonly ApiField[];
  judge(field: ApiField, person: Person): Promise<Verdict>;
}

export function judgeVisibility(domain: Domain, names: TopicNames, found: FoundEvent): Visibility {
  const schema = createSilentSchema(domain);
  const guard = createRoleGuard(schema);
  const fields = subscriptionFields(schema).filter(
    (field) => topicRule(schema, field)?.kind === found.kind.kind,
  );

  return {
    fieldsFor: ({ scope, userId }) =>
      fields.flatMap((field) => {
        const own = ownTopicArgument(schema, field);
        const unitId = unitOf(found.channel);
        return [
          { name: field.name, arguments: {} },
          ...(unitId !== undefined && unitId !== scope.unitId
            ? [{ name: field.name, arguments: { unitId } }]
            : []),
          ...(own !== undefined && userId !== undefined
            ? [{ name: field.name, arguments: { [own]: true } }]
            : []),
        ];
      }),

    async judge({ name, arguments: given }, person) {
      const field = fields.find((known) => known.name === name);
      if (field === undefined) return { outcome: 'other topic', topic: `${name} is of another kind` };
      const { document, guarded } = fullDocument(schema, field, Object.keys(given));
      const audience = audienceOf(person, found);
      const refusal = guard({ document, variableValues: given }, person.scope);
      if (refusal !== undefined) return { outcome: 'refused', reason: refusal.message };
      const contextValue: Context = { audience };
      const outcome = await subscribe({ schema, document, contextValue, variableValues: { ...given } });
      if (!(Symbol.asyncIterator in outcome))
        return { outcome: 'refused', reason: outcome.errors?.map(messageOf).join('; ') ?? '' };
      const result = await firstOf(outcome);
      const topic = audience.reading?.topic;
      if (topic === undefined) throw new Error('A subscription has not said what it reads.');
      if (!isReadOn(names, topic, found.channel))
        return { outcome: 'other topic', topic: topicName(names, topic) };
      if (result === undefined) return { outcome: 'filtered' };
      return {
        outcome: 'delivered',
        topic,
        hidden: hiddenParts(found.read.event?.data, result.data?.[name]),
        guarded: guarded
          .filter(({ role }) => !hasRole(person.scope, role))
          .map(({ path, role }) => `${path} (${role})`),
      };
    },
  };
}

/** The executable schema. Its executions are of one event that is given; nothing is subscribed to. */
function createSilentSchema(domain: Domain): GraphQLSchema {
  const unused = (): never => {
    throw new Error('This schema executes given events only.');
  };
  return createLiveSchema({
    domain,
    hub: { open: unused, openTopics: 0, close: () => undefined },
    snapshots: { get: unused, newest: unused, close: () => undefined },
    maxWaitingEvents: 1,
    startSession: unused,
  });
}

function audienceOf({ scope, userId }: Person, { entry, read }: FoundEvent): SharedScope {
  const missed: TopicEvent = {
    event: read.event,
    offset: entry.position.offset,
    cursor: formatPosition(entry.position),
  };
  return {
    scope,
    ...(userId !== undefined && { userId }),
    signal: new AbortController().signal,
    undelivered: [],
    missed: [missed],
  };
}

async function firstOf(results: AsyncIterable<ExecutionResult>): Promise<ExecutionResult | undefined> {
  for await (const result of results) return result;
  return undefined;
}

/** Whether a subscription that reads a topic gets what is published on a channel. */
function isReadOn(names: TopicNames, topic: Topic, channel: Channel): boolean {
  const { pattern, channel: own } = names.nameOf(topic);
  const { channel: published = '' } = names.nameOf(channel);
  return pattern === undefined ? own === published : published.startsWith(pattern.slice(0, -1));
}

const unitOf = (channel: Channel): string | undefined => ('unitId' in channel ? channel.unitId : undefined);
