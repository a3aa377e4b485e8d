/**
 * The one place where the SDL's authorization directives are enforced. A schema in which a root field has no rule, or in which
 * data of a unit could be reached unguarded, does not start.
 */
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  getDirectiveValues,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { canSeeUnit, type RoleClass, resolveUnit } from '../auth/access.ts';
import { type Context, requireScope } from './context.ts';

type Field = GraphQLField<unknown, Context>;
/** A field or type, with the SDL that declares it. */
type Declared = Pick<GraphQLField<unknown, unknown> | GraphQLObjectType, 'astNode'>;

/** Puts the rules into the schema's resolvers and descriptions, in place. Throws when a rule is missing. */
export function enforceDirectives(schema: GraphQLSchema): GraphQLSchema {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const guard = roots.has(type) ? guardRootField : guardNestedField;
    for (const field of Object.values(type.getFields())) {
      guard(schema, type, field);
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
  const needsUnit = directive(schema, field, 'unitScope') !== undefined;
  if (!needsUnit && directive(schema, field, 'authenticated') === undefined) {
    throw new Error(`${type.name}.${field.name} has no authorization directive.`);
  }
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

function guardNestedField(schema: GraphQLSchema, type: GraphQLObjectType, field: Field): void {
  const target = getNamedType(field.type);
  if (!isObjectType(target) || directive(schema, target, 'unitOwned') === undefined) return;
  if (directive(schema, field, 'topicEntity') !== undefined) return;
  const isList = isListType(field.type);
  if (!isList && isNonNullType(field.type)) {
    throw new Error(
      `${type.name}.${field.name} returns data of a unit: make it nullable, so that it can be hidden.`,
    );
  }
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (source, args, context, info) => {
    const value: unknown = resolve(source, args, context, info);
    if (isList && Array.isArray(value)) return value.filter((item) => isVisible(item, context));
    return isVisible(value, context) ? value : null;
  };
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

function directive(
  schema: GraphQLSchema,
  element: Declared,
  name: string,
): Readonly<Record<string, unknown>> | undefined {
  const definition = schema.getDirective(name);
  if (definition == null) throw new Error(`The schema does not define @${name}.`);
  return element.astNode == null ? undefined : getDirectiveValues(definition, element.astNode);
}
