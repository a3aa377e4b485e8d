/** Manifests of trusted documents: what keeps a server from starting, and that texts are not parsed. */
import { GraphQLError, parse } from 'graphql';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createDocuments } from '../../src/graphql/documents.ts';
import { ManifestError } from '../../src/graphql/manifest-error.ts';
import { readManifests } from '../../src/graphql/manifests.ts';
import { trustDocuments } from '../../src/graphql/trusted-documents.ts';
import { describeStartFault } from '../../src/start-fault.ts';
import { apolloManifestOf, manifestOf, sha256, useFolder } from '../support/manifests.ts';
import { createSchemaOnly } from '../support/schema.ts';

const VIEWER = 'query Viewer { viewer { id } }';
const OTHER = '{ viewer { name } }';
const ID = `sha256:${sha256(VIEWER)}`;
const limits = { maxTokens: 200, maxAnonymousTokens: 100, maxDepth: 5, maxFields: 20, cacheBytes: 1_000_000 };
const schema = createSchemaOnly();

/** Starts with the manifests of a folder. */
function documentsOf(files: Readonly<Record<string, unknown>>, isOnly = true) {
  const listed = readManifests([useFolder(files)]);
  return createDocuments({ schema, limits, introspection: false, trusted: { listed, isOnly } });
}

const FAULTS: readonly [what: string, files: Readonly<Record<string, unknown>>, said: readonly string[]][] = [
  ['no JSON', { 'a.json': '{' }, ['a.json: it is no JSON']],
  ['a list', { 'a.json': [VIEWER] }, ['a.json: a manifest is an object']],
  ['an empty one', { 'a.json': {} }, ['a.json: it has no document']],
  ['a folder without any', { 'a.txt': '' }, ['the folder has no .json file']],
  [
    'a text that was changed',
    { 'a.json': { [ID]: `${VIEWER} ` } },
    [`a.json: ${ID}: its name is not the SHA-256`],
  ],
  [
    'a hash of another kind',
    { 'a.json': { '5d41402abc4b2a76b9719d911017c592': VIEWER } },
    ['5d41402abc4b2a76b9719d911017c592: its name is no SHA-256', 'hashAlgorithm'],
  ],
  [
    'a prototype’s name',
    { 'a.json': `{"__proto__":${JSON.stringify(VIEWER)}}` },
    ['__proto__: its name is no SHA-256'],
  ],
  ['no text', { 'a.json': { [ID]: { text: VIEWER } } }, ['its document is no text']],
  [
    'a syntax error',
    { 'a.json': manifestOf('query {') },
    [`a.json: sha256:${sha256('query {')}: Syntax Error`],
  ],
  ['another schema’s field', { 'a.json': manifestOf('{ ticket }') }, ['Cannot query field "ticket"']],
  [
    'a document beyond the limit of fields',
    { 'a.json': manifestOf(`{ viewer { ${'id '.repeat(30)} } }`) },
    ['Select at most 20 fields'],
  ],
  [
    'a document beyond the limit of tokens',
    { 'a.json': manifestOf(`{ viewer { ${'id '.repeat(300)} } }`) },
    ['Send at most 200 tokens'],
  ],
  [
    'introspection where it is off',
    { 'a.json': manifestOf('{ __schema { types { name } } }') },
    ['GraphQL introspection has been disabled'],
  ],
  [
    'Apollo’s of a later version',
    { 'a.json': { ...apolloManifestOf(VIEWER), version: 2 } },
    ['not of version 1'],
  ],
  [
    'Apollo’s with a changed text',
    { 'a.json': { ...apolloManifestOf(), operations: [{ id: sha256(VIEWER), body: '{ nope }' }] } },
    [`a.json: ${sha256(VIEWER)}: its name is not`],
  ],
  [
    'faults in several',
    { 'a.json': '{', 'b.json': { x: VIEWER }, 'c.json': manifestOf(VIEWER) },
    ['a.json', 'b.json: x'],
  ],
];

test.each(FAULTS)('%s keeps the server from starting, and it says where and why', (_what, files, said) => {
  let message = '';
  try {
    documentsOf(files);
  } catch (error) {
    expect(error).toBeInstanceOf(ManifestError);
    message = describeStartFault(error);
  }
  for (const part of [...said, 'TRUSTED_DOCUMENTS']) expect(message).toContain(part);
  expect(message).not.toContain('c.json');
});

test('a file that is not there is named, and of very many faults some', () => {
  expect(() => readManifests(['/nowhere/a.json'])).toThrow('/nowhere/a.json');
  const files = { 'a.json': manifestOf(...Array.from({ length: 25 }, (_, n) => `{ nope${n} }`)) };
  expect(() => documentsOf(files)).toThrow('and 5 more');
});

describe('once it has started', () => {
  /** All that parses. */
  const examine = vi.fn((text: string) => ({ document: parse(text), faults: [], protectedField: undefined }));
  beforeEach(() => void examine.mockClear());
  const start = (isOnly: boolean) =>
    trustDocuments({
      listed: readManifests([
        useFolder({ 'a.json': manifestOf(VIEWER), 'b.json': apolloManifestOf(VIEWER, OTHER) }),
      ]),
      isOnly,
      examine,
    });

  test('no text gets as far as being parsed where only trusted documents are run, and no hash does', () => {
    const resolve = start(true);
    expect(examine.mock.calls).toEqual([[VIEWER], [OTHER]]);
    for (const query of [VIEWER, '{', ' ', 'x'.repeat(60_000), undefined, ''])
      expect(() => resolve({ query })).toThrow('trusted documents only');
    for (const documentId of [sha256('{'), 'x'.repeat(60_000), '__proto__', 5, {}])
      expect(() => resolve({ documentId, query: '' })).toThrow(GraphQLError);
    expect(resolve({ documentId: ID })).toHaveProperty('document');
    expect(examine).toHaveBeenCalledTimes(2);
  });

  test('a hash gives the document that was parsed at start, of whichever manifest', () => {
    const resolve = start(false);
    const found = resolve({ documentId: ID });
    expect(resolve({ query: '', documentId: sha256(VIEWER) })).toBe(found);
    expect(resolve({ documentId: sha256(OTHER) })).not.toBe(found);
    expect(resolve({ query: VIEWER, documentId: ID })).toEqual({ text: VIEWER });
    expect(examine).toHaveBeenCalledTimes(2);
  });

  test.each(['user', 'stranger'] as const)(
    'a %s gets the refusal of a text, and not its errors',
    (sender) => {
      const documents = documentsOf({ 'a.json': manifestOf(VIEWER) });
      for (const query of [VIEWER, '{', '{ nope }', `{ ${'a '.repeat(600)} }`])
        expect(() => documents.read({ query }, sender)).toThrow('trusted documents only');
      const { faults } = documents.read({ documentId: ID }, sender);
      const codes = faults.map(({ extensions }) => extensions['code']);
      expect(codes).toEqual(sender === 'user' ? [] : ['UNAUTHENTICATED']);
      expect(documents.stats).toEqual({ documents: 0, bytes: 0 });
    },
  );
});
