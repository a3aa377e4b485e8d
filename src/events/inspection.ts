import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { subscriptionFields } from './kinds.ts';
import type { Declared } from './sdl.ts';

/** A schema that is looked through for faults. */
export interface Inspection {
  readonly schema: GraphQLSchema;
  has(declared: Declared, directive: string): boolean;
  /** @param what continues the sentence: `has no …: write …`. */
  fault(where: string, what: string): void;
}

export type Field = GraphQLField<unknown, unknown>;

export function rootTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type != null,
  );
}

/** The types that subscriptions deliver. */
export function eventTypes(schema: GraphQLSchema): ReadonlySet<GraphQLObjectType> {
  return new Set(
    subscriptionFields(schema)
      .map(({ type }) => getNamedType(type))
      .filter(isObjectType),
  );
}

/** A type, and all that can be reached from it. */
export function reachableTypes(type: GraphQLObjectType, found = new Set<GraphQLObjectType>()) {
  if (found.has(type)) return found;
  found.add(type);
  for (const field of Object.values(type.getFields())) {
    const inner = getNamedType(field.type);
    if (isObjectType(inner)) reachableTypes(inner, found);
  }
  return found;
}

/** Whether a field holds lists within a list, of which nothing could be hidden. */
export function isNestedList({ type }: Field): boolean {
  const list = isNonNullType(type) ? type.ofType : type;
  return isListType(list) && isListType(isNonNullType(list.ofType) ? list.ofType.ofType : list.ofType);
}

/** The fields on a path of names, from a type on; `undefined` where there is no such path. */
export function fieldsOn(type: GraphQLObjectType, path: string): readonly Field[] | undefined {
  const fields: Field[] = [];
  let outer: unknown = type;
  for (const name of path.split('.')) {
    const field: Field | undefined = isObjectType(outer) ? outer.getFields()[name] : undefined;
    if (field === undefined) return undefined;
    fields.push(field);
    outer = getNamedType(field.type);
  }
  return fields;
}
