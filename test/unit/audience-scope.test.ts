/** Who shares an execution. What is addressed to one user must never be shared with another. */
import { buildSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { audienceScopeOf } from '../../src/graphql/audience-scope.ts';

function keyOf(userId: string, declared: string, written: string): string | undefined {
  const session = {
    scope: { unitId: '1', isAdmin: false, isAuditor: false },
    identity: { viewer: { id: userId } },
  };
  const schema = buildSchema(`
    directive @ownTopic on ARGUMENT_DEFINITION
    type Query { viewer: ID }
    type Subscription { noted(unitId: ID, mine: ${declared} @ownTopic): ID }
  `);
  return audienceScopeOf({
    schema,
    document: parse(`subscription { ${written} }`),
    contextValue: { session },
  })?.key;
}

test.each([
  ['written', 'Boolean = false', 'noted(mine: true)', false],
  ['the default', 'Boolean = true', 'noted', false],
  ['the default, and other arguments are written', 'Boolean = true', 'noted(unitId: "1")', false],
  ['the default, and declined', 'Boolean = true', 'noted(mine: false)', true],
  ['not written', 'Boolean = false', 'noted(unitId: "1")', true],
  ['not written, without a default', 'Boolean', 'noted', true],
])('two users share or not where their own topic is %s', (_name, declared, written, isShared) => {
  expect(keyOf('17', declared, written) === keyOf('18', declared, written)).toBe(isShared);
});
