/** The TypeScript types of events, and of what publishers may send: `src/generated/events.ts`. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { type EventKind, type EventKinds, isListField } from '../src/events/kinds.ts';
import { spellingsOf } from '../src/events/words.ts';

const HEAD = `/** Generated from schema.graphql by \`npm run generate\`: do not edit. */
import type * as Schema from './schema.ts';
`;

/** A scalar as a publisher may write it. */
const SENT_SCALARS: Readonly<Record<string, string>> = {
  ID: 'string | number',
  String: 'string',
  Boolean: 'boolean',
  Int: 'number',
  Float: 'number',
  DateTime: 'string',
  JSON: 'unknown',
};

export function writeEventTypes(kinds: EventKinds): string {
  const all = [...kinds.values()];
  const sent = new Map<string, string>();
  for (const { type } of all) describeSent(type, sent);
  return [
    HEAD,
    '/** The GraphQL type that an event of each kind becomes: what it looks like once checked. */',
    block(
      'Events',
      all.map(({ kind, type }) => `readonly ${kind}: Schema.${type.name};`),
    ),
    '/** What a publisher may send of each kind: ids as strings or numbers, absent values left out. */',
    block(
      'SentEvents',
      all.map(({ kind, type }) => `readonly ${kind}: Sent${type.name};`),
    ),
    'export type EventName = keyof Events;\n',
    'export type EventOf<Kind extends EventName> = Events[Kind];\n',
    '/** Where an event is published: a unit’s topic, a user’s, or that of all units together. */',
    `export type EventChannel =\n${channelsOf(all)
      .map((channel) => `  | ${channel}`)
      .join('\n')};\n`,
    ...sent.values(),
  ].join('\n');
}

function channelsOf(kinds: readonly EventKind[]): readonly string[] {
  const union = (some: readonly EventKind[]): string => some.map(({ kind }) => `'${kind}'`).join(' | ');
  const personal = kinds.filter(({ hasUserTopics }) => hasUserTopics);
  const together = kinds.filter(({ hasTogether }) => hasTogether);
  return [
    '{ readonly kind: EventName; readonly unitId: string }',
    ...(personal.length > 0 ? [`{ readonly kind: ${union(personal)}; readonly userId: string }`] : []),
    ...(together.length > 0 ? [`{ readonly kind: ${union(together)}; readonly all: 'together' }`] : []),
  ];
}

/** Adds the types that a publisher sends for an object type, and for all that is nested in it. */
function describeSent(type: GraphQLObjectType, sent: Map<string, string>): void {
  if (sent.has(type.name)) return;
  const fields = Object.values(type.getFields());
  sent.set(type.name, block(`Sent${type.name}`, fields.map(sentField)));
  for (const field of fields) {
    const inner = getNamedType(field.type);
    if (isObjectType(inner)) describeSent(inner, sent);
  }
}

function sentField(field: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(field.type);
  const single = isObjectType(named)
    ? `Sent${named.name}`
    : isEnumType(named)
      ? named
          .getValues()
          .flatMap(({ name }) => [...new Set(spellingsOf(name))].map(quote))
          .join(' | ')
      : (SENT_SCALARS[named.name] ?? 'unknown');
  const type = isListField(field) ? `readonly (${single}${itemNull(field.type)})[]` : single;
  if (isNonNullType(field.type)) return `readonly ${field.name}: ${type};`;
  return `readonly ${field.name}?: ${type === 'unknown' ? type : `${type} | null | undefined`};`;
}

/** ` | null` where a list may have holes. */
function itemNull(type: GraphQLOutputType): string {
  const list = isNonNullType(type) ? type.ofType : type;
  return isListType(list) && !isNonNullType(list.ofType) ? ' | null' : '';
}

const quote = (word: string): string => `'${word}'`;

function block(name: string, lines: readonly string[]): string {
  return `export interface ${name} {\n${lines.map((line) => `  ${line}`).join('\n')}\n}\n`;
}
