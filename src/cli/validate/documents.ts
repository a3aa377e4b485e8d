/** The texts of operations, made from the schema. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
} from 'graphql';
import type { RoleClass } from '../../auth/access.ts';
import { requiredRole } from '../../graphql/directives.ts';
import type { OperationRequest, Values } from './operation.ts';

type Field = GraphQLField<unknown, unknown>;

/** Selects every field that needs none but these role classes. */
export function selectAll(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  classes: readonly RoleClass[],
): string {
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const role = requiredRole(schema, field);
    if (role !== undefined && !classes.includes(role)) return [];
    const target = getNamedType(field.type);
    return [isObjectType(target) ? `${field.name} ${selectAll(schema, target, classes)}` : field.name];
  });
  return `{ ${fields.join(' ')} }`;
}

/** A subscription or a query of one field. The arguments are variables of their own names. */
export function requestOf(
  root: 'subscription' | 'query',
  field: Field,
  values: Values,
  selection: string,
): OperationRequest {
  const used = field.args.filter(({ name }) => name in values);
  const declared = used.map(({ name, type }) => `$${name}: ${type}`);
  const passed = used.map(({ name }) => `${name}: $${name}`);
  return {
    query: `${root}${inBrackets(declared)} { ${field.name}${inBrackets(passed)} ${selection} }`,
    ...(used.length > 0 && { variables: values }),
  };
}

const inBrackets = (parts: readonly string[]): string => (parts.length === 0 ? '' : `(${parts.join(', ')})`);

/** The same request, written in other ways that mean the same. */
export function disguises(
  field: Field,
  unitId: string,
): readonly (OperationRequest & { readonly how: string })[] {
  const { name } = field;
  const type = getNamedType(field.type).name;
  const root = 'Subscription';
  return [
    { how: 'as a literal', query: `subscription { ${name}(unitId: "${unitId}") { id } }` },
    { how: 'under another name', query: `subscription { own: ${name}(unitId: "${unitId}") { id } }` },
    {
      how: 'in a fragment',
      query: `subscription { ...F } fragment F on ${root} { ${name}(unitId: "${unitId}") { ...E } } fragment E on ${type} { id }`,
    },
    {
      how: 'in an inline fragment',
      query: `subscription { ... on ${root} { ${name}(unitId: "${unitId}") { id } } }`,
    },
    {
      how: 'as the default of a variable',
      query: `subscription ($unit: ID = "${unitId}") { ${name}(unitId: $unit) { id } }`,
    },
    {
      how: 'as one of two operations',
      query: `query Own { viewer { id } } subscription Other { ${name}(unitId: "${unitId}") { id } }`,
      operationName: 'Other',
    },
  ];
}

export interface GuardedPath {
  readonly path: readonly string[];
  readonly role: RoleClass;
}

/** The fields within a type that need a role. */
export function guardedPaths(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  outer: readonly string[] = [],
): readonly GuardedPath[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const role = requiredRole(schema, field);
    const path = [...outer, field.name];
    const target = getNamedType(field.type);
    return [
      ...(role === undefined ? [] : [{ path, role }]),
      ...(isObjectType(target) ? guardedPaths(schema, target, path) : []),
    ];
  });
}

/** Selects one field at a path, plainly and in disguise. */
export function guardedSelections({ path }: GuardedPath, schema: GraphQLSchema, type: GraphQLObjectType) {
  const inner = innermost(type, path);
  const isObject = inner !== undefined && isObjectType(getNamedType(inner.type));
  const tail = isObject ? ' { __typename }' : '';
  const wrap = (last: string): string =>
    path.slice(0, -1).reduceRight((selection, name) => `{ ${name} ${selection} }`, `{ ${last} }`);
  const name = path.at(-1) ?? '';
  const owner = ownerOf(schema, type, path);
  return [
    { how: 'plainly', selection: wrap(`${name}${tail}`), variables: {}, declared: '' },
    { how: 'under another name', selection: wrap(`id: ${name}${tail}`), variables: {}, declared: '' },
    {
      how: 'in a fragment',
      selection: wrap(`... on ${owner.name} { ${name}${tail} }`),
      variables: {},
      declared: '',
    },
    {
      how: 'included by a variable',
      selection: wrap(`__typename ${name} @include(if: $yes)${tail}`),
      variables: { yes: true },
      declared: '($yes: Boolean!)',
    },
  ];
}

function innermost(type: GraphQLObjectType, path: readonly string[]): Field | undefined {
  const [first = '', ...rest] = path;
  const field = type.getFields()[first];
  if (field === undefined || rest.length === 0) return field;
  const target = getNamedType(field.type);
  return isObjectType(target) ? innermost(target, rest) : undefined;
}

/** The type that has the last field of a path. */
function ownerOf(schema: GraphQLSchema, type: GraphQLObjectType, path: readonly string[]): GraphQLObjectType {
  const [first = '', ...rest] = path;
  if (rest.length === 0) return type;
  const target = getNamedType(type.getFields()[first]?.type);
  return isObjectType(target) ? ownerOf(schema, target, rest) : type;
}
