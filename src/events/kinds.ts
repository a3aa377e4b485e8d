/** The kinds of events, as the directives of the SDL say them. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { z } from 'zod';
import type { EventTrace } from '../tracing.ts';
import { isPresenceField } from './presence-fields.ts';
import { readDirective } from './sdl.ts';
import { createValidator } from './validators.ts';

/** What has passed a kind's validator: the shape of the GraphQL type that it becomes. */
export type EventData = Readonly<Record<string, unknown>> & { readonly id: string };

/** A checked event. */
export interface LiveEvent {
  readonly kind: string;
  readonly data: EventData;
  /** When it happened; `null`: it does not say. */
  readonly time: string | null;
  /** When it came in, by `performance.now()`. `undefined`: it was read from the past of a log. */
  readonly receivedAt?: number;
  /** `undefined`: nobody traces it. */
  readonly trace?: EventTrace | undefined;
}

/** What an event is about. */
export type Entity = Readonly<Record<string, unknown>> & { readonly id: string };

/** What `@topic` says. */
export interface TopicRule {
  readonly kind: string;
  /** Each event is a snapshot that replaces the one before. */
  readonly isNewestOnly: boolean;
  /** All units together have a topic of their own. */
  readonly hasTogether: boolean;
  /** The event's field that says when it happened. */
  readonly timeField: string;
}

export interface EventKind extends TopicRule {
  readonly type: GraphQLObjectType;
  /** The event's field that holds what it is about; `undefined`: the event itself is that. */
  readonly entityField: GraphQLField<unknown, unknown> | undefined;
  /** Users have topics of their own, of what is addressed to them. */
  readonly hasUserTopics: boolean;
  readonly validator: z.ZodType;
  /** Checks a message by the validator. */
  check(message: unknown): z.ZodSafeParseResult<unknown>;
  /** What an event is about: one thing, or each of a list. */
  entitiesOf(event: EventData): readonly Entity[];
  /** The units that an event says it is about; each must be its topic's. */
  unitsOf(event: EventData): readonly unknown[];
  timeOf(event: EventData): string | null;
}

/** By name. */
export type EventKinds = ReadonlyMap<string, EventKind>;

/** The kinds of a schema without faults (schema-faults.ts). */
export function createKinds(schema: GraphQLSchema): EventKinds {
  const kinds = new Map<string, EventKind>();
  for (const field of subscriptionFields(schema)) {
    const rule = topicRule(schema, field);
    const type = getNamedType(field.type);
    if (rule === undefined || !isObjectType(type)) continue;
    const hasUserTopics = ownTopicArgument(schema, field) !== undefined;
    const known = kinds.get(rule.kind);
    if (known === undefined) kinds.set(rule.kind, createKind(schema, rule, type, hasUserTopics));
    else if (hasUserTopics) kinds.set(rule.kind, { ...known, hasUserTopics });
  }
  return kinds;
}

/** A validator is compiled after this number of messages: to compile takes as long as to check hundreds. */
const COMPILED_AFTER = 100;

function createKind(
  schema: GraphQLSchema,
  rule: TopicRule,
  type: GraphQLObjectType,
  hasUserTopics: boolean,
): EventKind {
  const entityField = entityFieldOf(schema, type);
  const entitiesOf = entitiesReader(entityField);
  const validator = createValidator(schema, type);
  /** Checks in a fifth of the time. */
  let compiled: z.ZodType | undefined;
  let checked = 0;
  return {
    ...rule,
    type,
    entityField,
    hasUserTopics,
    validator,
    check(message) {
      checked += 1;
      if (compiled === undefined && checked > COMPILED_AFTER) compiled = z.compile(validator);
      return (compiled ?? validator).safeParse(message);
    },
    entitiesOf,
    unitsOf: (event) => entitiesOf(event).map((entity) => entity['unitId']),
    timeOf(event) {
      const time = event[rule.timeField];
      return typeof time === 'string' ? time : null;
    },
  };
}

function entitiesReader(entityField: EventKind['entityField']): EventKind['entitiesOf'] {
  if (entityField === undefined) return (event) => [event];
  const { name } = entityField;
  // Validated: the field holds an entity, or a list of them.
  if (isListField(entityField)) return (event) => event[name] as readonly Entity[];
  return (event) => [event[name] as Entity];
}

export function isListField({ type }: GraphQLField<unknown, unknown>): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

/** The subscriptions that deliver events: all but those that the server answers by itself. */
export function subscriptionFields(schema: GraphQLSchema) {
  const fields = Object.values(schema.getSubscriptionType()?.getFields() ?? {});
  return fields.filter(({ name }) => !isPresenceField(name));
}

/** What a subscription's `@topic` says, if it has one. */
export function topicRule(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
): TopicRule | undefined {
  const topic = readDirective(schema, field, 'topic');
  return (
    topic && {
      kind: String(topic['kind']),
      isNewestOnly: topic['newestOnly'] === true,
      hasTogether: topic['together'] === true,
      timeField: String(topic['time']),
    }
  );
}

const ownTopicArguments = new WeakMap<GraphQLField<unknown, unknown>, string | null>();

/** The argument that asks for the viewer's own topic, if there is one. Remembered, since each subscription asks. */
export function ownTopicArgument(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
): string | undefined {
  const known = ownTopicArguments.get(field);
  if (known !== undefined) return known ?? undefined;
  const found = field.args.find((argument) => readDirective(schema, argument, 'ownTopic') !== undefined);
  ownTopicArguments.set(field, found?.name ?? null);
  return found?.name;
}

export function entityFieldOf(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
): GraphQLField<unknown, unknown> | undefined {
  return Object.values(type.getFields()).find(
    (field) => readDirective(schema, field, 'topicEntity') !== undefined,
  );
}
