/** Subscriptions that are compiled answer as graphql-js does, byte for byte; whatever is unusual is left to graphql-js. */
import fc from 'fast-check';
import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  subscribe,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import type { EventData } from '../../src/events/kinds.ts';
import type { SharedScope } from '../../src/graphql/context.ts';
import { createSubscribe } from '../../src/graphql/execute-events.ts';
import { compileSelections } from '../../src/graphql/plain-selection.ts';
import { DOMAIN } from '../support/domain.ts';
import { createSchemaOnly } from '../support/schema.ts';

const schema = createSchemaOnly();
/** So that both answer the same errors. */
const unmasked = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError(String(error));
const root = schema.getSubscriptionType();
/** The fields that deliver events, with their kinds. */
const EVENT_FIELDS = Object.values(root?.getFields() ?? {}).flatMap((field) => {
  const kind = [...DOMAIN.kinds.values()].find(
    ({ type }) => type.name === getNamedType(field.type).toString(),
  );
  return kind === undefined ? [] : [{ name: field.name, kind }];
});
const scopes = fc.record({
  unitId: fc.constantFrom('5', '7'),
  isAdmin: fc.boolean(),
  isAuditor: fc.boolean(),
});

const condition = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  fc.constantFrom(' @skip(if: true)', ' @include(if: true)', ' @include(if: false)', ' @include(if: $c)'),
);
const alias = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  fc.constantFrom('a: ', 'b: ', '__proto__: '),
);

/** The selection set of a type: fields, fragments and both once more. */
function selections(type: GraphQLObjectType, depth: number): fc.Arbitrary<string> {
  const field = fc.constantFrom('__typename', ...Object.keys(type.getFields())).chain((name) => {
    const inner = getNamedType(type.getFields()[name]?.type);
    const below = isObjectType(inner) && depth > 0 ? selections(inner, depth - 1) : fc.constant(' { id }');
    return fc
      .tuple(alias, condition, isObjectType(inner) ? below : fc.constant(''))
      .map(([as, when, within]) => `${as}${name}${when}${within}`);
  });
  const inline = fc
    .tuple(fc.constantFrom('', ` on ${type.name}`), condition, field)
    .map(([on, when, within]) => `...${on}${when} { ${within} }`);
  const spread = fc.tuple(fc.constant(`...On${type.name}`), condition).map((parts) => parts.join(''));
  return fc
    .array(fc.oneof({ weight: 6, arbitrary: field }, inline, spread), { minLength: 1, maxLength: 5 })
    .map((all) => ` { ${all.join(' ')} }`);
}

const FRAGMENTS = ['Request', 'Crate', 'StorageLocation', 'Document', 'User', 'RequestEvent']
  .filter((name) => isObjectType(schema.getType(name)))
  .map((name) => `fragment On${name} on ${name} { id __typename }`)
  .join('\n');

/** What a value of a type may be: mostly as its validator passes it on, at times something that graphql-js reports. */
function arbitraryOf(type: GraphQLOutputType, depth: number): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom<unknown>(null, null, null, 'odd', 5, []);
  if (isNonNullType(type)) {
    return fc.oneof(
      { weight: 60, arbitrary: arbitraryOf(type.ofType, depth) },
      { weight: 1, arbitrary: odd },
    );
  }
  if (isListType(type)) {
    const list =
      depth > 0 ? fc.array(arbitraryOf(type.ofType, depth - 1), { maxLength: 3 }) : fc.constant([]);
    return fc.oneof({ weight: 15, arbitrary: list }, { weight: 1, arbitrary: odd });
  }
  const usual = isObjectType(type) ? dataOf(type, depth - 1) : leafOf(String(type));
  return fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

function leafOf(name: string): fc.Arbitrary<unknown> {
  const text = fc.constantFrom('x', 'ä "quoted" 🗄', '', '\ud800');
  const leaves: Record<string, fc.Arbitrary<unknown>> = {
    ID: fc.constantFrom('5', '7', '301'),
    Int: fc.nat(9),
    Float: fc.constant(1.5),
    Boolean: fc.boolean(),
    JSON: fc.jsonValue(),
    RequestAction: fc.constant('APPROVED'),
    RequestStatus: fc.constant('PENDING'),
    RequestType: fc.constant('STORAGE'),
    CrateStatus: fc.constant('ACTIVE'),
  };
  return leaves[name] ?? text;
}

function dataOf(type: GraphQLObjectType, depth: number): fc.Arbitrary<Record<string, unknown> | null> {
  if (depth < 0) return fc.constant(null);
  const fields = Object.values(type.getFields());
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, arbitraryOf(field.type, depth)])));
}

const asked = fc.oneof(
  ...EVENT_FIELDS.map(({ name, kind }) =>
    fc.record({
      kind: fc.constant(kind),
      text: fc
        .tuple(alias, selections(kind.type, 3))
        .map(([as, set]) => `subscription ($c: Boolean = true) { ${as}${name}${set} }\n${FRAGMENTS}`),
      data: dataOf(kind.type, 4),
    }),
  ),
);

/** All that a subscription answers to an event, and what it notes of it. */
async function outcome(engine: typeof subscribe, text: string, scope: SharedScope['scope'], event: Event) {
  const { kind, data } = event;
  const time = '2026-11-22T09:30:00Z';
  const missed = [{ event: { kind, data, time }, offset: 3, cursor: 'cursor' }];
  const audience: SharedScope = { scope, missed, signal: new AbortController().signal, undelivered: [] };
  const args: ExecutionArgs = { schema, document: parse(text), contextValue: { audience } };
  const results = await engine(args);
  const answers: unknown[] = [];
  if (Symbol.asyncIterator in results) for await (const result of results) answers.push(result);
  else answers.push(results);
  return { json: JSON.stringify(answers), noted: audience.undelivered, position: audience.position };
}

interface Event {
  readonly kind: string;
  readonly data: EventData;
}

const withoutUnused = (text: string): boolean =>
  validate(schema, parse(text)).every(({ message }) => /is never used/.test(message));

test('random documents and events', async () => {
  let plain = 0;
  const compiled = compileSelections();
  await fc.assert(
    fc.asyncProperty(asked, scopes, async ({ kind, text, data }, scope) => {
      fc.pre(data !== null && withoutUnused(text));
      if (compiled({ schema, document: parse(text) }) !== undefined) plain += 1;
      const event = { kind: kind.kind, data: { ...data, id: '1' } };
      expect(await outcome(createSubscribe(unmasked), text, scope, event)).toEqual(
        await outcome(subscribe, text, scope, event),
      );
    }),
    { numRuns: 80 },
  );
  expect(plain).toBeGreaterThan(15);
});

test('what belongs to another unit is left out, by a selection that is compiled', async () => {
  const text = `subscription { requestUpdated { request {
    own: crate { documents { id } } crate { storage { id } } } } }`;
  const request = (crateUnit: string, placeUnit: string) => ({
    kind: 'request',
    data: {
      id: '1',
      request: {
        crate: {
          unitId: crateUnit,
          documents: [{ id: 'own', unitId: '5' }, { id: 'foreign', unitId: '7' }, { id: 'of the crate' }],
          storage: { id: 'place', unitId: placeUnit },
        },
      },
    },
  });
  const scope = { unitId: '5', isAdmin: false, isAuditor: false };
  expect(isCompiled(text)).toBe(true);
  const { json } = await outcome(createSubscribe(unmasked), text, scope, request('5', '7'));
  expect(json).toContain('"documents":[{"id":"own"},{"id":"of the crate"}]');
  expect(json).not.toMatch(/foreign|place/);
  const others = request('7', '5');
  const answer = await outcome(createSubscribe(unmasked), text, scope, others);
  expect(answer.json).toContain('"own":null,"crate":null');
  expect(answer).toEqual(await outcome(subscribe, text, scope, others));
});

const isCompiled = (text: string): boolean =>
  compileSelections()({ schema, document: parse(text) }) !== undefined;

test.each([
  ['subscription { requestUpdated { id } }', true],
  [
    'subscription ($u: ID) { it: requestUpdated(unitId: $u) { __typename id @skip(if: true) ...F } } fragment F on RequestEvent { action }',
    true,
  ],
  ['subscription { dashboardKpis { id } }', true],
  ['subscription ($c: Boolean!) { requestUpdated { id @include(if: $c) } }', false],
  ['subscription { requestUpdated { __proto__: id } }', false],
  ['subscription { presence(kind: "request", id: "1") { users { id } } }', false],
  ['query { viewer { id } }', false],
])('%s', (text, expected) => {
  expect(isCompiled(text)).toBe(expected);
});

test('a document that spreads its fragments so often that its selection is larger than itself is not compiled', () => {
  const names = (prefix: string) => Array.from({ length: 10 }, (_, at) => `${prefix}${at}`);
  const spreading = (times: number) => `subscription { requestUpdated { ${names('a')
    .slice(0, times)
    .map((name) => `${name}: request { ...R }`)
    .join(' ')} } }
    fragment R on Request { ${names('b')
      .map((name) => `${name}: crate { ...C }`)
      .join(' ')} }
    fragment C on Crate { ${names('c')
      .map((name) => `${name}: id`)
      .join(' ')} }`;
  expect([isCompiled(spreading(1)), isCompiled(spreading(10))]).toEqual([true, false]);
});

test('an operation is compiled once', () => {
  const document = parse('subscription { requestUpdated { id } }');
  const compiled = compileSelections();
  expect(compiled({ schema, document })).toBe(compiled({ schema, document }));
});
