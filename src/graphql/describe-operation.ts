import {
  type ExecutionArgs,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  OperationTypeNode,
} from 'graphql';
import type { Scope } from '../auth/access.ts';
import { isUnitId } from '../events/ids.ts';
import { ownTopicArgument } from '../events/kinds.ts';
import { documentHash } from './document-hash.ts';
import { rootFields } from './root-fields.ts';
import { coerceVariables, type Operation } from './variables.ts';

export type Asked = Operation & { readonly schema: GraphQLSchema };

/** What an operation asks for, for the security log. Nothing in it is text of its sender. */
export interface DescribedOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly field: string;
  readonly reads?: string | null;
  readonly document: string;
}

/** All units. */
export const ALL_UNITS = '*';

/** How many root fields and units a line names. A document may have hundreds. */
const MAX_NAMED = 20;

/** Describes an operation whose document could be parsed, valid or not. */
export function describeOperation(asked: Asked, scope: Scope | undefined): DescribedOperation {
  const { kind, names, units } = readRoots(asked, scope);
  const reads = units.size <= 1 ? [...units][0] : shortList([...units].filter((unit) => unit !== null));
  return {
    kind,
    field: shortList([...names]),
    ...(reads !== undefined && { reads }),
    document: documentHash(asked.document),
  };
}

const shortList = (words: readonly string[]): string =>
  `${words.slice(0, MAX_NAMED).join(',')}${words.length > MAX_NAMED ? ',…' : ''}`;

/**
 * The units that a viewer of all units reads besides the own one, in lists of which each fits into a line. Somebody else who asks for
 * other units is refused.
 */
export function otherUnits(asked: Asked, scope: Scope): readonly string[] {
  if (!scope.isAdmin) return [];
  const { units } = readRoots(asked, scope);
  const others = [...units].filter((unit) => unit !== null && unit !== scope.unitId);
  const count = Math.ceil(others.length / MAX_NAMED);
  return Array.from({ length: count }, (_none, index) =>
    others.slice(index * MAX_NAMED, (index + 1) * MAX_NAMED).join(','),
  );
}

/** The root fields of an operation, and the units that they read. */
function readRoots(asked: Asked, scope: Scope | undefined) {
  const { schema, document } = asked;
  const kind = getOperationAST(document, asked.operationName)?.operation ?? OperationTypeNode.QUERY;
  const known = schema.getRootType(kind)?.getFields() ?? {};
  const names = new Set<string>();
  const units = new Set<string | null>();
  try {
    const variables = coerceVariables(schema, asked);
    for (const node of rootFields(asked)) {
      const field = known[node.name.value];
      if (field === undefined) continue;
      names.add(field.name);
      if (!field.args.some(({ name }) => name === 'unitId')) continue;
      const unit = unitOf(getArgumentValues(field, node, variables), ownTopicArgument(schema, field), scope);
      if (unit !== undefined) units.add(unit);
    }
  } catch {
    // Its arguments cannot be read: that is why it is refused.
  }
  return { kind, names, units };
}

/** The unit that a field reads; `undefined`: what was sent can be no unit's id. `null`: what is addressed to the user. */
function unitOf(
  values: Readonly<Record<string, unknown>>,
  personal: string | undefined,
  scope: Scope | undefined,
): string | null | undefined {
  const asked = values['unitId'];
  if (typeof asked === 'string') return isUnitId(asked) ? asked : undefined;
  if (personal !== undefined && values[personal] === true) return null;
  return scope?.isAdmin === true ? ALL_UNITS : (scope?.unitId ?? undefined);
}

/** Text that cannot be a sentence or a token. */
const PLAIN_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** How long an argument may be in a line, in characters of its JSON. A pipe takes lines of 4096 bytes in one piece (pieces.ts). */
const MAX_ARGUMENT = 1000;

/** Of the arguments of a subscription those that cannot be free text, and the names of the others. The unit is in `reads`. */
export function safeArguments(given: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(given)
    .filter(([name, value]) => name !== 'unitId' && value != null)
    .map(([name, value]) => [name, Array.isArray(value) ? [...new Set(value)] : value] as const);
  if (entries.length === 0) return {}; // nearly all are so
  const safe = entries.filter(
    ([, value]) => [value].flat().every(isSafe) && JSON.stringify(value).length <= MAX_ARGUMENT,
  );
  const leftOut = entries.filter((entry) => !safe.includes(entry)).map(([name]) => name);
  return {
    ...(safe.length > 0 && { arguments: Object.fromEntries(safe) }),
    ...(leftOut.length > 0 && { leftOut }),
  };
}

function isSafe(value: unknown): boolean {
  return (
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    (typeof value === 'string' && PLAIN_ID.test(value))
  );
}

export const askedOf = ({ schema, document, operationName, variableValues }: ExecutionArgs): Asked => ({
  schema,
  document,
  operationName,
  variableValues: variableValues as Operation['variableValues'],
});
