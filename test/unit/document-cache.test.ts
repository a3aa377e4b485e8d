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

test.each(Object.entries(SHAPES))('the memory of a document of %s is not underestimated', (_shape, text) => {
  const COUNT = 30;
  const kept: DocumentNode[] = [];
  const lines = text.split('\n').length;
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < COUNT; index += 1) kept.push(parse(`${text} #${index}`));
  collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - before) / COUNT;
  expect(kept).toHaveLength(COUNT);
  const estimated = estimateBytes(text, kept[0] ?? parse(text), lines);
  expect(bytes).toBeLessThan(estimated);
  expect(bytes).toBeGreaterThan(estimated / 5);
});

/** As many fields as it has tokens, since it spreads one fragment several times. */
const SPREAD = `subscription { requestUpdated { ${times(3, (index) => `r${index}: request { ...F }`)} } }
fragment F on Request { ${times(TOKENS / 6, (index) => `f${index}: requestType`)} }`;

test('the memory of a document with its compiled selection is not underestimated', () => {
  const COUNT = 30;
  const schema = createSchemaOnly();
  const selectionOf = compileSelections();
  const kept: DocumentNode[] = [];
  const compile = (document: DocumentNode): unknown => selectionOf({ schema, document });
  const sample = parse(SPREAD);
  expect(compile(sample)).toBeDefined();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < COUNT; index += 1) kept.push(parse(`${SPREAD} #${index}`));
  for (const document of kept) compile(document);
  collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - before) / COUNT;
  const estimated = estimateBytes(SPREAD, sample, 2);
  expect(bytes).toBeLessThan(estimated);
  expect(bytes).toBeGreaterThan(estimated / 5);
});
