/** The tables of the pages that follow from the SDL: subscriptions, and channels of kinds. */
import { astFromValue, type GraphQLArgument, type GraphQLField, type GraphQLSchema, print } from 'graphql';
import type { Domain } from '../src/events/domain.ts';
import type { EventKind } from '../src/events/kinds.ts';
import { ownTopicArgument, topicRule } from '../src/events/kinds.ts';
import { readDirective } from '../src/events/sdl.ts';

type Field = GraphQLField<unknown, unknown>;

/** The setting that lists the roles of a class. */
const ROLE_SETTINGS: Readonly<Record<string, string>> = { ADMIN: 'ADMIN_ROLES', AUDITOR: 'AUDIT_ROLES' };

/** What can be subscribed to, for a reader who wants to begin. */
export function writeSubscriptions({ schema }: Domain): string {
  return table(
    ['subscription', 'arguments', 'what it delivers'],
    allSubscriptions(schema).map((field) => [
      code(field.name),
      field.args.map(({ name }) => code(name)).join(', '),
      [describe(field), ...notesOf(schema, field).map(sentence)].join(' '),
    ]),
  );
}

/** The signatures of all subscriptions, for the contract. */
export function writeSignatures({ schema }: Domain): string {
  return table(
    ['subscription', 'notes'],
    allSubscriptions(schema).map((field) => [
      `${code(`${field.name}(${field.args.map(describeArgument).join(', ')})`)}: ${code(String(field.type))}`,
      notesOf(schema, field).map(sentence).join(' '),
    ]),
  );
}

/** The channels on which the events of each kind are published. */
export function writeChannels({ kinds }: Domain): string {
  return table(
    ['kind', 'channels', 'carries'],
    [...kinds.values()].map((kind) => [
      kind.kind,
      channelsOf(kind).map(code).join(', '),
      describe(kind.type),
    ]),
  );
}

function channelsOf({ kind, hasUserTopics, hasTogether }: EventKind): readonly string[] {
  return [
    `dms:${kind}:unit:{unitId}`,
    ...(hasUserTopics ? [`dms:${kind}:user:{userId}`] : []),
    ...(hasTogether ? [`dms:${kind}:all`] : []),
  ];
}

/** What an account of Redis needs to read all units of every kind. */
export function writePatterns({ kinds }: Domain): string {
  return [...kinds.keys()].map((kind) => `&dms:${kind}:unit:*`).join(' ');
}

/** Also those that the server answers by itself. */
const allSubscriptions = (schema: GraphQLSchema): readonly Field[] =>
  Object.values(schema.getSubscriptionType()?.getFields() ?? {});

/** What directives say of a subscription, beside its description. */
function notesOf(schema: GraphQLSchema, field: Field): readonly string[] {
  const role = readDirective(schema, field, 'requiresRole')?.['role'];
  const own = ownTopicArgument(schema, field);
  return [
    ...(own === undefined ? [] : [`${code(`${own}: true`)} reads the viewer’s own topic`]),
    ...(role === undefined ? [] : [`only for roles in ${code(ROLE_SETTINGS[String(role)] ?? String(role))}`]),
    ...(topicRule(schema, field)?.isNewestOnly === true
      ? [`at most one in ${code('KPI_INTERVAL_MS')} to each client`]
      : []),
  ];
}

/** `mine = false` */
function describeArgument({ name, type, defaultValue }: GraphQLArgument): string {
  const value = defaultValue === undefined ? null : astFromValue(defaultValue, type);
  return value == null ? name : `${name} = ${print(value)}`;
}

const describe = ({ description }: Pick<Field, 'description'>): string =>
  (description ?? '').replace(/\s+/g, ' ');

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const code = (text: string): string => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell.replaceAll('|', '\\|')} `)).join('|')}|`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
