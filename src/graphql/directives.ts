/**
 * The one place where the SDL's authorization directives are enforced. A schema in which a root field has no rule, or in which
 * data of a unit could be reached unguarded, does not come so far (events/access-faults.ts).
 */
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isObjectType,
} from 'graphql';
import { canSeeUnit, type RoleClass, resolveUnit } from '../auth/access.ts';
import { type Declared, readDirective as directive } from '../events/sdl.ts';
import { type Context, requireScope } from './context.ts';

type Field = GraphQLField<unknown, Context>;

/** Puts the rules into the schema's resolvers and descriptions, in place. Throws when a rule is missing. */
export function enforceDirectives(schema: GraphQLSchema): GraphQLSchema {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (roots.has(type)) guardRootField(schema, type, field);
      else guardNestedField(schema, field);
      describeRole(schema, field);
    }
  }
  return schema;
}

/** The role class that a field asks for, if it does. */
export function requiredRole(schema: GraphQLSchema, field: Declared): RoleClass | undefined {
  const role = directive(schema, field, 'requiresRole')?.['role'];
  return role === 'ADMIN' || role === 'AUDITOR' ? role : undefined;
}

function guardRootField(schema: GraphQLSchema, type: GraphQLObjectType, field: Field): void {
  if (type === schema.getSubscriptionType() && field.subscribe === undefined)
    throw new Error(`${type.name}.${field.name} has no source of events.`);
  const needsUnit = directive(schema, field, 'unitScope') !== undefined;
  const guard = (resolve: GraphQLFieldResolver<unknown, Context>): GraphQLFieldResolver<unknown, Context> => {
    return (source, args, context, info) => {
      const scope = requireScope(context);
      if (needsUnit) resolveUnit(scope, args['unitId']);
      return resolve(source, args, context, info);
    };
  };
  // An event of a subscription was authorized when its subscription was.
  if (field.subscribe !== undefined) field.subscribe = guard(field.subscribe);
  else field.resolve = guard(field.resolve ?? defaultFieldResolver);
  const rule = needsUnit ? 'Authorized by unit.' : 'Needs a session.';
  field.description = `${field.description ?? ''}\n\n*${rule}*`;
}

/** What a nested field shows of its value to a viewer. */
type Narrow = (value: unknown, context: Context) => unknown;

/** The guards of fields that show a property of their object, and are nothing but guards. */
const narrowings = new WeakMap<GraphQLFieldResolver<unknown, Context>, Narrow>();

/** What a resolver does besides reading the property that its field is named after; `undefined`: it is not known here. */
export function narrowingOf(resolve: GraphQLFieldResolver<unknown, Context>): Narrow | undefined {
  return narrowings.get(resolve);
}

function guardNestedField(schema: GraphQLSchema, field: Field): void {
  const target = getNamedType(field.type);
  if (!isObjectType(target) || directive(schema, target, 'unitOwned') === undefined) return;
  if (directive(schema, field, 'topicEntity') !== undefined) return;
  const isList = isListType(field.type);
  const narrow: Narrow = (value, context) => {
    if (isList && Array.isArray(value)) return value.filter((item) => isVisible(item, context));
    return isVisible(value, context) ? value : null;
  };
  const resolve = field.resolve ?? defaultFieldResolver;
  const guard: typeof resolve = (source, args, context, info) =>
    narrow(resolve(source, args, context, info), context);
  if (field.resolve === undefined) narrowings.set(guard, narrow);
  field.resolve = guard;
  field.description = `${field.description ?? ''}\n\n*Only data of your own unit${isList ? '' : ', otherwise `null`'}.*`;
}

/** An entity that names no unit belongs to the one it is nested in. */
function isVisible(value: unknown, context: Context): boolean {
  if (typeof value !== 'object' || value === null || !('unitId' in value) || value.unitId == null)
    return true;
  return canSeeUnit(requireScope(context), String(value.unitId));
}

function describeRole(schema: GraphQLSchema, field: Field): void {
  const role = requiredRole(schema, field);
  if (role !== undefined)
    field.description = `${field.description ?? ''}\n\n*Needs the role class \`${role}\`.*`;
}
