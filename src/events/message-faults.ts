/** Whether messages can be checked by the types that they become. */
import { type GraphQLObjectType, getNamedType, isEnumType, isNonNullType, isObjectType } from 'graphql';
import {
  eventTypes,
  type Field,
  fieldsOn,
  type Inspection,
  isNestedList,
  reachableTypes,
} from './inspection.ts';
import { isListField } from './kinds.ts';
import { readDirective } from './sdl.ts';
import { SCALAR_NAMES } from './validators.ts';

/** The scalars that `@bounds` may limit, beside lists. */
const BOUNDED = ['String', 'Int', 'Float'];

export function findMessageFaults(inspection: Inspection): void {
  const types = new Set([...eventTypes(inspection.schema)].flatMap((type) => [...reachableTypes(type)]));
  for (const type of types) {
    if (containsItself(type))
      inspection.fault(
        type.name,
        'contains itself, and so could be nested without end: name the inner one by its id.',
      );
    for (const field of Object.values(type.getFields())) checkField(inspection, type, field);
  }
}

function containsItself(type: GraphQLObjectType): boolean {
  return Object.values(type.getFields()).some((field) => {
    const inner = getNamedType(field.type);
    return isObjectType(inner) && reachableTypes(inner).has(type);
  });
}

function checkField({ schema, has, fault }: Inspection, type: GraphQLObjectType, field: Field): void {
  const where = `${type.name}.${field.name}`;
  const named = getNamedType(field.type);
  const isKnown = isObjectType(named) || isEnumType(named) || SCALAR_NAMES.includes(named.name);
  if (!isKnown)
    fault(
      where,
      `has the type ${named.name}, which no message can have: write ${SCALAR_NAMES.join(', ')}, an enum or a type.`,
    );
  if (field.args.length > 0) fault(where, 'has arguments, which nobody reads: leave them out.');
  if (isNestedList(field)) fault(where, 'has lists within a list: write one list.');
  if (isNonNullType(field.type) && named.name === 'JSON')
    fault(where, 'may be any JSON, also null: write JSON.');
  if (has(field, 'instant') && named.name !== 'DateTime')
    fault(where, 'has @instant and is no DateTime: leave the directive out.');
  const bounds = readDirective(schema, field, 'bounds');
  if (bounds !== undefined && !isListField(field) && !BOUNDED.includes(named.name))
    fault(where, `has @bounds, which are for lists, ${BOUNDED.join(', ')}: leave them out.`);
  if (bounds !== undefined && Number(bounds['min'] ?? 0) > Number(bounds['max'] ?? Number.POSITIVE_INFINITY))
    fault(where, 'has @bounds that nothing fits: write a min that is not above the max.');
  const from = readDirective(schema, field, 'default')?.['from'];
  if (from !== undefined && !isIdPath(type, String(from), has))
    fault(
      where,
      `has @default(from: "${from}"), which is no path to an ID without a role: write one such as "request.id".`,
    );
  if (from !== undefined && String(field.type) !== 'ID') fault(where, 'has a @default: write ID.');
}

/** An id says little about its entity, so it may be shown where the entity is hidden. Nothing else may. */
function isIdPath(type: GraphQLObjectType, path: string, has: Inspection['has']): boolean {
  const fields = fieldsOn(type, path);
  const last = fields?.at(-1);
  if (fields === undefined || last === undefined || getNamedType(last.type).name !== 'ID') return false;
  return fields.every((field) => !has(field, 'requiresRole') && !isListField(field));
}
