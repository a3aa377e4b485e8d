/** The SDL, the matrix of the authorization tests, and the tables of the pages agree. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type GraphQLOutputType, getNamedType, isEnumType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { writePages } from '../../codegen/pages.ts';
import { subscriptionFields, topicRule } from '../../src/events/kinds.ts';
import { DOMAIN } from '../support/domain.ts';
import { ROOT_QUERIES } from '../support/matrix.ts';

const { schema, kinds } = DOMAIN;
const ROOT = new URL('../../', import.meta.url);

const pages = [
  'README.md',
  'PROTOCOL.md',
  ...readdirSync(new URL('docs/', ROOT)).map((name) => `docs/${name}`),
]
  .filter((name) => name.endsWith('.md') && existsSync(new URL(name, ROOT)))
  .map((name) => readFileSync(new URL(name, ROOT), 'utf8'));
const clientPage = readFileSync(new URL('client/README.md', ROOT), 'utf8');

/** The rows that start with a name, in the tables of all pages. */
function rowsOf(name: string): readonly string[] {
  return pages.flatMap((page) => page.split('\n')).filter((line) => line.startsWith(`| \`${name}`));
}

const names = (type: { getFields(): object } | null | undefined): string[] =>
  Object.keys(type?.getFields() ?? {});

/** The values of the enums that some fields have. */
function wordsOf(fields: Readonly<Record<string, { readonly type: GraphQLOutputType }>>): string[] {
  return Object.values(fields).flatMap(({ type }) => {
    const named = getNamedType(type);
    return isEnumType(named) ? named.getValues().map(({ name }) => name) : [];
  });
}

test('the generated tables of the pages are as the SDL has them', () => {
  for (const [path, text] of writePages(DOMAIN, ROOT))
    expect(readFileSync(new URL(path, ROOT), 'utf8')).toBe(text);
});

test('every query and mutation is tried without a token', () => {
  expect(Object.keys(ROOT_QUERIES).toSorted()).toEqual(
    [
      ...names(schema.getQueryType()).map((name) => `Query.${name}`),
      ...names(schema.getMutationType()).map((name) => `Mutation.${name}`),
    ].toSorted(),
  );
});

describe.each(subscriptionFields(schema))('the pages have $name', (field) => {
  test('with all its arguments', () => {
    const rows = rowsOf(field.name);
    expect(rows.length).toBeGreaterThan(0);
    for (const { name } of field.args) expect(rows.join('\n')).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test('with all fields, enum values and actions of its events, on the client’s page', () => {
    const row =
      clientPage.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${field.name}`)) ?? '';
    const event = getNamedType(field.type);
    const kind = kinds.get(topicRule(schema, field)?.kind ?? '');
    const entity = kind?.entityField === undefined ? event : getNamedType(kind.entityField.type);
    if (!isObjectType(event) || !isObjectType(entity)) throw new Error(`${field.name} delivers no event.`);
    const { action } = event.getFields();
    for (const name of [
      ...names(entity),
      ...wordsOf(entity.getFields()),
      ...wordsOf({ ...(action && { action }) }),
    ])
      expect(row).toContain(`\`${name}\``);
  });
});

test('no table names a subscription that does not exist', () => {
  const rows = /^\| subscription \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)/m;
  const table = pages.map((page) => rows.exec(page)?.[1]).find((found) => found !== undefined) ?? '';
  const named = [...table.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(names(schema.getSubscriptionType()).toSorted());
});

describe.each([...kinds.values()])(
  'the pages have the topics of $kind',
  ({ kind, hasUserTopics, hasTogether }) => {
    test('of units, of users and of all units together, and the permission to read all units', () => {
      const text = pages.join('\n');
      expect(text).toContain(`dms:${kind}:unit:{`);
      expect(text).toContain(` &dms:${kind}:unit:* `);
      expect(text.includes(`dms:${kind}:user:{`)).toBe(hasUserTopics);
      expect(text.includes(`\`dms:${kind}:all\``)).toBe(hasTogether);
    });
  },
);
