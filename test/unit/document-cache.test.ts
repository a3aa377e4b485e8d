import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type DocumentNode, parse } from 'graphql';
import { expect, test } from 'vitest';
import { estimateBytes } from '../../src/graphql/document-cache.ts';
import { compileSelections } from '../../src/graphql/plain-selection.ts';
import { createSchemaOnly } from '../support/schema.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const TOKENS = 1800;
const times = (count: number, write: (index: number) => string): string =>
  Array.from({ length: Math.floor(count) }, (_, index) => write(index)).join(' ');

/** Documents that use memory in different ways. */
const SHAPES: Record<string, string> = {
  fields: `{ viewer { ${'id '.repeat(TOKENS)} } }`,
  'long names': `{ ${times(TOKENS, (index) => `quiteALongNameOfAField${index}`)} }`,
  aliases: `{ ${times(TOKENS / 3, (index) => `a${index}: b`)} }`,
  'nested fields': `{ ${'a { b } '.repeat(TOKENS / 4)} }`,
  'inline fragments': `{ ${'... { a } '.repeat(TOKENS / 4)} }`,
  arguments: `{ ${times(TOKENS / 9, () => 'f(a: $a, b: [1])')} }`,
  variables: `query (${times(TOKENS / 4, (index) => `$a${index}: X`)}) { a }`,
  directives: `{ a ${'@a '.repeat(TOKENS / 2)} }`,
  fragments: `{ a } ${'fragment F on X { a } '.repeat(TOKENS / 7)}`,
  'a long string': `{ a(b: "${'中'.repeat(20_000)}") }`,
  comments: `${'#\n'.repeat(900)}{ a }`,
};

const COUNT = 30;
const ROUNDS = 3;

/** What one of several things takes, in bytes, by the round in which the heap grew least: the test runner grows as well now and then. */
function bytesOf(make: (index: number) => unknown): number {
  const grown = Array.from({ length: ROUNDS }, () => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: COUNT }, (_, index) => make(index));
    collectGarbage();
    return (process.memoryUsage().heapUsed - before) / kept.length;
  });
  return Math.min(...grown);
}

test.each(Object.entries(SHAPES))('the memory of a document of %s is not underestimated', (_shape, text) => {
  const bytes = bytesOf((index) => parse(`${text} #${index}`));
  const estimated = estimateBytes(text, parse(text), text.split('\n').length);
  expect(bytes).toBeLessThan(estimated);
  expect(bytes).toBeGreaterThan(estimated / 5);
});

/** As many fields as it has tokens, since it spreads one fragment several times. */
const SPREAD = `subscription { requestUpdated { ${times(3, (index) => `r${index}: request { ...F }`)} } }
fragment F on Request { ${times(TOKENS / 6, (index) => `f${index}: requestType`)} }`;

test('the memory of a document with its compiled selection is not underestimated', () => {
  const schema = createSchemaOnly();
  const selectionOf = compileSelections();
  const compile = (document: DocumentNode): unknown => selectionOf({ schema, document });
  const sample = parse(SPREAD);
  expect(compile(sample)).toBeDefined();
  const bytes = bytesOf((index) => {
    const document = parse(`${SPREAD} #${index}`);
    compile(document);
    return document;
  });
  const estimated = estimateBytes(SPREAD, sample, 2);
  expect(bytes).toBeLessThan(estimated);
  expect(bytes).toBeGreaterThan(estimated / 5);
});
