/** Documents that do not parse, do not fit the schema, or ask for too much. Only that operation gets an error. */
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { useApp } from '../support/app.ts';
import { type Data, post, useSignedInRawClient, useStream } from '../support/clients.ts';
import { people } from '../support/tokens.ts';

const nested = (levels: number): string => {
  // A document deeper than the schema is not valid, and inline fragments add tokens but no depth. So introspection fields are
  // nested.
  const open = '{ __schema { types '.concat('{ fields { type '.repeat(levels));
  return `${open}{ name }${' } }'.repeat(levels)} } }`;
};

/** Each fragment spreads the next one twice: a few lines give `2 ** levels` fields. */
const multiplied = (levels: number): string => {
  const spread = (to: string, alias: string): string => `${alias}: viewer { ...${to} }`;
  const fragments = Array.from({ length: levels }, (_, n) =>
    n + 1 === levels
      ? `fragment F${n} on Viewer { id }`
      : `fragment F${n} on Viewer { ...F${n + 1} ...F${n + 1} }`,
  );
  return `query { ${spread('F0', 'a')} } ${fragments.join(' ')}`;
};

const DEEP = `subscription { sendBackCreated { sendBack { request { crate { storage { id } } } } } }`;
const MANY = `{ ${Array.from({ length: 300 }, (_, n) => `a${n}: viewer { id name role }`).join(' ')} }`;

interface Case {
  readonly what: string;
  readonly payload: Data;
  readonly code: ErrorCode;
}

const CASES: readonly Case[] = [
  { what: 'a syntax error', payload: { query: 'subscription {' }, code: 'GRAPHQL_PARSE_FAILED' },
  { what: 'no document', payload: { query: ' ' }, code: 'GRAPHQL_PARSE_FAILED' },
  { what: 'a string that does not end', payload: { query: '{ a(b: "' }, code: 'GRAPHQL_PARSE_FAILED' },
  {
    what: 'an unknown field',
    payload: { query: 'subscription { nope }' },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'an unknown argument',
    payload: { query: 'subscription { storageUpdated(unit: 5) { id } }' },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'an enum value that is none',
    payload: { query: 'subscription { requestUpdated(actions: [NOPE]) { id } }' },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'two subscriptions in one',
    payload: { query: 'subscription { a: storageUpdated { id } b: storageUpdated { id } }' },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'fragments in a circle',
    payload: {
      query: 'query { viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }',
    },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'a filter of nothing',
    payload: { query: 'subscription { requestUpdated(actions: []) { id } }' },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'an unknown operationName',
    payload: { query: 'query A { viewer { id } }', operationName: 'B' },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'several operations and no operationName',
    payload: { query: 'query A { viewer { id } } query B { viewer { id } }' },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'a variable of another type',
    payload: {
      query: 'subscription ($u: ID) { storageUpdated(unitId: $u) { id } }',
      variables: { u: { a: 1 } },
    },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'a variable that is missing',
    payload: { query: 'query ($u: ID!) { dashboardKpis(unitId: $u) { id } }' },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'an enum variable that is none',
    payload: {
      query: 'subscription ($t: [RequestType!]) { requestUpdated(requestTypes: $t) { id } }',
      variables: { t: ['Storage'] },
    },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'a subscription whose field is left out',
    payload: { query: 'subscription { requestUpdated @skip(if: true) { id } }' },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    what: 'a subscription whose field depends on a variable',
    payload: {
      query: 'subscription ($a: Boolean!) { requestUpdated @include(if: $a) { id } }',
      variables: { a: false },
    },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  { what: 'too many fields', payload: { query: MANY }, code: 'LIMIT_EXCEEDED' },
  { what: 'fragments that multiply fields', payload: { query: multiplied(12) }, code: 'LIMIT_EXCEEDED' },
  {
    what: 'fragments that multiply beyond counting',
    payload: { query: multiplied(150) },
    code: 'LIMIT_EXCEEDED',
  },
  {
    what: 'too many tokens',
    payload: { query: `{ viewer { ${'id '.repeat(2000)} } }` },
    code: 'LIMIT_EXCEEDED',
  },
  { what: 'brackets without end', payload: { query: '{a'.repeat(20_000) }, code: 'LIMIT_EXCEEDED' },
  {
    what: 'a list value nested without end',
    payload: { query: `{ dashboardKpis(unitId: ${'['.repeat(30_000)}) { id } }` },
    code: 'LIMIT_EXCEEDED',
  },
  {
    what: 'a variable nested without end',
    payload: {
      query: 'query ($u: ID) { dashboardKpis(unitId: $u) { id } }',
      variables: { u: JSON.parse('['.repeat(4000) + ']'.repeat(4000)) },
    },
    code: 'BAD_USER_INPUT',
  },
  {
    what: 'fields nested as far as the tokens go',
    payload: { query: '{viewer'.repeat(660) + '}'.repeat(660) },
    code: 'LIMIT_EXCEEDED',
  },
  {
    what: 'inline fragments nested as far as the tokens go',
    payload: { query: `{ viewer ${'{...'.repeat(490)}{ id }${'}'.repeat(490)} id } }` },
    code: 'GRAPHQL_PARSE_FAILED',
  },
  {
    what: 'a type nested without end',
    payload: { query: `query ($u: ${'['.repeat(1900)}) { viewer { id } }` },
    code: 'GRAPHQL_PARSE_FAILED',
  },
];

describe.each(CASES)('$what is $code', ({ payload, code }) => {
  test('over a WebSocket, and the WebSocket stays open', async () => {
    const app = await useApp();
    const client = await useSignedInRawClient(app, await people.head());
    client.send({ id: 'bad', type: 'subscribe', payload });
    const answer = await client.next();
    const errors = answer['type'] === 'error' ? answer['payload'] : answer['payload'].errors;
    expect(answer).toMatchObject({ id: 'bad' });
    expect(codesOf(errors)).toContain(code);
    if (answer['type'] === 'next') expect(await client.next()).toEqual({ id: 'bad', type: 'complete' });
    client.send({ id: 'bad', type: 'subscribe', payload: { query: '{ viewer { id } }' } });
    expect(await client.next()).toEqual({
      id: 'bad',
      type: 'next',
      payload: { data: { viewer: { id: '17' } } },
    });
  });

  test('over HTTP', async () => {
    const app = await useApp();
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: payload['query'].startsWith('subscription') ? 'text/event-stream' : 'application/json',
        authorization: `Bearer ${await people.head()}`,
      },
      body: JSON.stringify(payload),
    });
    const text = await response.text();
    const data = text.split('\n').find((line) => line.startsWith('data: {'));
    expect(codesOf(JSON.parse(data?.slice(6) ?? text).errors)).toContain(code);
  });
});

const KNOWN: Record<ErrorCode, true> = {
  UNAUTHENTICATED: true,
  FORBIDDEN: true,
  BAD_USER_INPUT: true,
  GRAPHQL_PARSE_FAILED: true,
  GRAPHQL_VALIDATION_FAILED: true,
  UNTRUSTED_DOCUMENT: true,
  LIMIT_EXCEEDED: true,
  CURSOR_EXPIRED: true,
  SERVICE_UNAVAILABLE: true,
  INTERNAL_SERVER_ERROR: true,
};

/** The codes of errors. Checks that each code is known and is the only extension. */
function codesOf(errors: Data[]): string[] {
  for (const { extensions } of errors) expect(Object.keys(extensions)).toEqual(['code']);
  const codes = errors.map(({ extensions }) => extensions.code);
  for (const code of codes) expect(KNOWN).toHaveProperty(code);
  return codes;
}

describe('the depth of a document', () => {
  test('is limited by MAX_DOCUMENT_DEPTH, over every transport', async () => {
    const app = await useApp({ MAX_DOCUMENT_DEPTH: '5' });
    const token = await people.head();
    const client = await useSignedInRawClient(app, token);
    for (const query of [DEEP, fragmented(DEEP)]) {
      client.send({ id: 'a', type: 'subscribe', payload: { query } });
      const answer = await client.next();
      expect(codesOf(answer['payload'])).toEqual(['LIMIT_EXCEEDED']);
      const stream = await useStream(app, query, token);
      expect((await stream.next())?.data?.errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }]);
    }
  });

  test('allows every path of the schema, and introspection', async () => {
    const app = await useApp();
    const client = await useSignedInRawClient(app, await people.head());
    client.send({ id: 'a', type: 'subscribe', payload: { query: DEEP } });
    client.send({ id: 'b', type: 'subscribe', payload: { query: '{ viewer { id } }' } });
    expect(await client.next()).toMatchObject({ id: 'b', type: 'next' });
    const introspection =
      '{ __schema { types { fields { type { ofType { ofType { ofType { ofType { name } } } } } } } } }';
    expect((await post(app, introspection)).body.errors).toBeUndefined();
  });

  test('bounds introspection too', async () => {
    const app = await useApp();
    expect((await post(app, nested(20))).body.errors).toMatchObject([
      { extensions: { code: 'LIMIT_EXCEEDED' } },
    ]);
  });

  /** The same query with its innermost part in a fragment. */
  const fragmented = (query: string): string =>
    `${query.replace('crate { storage { id } }', 'crate { ...C }')} fragment C on Crate { storage { id } }`;
});
