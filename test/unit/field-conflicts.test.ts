/** The linear rule finds the same conflicts as graphql-js's rule, and its cost grows only with the selection. */
import fc from 'fast-check';
import { buildSchema, OverlappingFieldsCanBeMergedRule, parse, specifiedRules, validate } from 'graphql';
import { expect, test } from 'vitest';
import { createConflictFinder } from '../../src/graphql/field-conflicts.ts';

const schema = buildSchema(`
  type Query { a(x: ID, y: [Int], z: In): Query b(x: ID, y: [Int], z: In): Query s(x: ID): String t: Int }
  input In { k: ID l: In }
`);
const find = createConflictFinder(schema);

const args = fc.constantFrom(
  '',
  '',
  '',
  '(x: 1)',
  '(x: "1")',
  '(x: 1, y: [1])',
  '(y: [1], x: 1)',
  '(z: {k: 1, l: {k: 2}})',
  '(z: {l: {k: 2}, k: 1})',
  '(z: null)',
);
const alias = fc.constantFrom('', '', '', 'c: ', 'd: ', 'a: ');
const { selections } = fc.letrec<{ selections: string; selection: string }>((tie) => ({
  selections: fc
    .array(tie('selection'), { minLength: 1, maxLength: 3 })
    .map((written) => `{ ${written.join(' ')} }`),
  selection: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('t', 't', 't', 's', 's', 's(x: 1)', 'a: s', 's: t', '...F', '...G'),
    fc.tuple(alias, fc.constantFrom('a', 'b'), args, tie('selections')).map((parts) => parts.join('')),
    tie('selections').map((inner) => `... on Query ${inner}`),
  ),
}));

/** The main selection with the fragments that it uses. G spreads no fragment, so there is no cycle. */
const documents = fc.tuple(selections, selections, selections).map(([main, f, g]) => {
  const used = main.includes('...F')
    ? `query ${main} fragment F on Query ${f.replaceAll('...F', 't')}`
    : `query ${main}`;
  return used.includes('...G') ? `${used} fragment G on Query ${g.replaceAll(/\.\.\.[FG]/g, 't')}` : used;
});

const others = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);

test('it finds a conflict exactly where OverlappingFieldsCanBeMergedRule does', () => {
  let conflicts = 0;
  let valid = 0;
  fc.assert(
    fc.property(documents, (text) => {
      const document = parse(text);
      fc.pre(validate(schema, document, others).length === 0);
      const expected = validate(schema, document, [OverlappingFieldsCanBeMergedRule]).length > 0;
      if (expected) conflicts += 1;
      else valid += 1;
      expect(find(document) !== undefined).toBe(expected);
    }),
    { numRuns: 500, maxSkipsPerRun: 20 },
  );
  expect(Math.min(conflicts, valid)).toBeGreaterThan(50);
});

test('the error names the fields and the reason', () => {
  const conflictOf = (text: string) => find(parse(text))?.message;
  expect(conflictOf('{ a { s } a { s: t } }')).toContain(
    'Fields "a.s" conflict because "s" and "t" are different fields.',
  );
  expect(conflictOf('{ s(x: 1) s(x: 2) }')).toContain('"s" conflict because they have differing arguments');
});

test('a schema with interfaces or unions is refused', () => {
  const abstract = buildSchema('type Query { n: Node } interface Node { id: ID }');
  expect(() => createConflictFinder(abstract)).toThrow('Node is an interface or union');
});
