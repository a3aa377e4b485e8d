/** Whether every subscription has a topic whose messages say their unit, and every argument does something. */
import {
  type GraphQLArgument,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type Field, fieldsOn, type Inspection } from './inspection.ts';
import {
  entityFieldOf,
  isListField,
  ownTopicArgument,
  subscriptionFields,
  type TopicRule,
  topicRule,
} from './kinds.ts';
import { isPresenceField } from './presence-fields.ts';
import { readDirective } from './sdl.ts';

/** How kinds are spelt in names of topics. */
const KIND = /^[a-z][a-z0-9]{0,31}$/;
/** Names beside those of kinds (topic-names.ts). */
const TAKEN = ['session', 'deadletters', 'probe', 'presence'];
/** What can be compared by its value: not instants, which are spelt in several ways. */
const COMPARABLE = ['ID', 'String', 'Int', 'Boolean'];
/** The root fields that the server answers by itself, beside those with `@newest`. */
const ANSWERED: Readonly<Record<string, string>> = {
  'Query.viewer': 'viewer: Viewer!',
  'Mutation.renewSession': 'renewSession(token: String!): Viewer!',
  'Subscription.presence': 'presence(kind: String!, id: ID, unitId: ID): [Presence!]!',
  'Subscription.announcePresence':
    'announcePresence(kind: String!, id: ID!, unitId: ID, doing: PresenceDoing!, action: String): Boolean!',
};

export function findTopicFaults(inspection: Inspection): void {
  const { schema, fault } = inspection;
  const rules = new Map<string, { readonly rule: string; readonly where: string }>();
  if (subscriptionFields(schema).length === 0)
    fault('Subscription', 'is missing: write a subscription with @topic.');
  for (const field of subscriptionFields(schema)) {
    const where = `Subscription.${field.name}`;
    const topic = topicRule(schema, field);
    const type = isNonNullType(field.type) ? field.type.ofType : undefined;
    if (topic === undefined) fault(where, 'has no topic: write @topic(kind: "…").');
    if (!isObjectType(type))
      fault(where, 'must return an event: write a type and an exclamation mark, such as TicketEvent!.');
    if (topic === undefined || !isObjectType(type)) continue;
    checkRule(inspection, where, field, topic);
    checkEvent(inspection, type, topic);
    for (const argument of field.args) checkArgument(inspection, where, type, argument);
    const rule = JSON.stringify([topic, type.name]);
    const known = rules.get(topic.kind);
    if (known !== undefined && known.rule !== rule)
      fault(
        where,
        `has the same kind as ${known.where} and is not like it: write the same @topic and type, or another kind.`,
      );
    rules.set(topic.kind, { rule, where });
  }
  for (const root of [schema.getQueryType(), schema.getMutationType()])
    for (const field of Object.values(root?.getFields() ?? {}))
      checkAnswered(inspection, `${root?.name}.${field.name}`, field);
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {}))
    if (isPresenceField(field.name)) checkPresence(inspection, `Subscription.${field.name}`, field);
}

function checkRule({ schema, has, fault }: Inspection, where: string, field: Field, topic: TopicRule): void {
  if (!KIND.test(topic.kind) || TAKEN.includes(topic.kind))
    fault(
      where,
      `has the kind "${topic.kind}": write lower-case letters and digits, and none of ${TAKEN.join(', ')}.`,
    );
  if (!has(field, 'unitScope'))
    fault(where, 'has a topic for each unit, and no rule whose: write @unitScope.');
  if (topic.isNewestOnly && ownTopicArgument(schema, field) !== undefined)
    fault(where, 'keeps no newest event for each user: write @ownTopic or newestOnly, not both.');
  if (topic.isNewestOnly && !topic.hasTogether)
    fault(where, 'mixes the snapshots of all units for a System Admin who names none: write together: true.');
}

/** An event has an id and a time, and is about something that says its unit: by that its topic is checked. */
function checkEvent(inspection: Inspection, type: GraphQLObjectType, topic: TopicRule): void {
  const { schema, has, fault } = inspection;
  const fields = type.getFields();
  if (String(fields['id']?.type) !== 'ID!') fault(type.name, 'is an event without a name: write id: ID!.');
  const time = fields[topic.timeField];
  if (
    time === undefined ||
    getNamedType(time.type).name !== 'DateTime' ||
    isListField(time) ||
    !has(time, 'instant')
  )
    fault(
      type.name,
      `does not say when it happened: write ${topic.timeField}: DateTime! @instant, or @topic(time: "…").`,
    );
  const entityFields = Object.values(fields).filter((field) => has(field, 'topicEntity'));
  if (entityFields.length > 1) fault(type.name, 'has more than one @topicEntity: write one.');
  const entityField = entityFieldOf(schema, type);
  const entity = entityField === undefined ? type : getNamedType(entityField.type);
  if (!isObjectType(entity) || !has(entity, 'unitOwned')) {
    fault(
      type.name,
      'is an event of no unit, which everybody would get: write @topicEntity at its entity, and @unitOwned at that one’s type.',
    );
    return;
  }
  if (entityField !== undefined)
    checkEntityField(inspection, `${type.name}.${entityField.name}`, entityField);
  const unit = String(entity.getFields()['unitId']?.type);
  const due = topic.hasTogether ? 'ID' : 'ID!';
  if (unit !== due)
    fault(`${entity.name}.unitId`, `is checked against the topic of "${topic.kind}": write unitId: ${due}.`);
}

function checkEntityField({ schema, fault }: Inspection, where: string, field: Field): void {
  if (!isNonNullType(field.type))
    fault(where, 'says the event’s unit: write an exclamation mark, so that it is always there.');
  if (!isListField(field)) return;
  const list = isNonNullType(field.type) ? field.type.ofType : field.type;
  if (isListType(list) && !isNonNullType(list.ofType))
    fault(where, 'is a list that may have holes: write [Entity!]!.');
  const min = readDirective(schema, field, 'bounds')?.['min'];
  if (typeof min !== 'number' || min < 1)
    fault(where, 'may be empty, and then says no unit: write @bounds(min: 1).');
}

function checkArgument(
  inspection: Inspection,
  where: string,
  type: GraphQLObjectType,
  argument: GraphQLArgument,
): void {
  const { schema, has, fault } = inspection;
  const at = `${where}(${argument.name}:)`;
  const path = readDirective(schema, argument, 'filter')?.['by'];
  if (argument.name === 'unitId') return;
  if (has(argument, 'ownTopic')) {
    if (getNamedType(argument.type).name !== 'Boolean' || isListType(argument.type))
      fault(at, 'asks for the viewer’s own topic or does not: write Boolean.');
  } else if (typeof path !== 'string') {
    fault(at, 'does nothing: write @filter(by: "…"), or @ownTopic.');
  } else {
    checkFilter(inspection, at, type, argument, path);
  }
}

/** A filter must not answer questions about what the viewer may not see. */
function checkFilter(
  { has, fault }: Inspection,
  at: string,
  event: GraphQLObjectType,
  argument: GraphQLArgument,
  path: string,
): void {
  const fields = fieldsOn(event, path);
  const last = fields?.at(-1);
  if (fields === undefined || last === undefined) {
    fault(
      at,
      `filters by "${path}", which ${event.name} does not have: write a path of its fields, such as "request.id".`,
    );
    return;
  }
  const leaf = getNamedType(last.type);
  if (fields.some(isListField))
    fault(at, `filters by "${path}", which goes through a list: write a path without one.`);
  else if (!isEnumType(leaf) && !COMPARABLE.includes(leaf.name))
    fault(at, `filters by a ${leaf.name}: write a path to ${COMPARABLE.join(', ')} or an enum.`);
  if (fields.some((field) => has(field, 'requiresRole')))
    fault(at, `filters by "${path}", which not every role may see: write another path.`);
  if (fields.some((field) => isHidden(has, field)))
    fault(
      at,
      `filters by "${path}", which may be of another unit: write a path that stays in the topic’s own entity.`,
    );
  const asked = argument.type;
  if (getNamedType(asked).name !== leaf.name || isNonNullType(asked))
    fault(at, `has the type ${asked}: write ${leaf.name}, or [${leaf.name}!], as "${path}" has it.`);
}

function isHidden(has: Inspection['has'], field: Field): boolean {
  const target = getNamedType(field.type);
  return isObjectType(target) && has(target, 'unitOwned') && !has(field, 'topicEntity');
}

/** Who is present is authorized by unit, as the objects are. */
function checkPresence(inspection: Inspection, where: string, field: Field): void {
  checkSignature(inspection, where, field);
  if (!inspection.has(field, 'unitScope'))
    inspection.fault(where, 'says who is present in a unit, and no rule whose: write @unitScope.');
}

function checkSignature({ fault }: Inspection, where: string, field: Field): void {
  const args = field.args.map(({ name, type }) => `${name}: ${type}`);
  const written = `${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}: ${field.type}`;
  const due = ANSWERED[where];
  if (due === undefined) fault(where, 'is answered by nobody: write @newest(of: "…"), or leave it out.');
  else if (written !== due) fault(where, `is answered by the server: write ${due}.`);
}

/** Of queries and mutations the server answers these, and no others. */
function checkAnswered(inspection: Inspection, where: string, field: Field): void {
  if (where.startsWith('Query.') && inspection.has(field, 'whileAway')) return; // away-faults.ts
  const { schema, has, fault } = inspection;
  const kind = readDirective(schema, field, 'newest')?.['of'];
  if (kind === undefined) {
    checkSignature(inspection, where, field);
    return;
  }
  const source = subscriptionFields(schema).find((one) => topicRule(schema, one)?.kind === kind);
  if (source === undefined || topicRule(schema, source)?.isNewestOnly !== true)
    fault(where, `answers the newest of "${kind}", which is no kind with newestOnly: write such a kind.`);
  else if (String(field.type) !== getNamedType(source.type).name)
    fault(
      where,
      `answers what Subscription.${source.name} delivers: write ${getNamedType(source.type).name}.`,
    );
  const role = (one: Field): unknown => readDirective(schema, one, 'requiresRole')?.['role'];
  if (source !== undefined && role(source) !== role(field))
    fault(where, `is for other roles than Subscription.${source.name}: write the same @requiresRole.`);
  if (!has(field, 'unitScope'))
    fault(where, 'has a topic for each unit, and no rule whose: write @unitScope.');
}
