/** The limits of a document: errors, characters, and cached bytes. */
import { type GraphQLError, getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { DocumentLimits } from '../../src/graphql/document-limits.ts';
import { createDocuments, type DocumentOptions, type Documents } from '../../src/graphql/documents.ts';
import { createSchemaOnly } from '../support/schema.ts';

const LIMITS: DocumentLimits = {
  maxTokens: 2000,
  maxAnonymousTokens: 500,
  maxDepth: 10,
  maxFields: 1000,
  cacheBytes: 1_000_000,
};
const schema = createSchemaOnly();

function documentsWith(
  limits: Partial<DocumentLimits> = {},
  options: Partial<DocumentOptions> = {},
): Documents {
  return createDocuments({ schema, introspection: true, limits: { ...LIMITS, ...limits }, ...options });
}

/** The messages of the errors that a document is refused with, thrown or returned. */
function faultsOf(
  documents: Documents,
  text: string,
  sender: 'user' | 'stranger' = 'stranger',
): readonly GraphQLError[] {
  try {
    return documents.read({ query: text }, sender).faults;
  } catch (error) {
    return [error as GraphQLError];
  }
}
const codesOf = (...args: Parameters<typeof faultsOf>): unknown[] =>
  faultsOf(...args).map(({ extensions }) => extensions['code']);

const many = (count: number, write: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ');

describe('the cache', () => {
  const valid = (index: number): string => `{ viewer { id } } #${index}`;

  test('caches valid documents of users, but no invalid ones and none of strangers', () => {
    const documents = documentsWith();
    documents.read({ query: '{ __typename }' }, 'stranger');
    documents.read({ query: getIntrospectionQuery() }, 'stranger');
    for (const text of [
      '{ nope }',
      '{',
      '{ viewer { id: name id } }',
      `{ viewer { ${'id '.repeat(1200)} } }`,
    ])
      expect(faultsOf(documents, text, 'user')).not.toEqual([]);
    expect(documents.stats).toEqual({ documents: 0, bytes: 0 });

    const { document } = documents.read({ query: valid(1) }, 'user');
    expect(documents.read({ query: valid(1) }, 'user').document).toBe(document);
    expect(documents.stats.documents).toBe(1);
    expect(codesOf(documents, valid(1))).toEqual(['UNAUTHENTICATED']);
  });

  test('stays within its bytes, and drops the least recently used document', () => {
    const documents = documentsWith({ cacheBytes: 100_000 });
    const first = documents.read({ query: valid(0) }, 'user').document;
    for (let index = 1; index < 100; index += 1) {
      documents.read({ query: valid(index) }, 'user');
      expect(documents.stats.bytes).toBeLessThanOrEqual(100_000);
      if (index % 5 === 0) expect(documents.read({ query: valid(0) }, 'user').document).toBe(first);
    }
    expect(documents.stats.documents).toBeGreaterThan(5);
  });

  test('skips a document larger than the cache, and may be switched off', () => {
    const large = `{ viewer { ${'id '.repeat(900)} } }`;
    for (const [text, cacheBytes] of [
      [large, 100_000],
      [valid(1), 0],
    ] as const) {
      const documents = documentsWith({ cacheBytes });
      expect(documents.read({ query: text }, 'user').faults).toEqual([]);
      expect(documents.stats).toEqual({ documents: 0, bytes: 0 });
    }
  });
});

describe('a stranger’s document', () => {
  test('may introspect as every tool does', () => {
    const all = {
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    };
    for (const text of [
      getIntrospectionQuery(),
      getIntrospectionQuery(all),
      '{ __type(name: "Query") { name } }',
    ])
      expect(faultsOf(documentsWith(), text)).toEqual([]);
  });

  test.each([
    ['too long', `{ ${'a '.repeat(600)} }`],
    ['of too many lines', `${'\n'.repeat(1500)}{ __typename }`],
    ['too long, with an error after the limit', `{ ${'a '.repeat(600)}`],
    ['that needs a session', '{ viewer { id } }'],
    ['that needs a session and has another error', `{ viewer { nope ${many(50, (index) => `b${index}`)} } }`],
    ['that needs a session within fragments', 'query { ... { ...A } } fragment A on Query { viewer { id } }'],
    [
      'with one operation that needs a session',
      'query A { __typename } subscription B { storageUpdated { id } }',
    ],
  ])('%s is answered with the advice to sign in, and nothing else', (_what, text) => {
    const faults = faultsOf(documentsWith(), text);
    expect(faults.map(({ message, extensions }) => [message, extensions])).toEqual([
      [
        'Sign in: this needs an access token.',
        { code: 'UNAUTHENTICATED', http: expect.objectContaining({ status: 401 }) },
      ],
    ]);
  });

  test('gets a few errors if it is invalid', () => {
    const documents = documentsWith();
    expect(codesOf(documents, '{')).toEqual(['GRAPHQL_PARSE_FAILED']);
    expect(codesOf(documents, '{ nope }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    for (const text of [
      `{ ${many(480, (index) => `b${index}`)} }`,
      `{ __typename ${'@a '.repeat(240)} }`,
      `query (${many(120, (index) => `$a${index}: Strin`)}) { __typename }`,
      `{ x(${many(100, (index) => `a${index}: 1`)}) }`,
    ]) {
      const faults = faultsOf(documents, text);
      expect(faults.length).toBeGreaterThan(0);
      expect(faults.length).toBeLessThanOrEqual(4); // the last one says that there are more errors
      expect(JSON.stringify(faults).length).toBeLessThan(2500);
    }
  });

  test('gets no suggestions of names, however long its own name is', () => {
    for (const text of ['{ viewe }', 'query ($a: Strin) { __typename }', `{ ${'viewer'.repeat(9000)} }`])
      for (const { message } of faultsOf(documentsWith(), text))
        expect(message).not.toContain('Did you mean');
  });
});

describe('a user’s document', () => {
  test('gets at most twenty errors, and one that says there are more', () => {
    const faults = faultsOf(documentsWith(), `{ ${many(900, (index) => `b${index}`)} }`, 'user');
    expect(faults).toHaveLength(21);
  });

  test('may repeat a field many times, up to the limits', () => {
    for (const text of [`{ ${'viewer{id}'.repeat(390)} }`, `{ viewer { ${'id '.repeat(900)} } }`])
      expect(faultsOf(documentsWith(), text, 'user')).toEqual([]);
  });

  test('gets no suggestions of names if introspection is off', () => {
    const texts = [
      '{ viewe { id } }',
      '{ dashboardKpis(unitID: 1) { id } }',
      'query ($x: Requst) { __typename }',
      'subscription { requestUpdated(actions: [APROVED]) { id } }',
      'subscription { auditLogged { entry { ipAddres } } }',
    ];
    for (const text of texts) {
      const suggesting = faultsOf(documentsWith(), text, 'user').map(({ message }) => message);
      expect(suggesting.join()).toContain('Did you mean');
      const hiding = faultsOf(documentsWith({}, { introspection: false }), text, 'user');
      expect(hiding).not.toEqual([]);
      for (const { message } of hiding) expect(message).not.toContain('Did you mean');
    }
  });
});

test.each(['user', 'stranger'] as const)('errors quote only part of the text of a %s', (sender) => {
  const long = 'x'.repeat(30_000);
  for (const text of [
    `{ ${long} }`,
    `{ __typename } ${long}`,
    `query ${long} { ${many(50, (index) => `b(c: $v${index})`)} }`,
    `query ($a: ${long}) { __typename }`,
    `{ __typename @${long} }`,
    `{ __type(name: 5, ${long}: "${long}") { name } }`,
    `{ ...${long} } fragment ${long} on Query { ...${long} }`,
  ]) {
    const faults = faultsOf(documentsWith(), text, sender);
    expect(faults).not.toEqual([]);
    for (const { message } of faults) expect(message.length).toBeLessThan(410);
  }
});

describe('introspection', () => {
  test.each([
    ['aliases', '{ a: __schema { types { name } } b: __schema { types { name } } }'],
    ['an alias within', '{ __schema { types { a: name b: name } } }'],
    ['an alias within a fragment', '{ __schema { ...A } } fragment A on __Schema { types { a: name } }'],
    ['fields of fields', '{ __schema { types { fields { type { fields { name } } } } } }'],
    [
      'fields of fields through fragments',
      '{ __schema { types { ...A } } } fragment A on __Type { fields { type { ...B } } } fragment B on __Type { inputFields { name } }',
    ],
  ])('with %s is refused, with or without a session', (_what, text) => {
    for (const sender of ['user', 'stranger'] as const)
      expect(codesOf(documentsWith(), text, sender)).toEqual(['LIMIT_EXCEEDED']);
  });

  test('allows aliases of all other fields', () => {
    expect(faultsOf(documentsWith(), '{ a: __typename b: __typename __schema { types { name } } }')).toEqual(
      [],
    );
  });
});

describe('a subscription whose field may be skipped', () => {
  test.each([
    ['by @skip', 'subscription { requestUpdated @skip(if: true) { id } }'],
    ['by @include', 'subscription { requestUpdated @include(if: false) { id } }'],
    ['with its fragment', 'subscription { ... @skip(if: true) { requestUpdated { id } } }'],
    [
      'within a fragment',
      'subscription { ...A } fragment A on Subscription { requestUpdated @skip(if: true) { id } }',
    ],
    [
      'in one of two operations',
      'query A { viewer { id } } subscription B { requestUpdated @skip(if: true) { id } }',
    ],
    ['by a variable', 'subscription ($a: Boolean!) { requestUpdated @skip(if: $a) { id } }'],
    [
      'by a variable with a default',
      'subscription ($a: Boolean! = true) { requestUpdated @skip(if: $a) { id } }',
    ],
    ['by null', 'subscription { requestUpdated @include(if: null) { id } }'],
  ])('%s is not valid', (_how, text) => {
    expect(codesOf(documentsWith(), text, 'user')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });

  test('is valid with another field', () => {
    const text = 'subscription { requestUpdated @skip(if: true) { id } crateUpdated { id } }';
    expect(faultsOf(documentsWith(), text, 'user')).toEqual([]);
  });
});

test('a document whose operations and fragments multiply the validation work is refused', () => {
  const fragments = many(400, (index) => `fragment F${index} on Query { ...F${index + 1} }`);
  const operations = many(400, (index) => `query Q${index} { ...F${index} }`);
  const text = `${operations} ${fragments} fragment F400 on Query { viewer { id } }`;
  expect(codesOf(documentsWith({ maxTokens: 100_000, maxFields: 100_000 }), text, 'user')).toEqual([
    'LIMIT_EXCEEDED',
  ]);
});

test('a document with very many lines is valid, although its nodes have no locations', () => {
  const documents = documentsWith();
  const { document, faults } = documents.read({ query: `${'#\n'.repeat(20_000)}{ viewer { id } }` }, 'user');
  expect(faults).toEqual([]);
  expect(document.loc).toBeUndefined();
  expect(documents.read({ query: '{ viewer { id } }' }, 'user').document.loc).toBeDefined();
});
