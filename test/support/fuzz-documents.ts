/** Random documents: valid and nearly valid ones, damaged ones, and plain garbage. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  buildSchema,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isObjectType,
  OperationTypeNode,
} from 'graphql';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

/** Names with a special meaning in JavaScript or GraphQL. */
export const ODD_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__typename',
  '__schema',
  '__type',
  'on',
  'null',
  'true',
  'x'.repeat(3000),
] as const;

const VALUES = [
  'null',
  'true',
  '-0',
  '1e400',
  '9007199254740993',
  '"5"',
  '"*"',
  '""',
  '"""\n block \\""" """',
  '"\\uD800"',
  '"\\u{1F600}"',
  'APPROVED',
  'STORAGE',
  '[]',
  '[APPROVED, null]',
  '[[STORAGE]]',
  '{}',
  '{a: {b: [1]}}',
  '$a',
  '$b',
  '[$a]',
];
const value = fc.constantFrom(...VALUES);
const oddName = fc.constantFrom(...ODD_NAMES);
const directive = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('skip', 'include'), fc.constantFrom('true', 'false', '$c', '$d', 'null', '"x"'))
      .map(([name, condition]) => ` @${name}(if: ${condition})`),
  },
  { weight: 1, arbitrary: oddName.map((name) => ` @${name}`) },
  { weight: 1, arbitrary: fc.constantFrom(' @skip', ' @skip(if: true) @skip(if: true)', ' @requiresRole') },
);

/** Mostly names of the schema, sometimes an odd name. */
const nameOf = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: oddName });

const argumentsOf = (names: readonly string[]): fc.Arbitrary<string> =>
  names.length === 0
    ? fc.constant('')
    : fc
        .array(fc.tuple(nameOf(names), value), { maxLength: 3 })
        .map((written) =>
          written.length === 0 ? '' : `(${written.map(([name, text]) => `${name}: ${text}`).join(' ')})`,
        );

const alias = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom('a: ', 'b: ', '__proto__: ', 'constructor: ') },
);

function selectionOf(type: GraphQLObjectType, depth: number): fc.Arbitrary<string> {
  const fields = Object.values(type.getFields());
  const field = fc
    .tuple(alias, nameOf(fields.map(({ name }) => name)), directive, fc.integer({ min: 0, max: 9 }))
    .chain(([as, name, directives, dice]) => {
      const known = fields.find((candidate) => candidate.name === name);
      const inner = getNamedType(getNullableType(known?.type));
      const hasInner = dice === 0 ? !isObjectType(inner) : isObjectType(inner);
      const selections =
        hasInner && depth > 0
          ? selectionsOf(isObjectType(inner) ? inner : type, depth - 1)
          : fc.constant(hasInner ? ' { id }' : '');
      return fc
        .tuple(argumentsOf(known?.args.map((argument) => argument.name) ?? []), selections)
        .map(([args, inside]) => `${as}${name}${args}${directives}${inside}`);
    });
  const spread = fc
    .tuple(fc.constantFrom(...FRAGMENTS), directive)
    .map(([fragment, directives]) => `...${fragment}${directives}`);
  const inline = fc
    .tuple(fc.constantFrom('', ` on ${type.name}`, ' on Nothing', ' on ID'), directive)
    .map(([on, directives]) => `...${on}${directives} { __typename }`);
  return fc.oneof(
    { weight: 8, arbitrary: field },
    { weight: 1, arbitrary: spread },
    { weight: 1, arbitrary: inline },
  );
}

const FRAGMENTS = ['F', 'G', 'Missing', '__proto__', 'constructor'];

const selectionsOf = (type: GraphQLObjectType, depth: number): fc.Arbitrary<string> =>
  fc
    .array(selectionOf(type, depth), { minLength: 1, maxLength: 3 })
    .map((selections) => ` { ${selections.join(' ')} }`);

const variableDefinitions = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'd', '__proto__'),
      fc.constantFrom(
        'ID',
        'ID!',
        'Boolean!',
        'Boolean',
        '[RequestAction!]',
        '[RequestType!]!',
        '[[ID]]',
        'Request',
        'Nothing',
        'JSON',
        'DateTime',
        'String!',
      ),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant('') },
        { weight: 1, arbitrary: value.map((text) => ` = ${text}`) },
      ),
    ),
    { maxLength: 3 },
  )
  .map((definitions) =>
    definitions.length === 0
      ? ''
      : `(${definitions.map(([name, type, standard]) => `$${name}: ${type}${standard}`).join(', ')})`,
  );

const operation = fc
  .tuple(
    fc.constantFrom(
      OperationTypeNode.QUERY,
      OperationTypeNode.SUBSCRIPTION,
      OperationTypeNode.SUBSCRIPTION,
      OperationTypeNode.MUTATION,
    ),
    fc.constantFrom('', ' A', ' B', ' __proto__'),
    variableDefinitions,
    directive,
  )
  .chain(([kind, name, variables, directives]) => {
    const root = schema.getRootType(kind);
    if (root == null) throw new Error(`The schema has no ${kind}.`);
    return selectionsOf(root, 3).map((selections) => `${kind}${name}${variables}${directives}${selections}`);
  });

const fragment = fc
  .tuple(
    fc.constantFrom('F', 'G', '__proto__', 'Unused'),
    fc.constantFrom('Query', 'Subscription', 'Request', 'Crate', 'RequestEvent', '__Schema', 'Nothing'),
  )
  .chain(([name, on]) => {
    const type = schema.getType(on);
    return selectionsOf(isObjectType(type) ? type : (schema.getQueryType() ?? fail()), 2).map(
      (selections) => `fragment ${name} on ${on}${selections}`,
    );
  });

function fail(): never {
  throw new Error('The schema has no query.');
}

const written = fc
  .tuple(fc.array(operation, { minLength: 1, maxLength: 2 }), fc.array(fragment, { maxLength: 2 }))
  .map(([operations, fragments]) => [...operations, ...fragments].join('\n'));

/** Documents that are valid for graphql-js. */
const GOOD = [
  'subscription { requestUpdated { id request { id status crate { id storage { roomName } } } } }',
  'subscription A($a: ID, $b: [RequestAction!]) { requestUpdated(unitId: $a, actions: $b) { id } }',
  'subscription { sendBackCreated(mine: true) { id sendBack { reason } } }',
  'subscription { sendBackCreated(mine: null) { id } }',
  'subscription { auditLogged { entry { ipAddress changes } } }',
  'subscription { dashboardKpis { id computedAt } }',
  'query A($a: ID) { viewer { id sessionExpiresAt } dashboardKpis(unitId: $a) { id } }',
  'mutation ($a: String!) { renewSession(token: $a) { id } }',
  '{ __schema { types { name fields { name type { name ofType { name } } } } } }',
  '{ __typename @skip(if: true) }',
  'subscription { requestUpdated @skip(if: true) { id } }',
  'subscription ($c: Boolean!) { requestUpdated @include(if: $c) { id } }',
  'subscription { ...F } fragment F on Subscription { requestUpdated @skip(if: true) { id } }',
];

/** The text with a piece removed, repeated, or replaced. */
const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      text,
      fc.nat(),
      fc.nat({ max: 20 }),
      fc.oneof(
        fc.constantFrom(
          '',
          '{',
          '}',
          '(',
          '"',
          '"""',
          '...',
          '$',
          '@',
          '#',
          '\u0000',
          '\ud800',
          '\ufeff',
          '&',
          '|',
        ),
        fc.string({ unit: 'binary', maxLength: 5 }),
      ),
    )
    .map(([whole, from, length, by]) => {
      const at = from % (whole.length + 1);
      return whole.slice(0, at) + by + whole.slice(at + length);
    });

const TOKENS = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ':',
  '=',
  '!',
  '|',
  '&',
  '@',
  '$',
  '...',
  '"',
  '"""',
  '#',
  'query',
];

export const documents: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: written },
  { weight: 3, arbitrary: fc.constantFrom(...GOOD) },
  { weight: 3, arbitrary: damaged(fc.constantFrom(...GOOD)) },
  { weight: 2, arbitrary: damaged(written) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(...TOKENS), { maxLength: 60 }).map((tokens) => tokens.join(' ')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('{a', '[', '...{', '{a(b:[', '{a(b:{c:', 'query($a:[', '"""', '\n', '#\n'),
        fc.nat({ max: 9000 }),
      )
      .map(([piece, times]) => piece.repeat(times).slice(0, 60_000)),
  },
);
