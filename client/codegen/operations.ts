import { type GraphQLObjectType, type GraphQLSchema, isRequiredArgument, parse, print } from 'graphql';
import {
  type Field,
  fieldsOf,
  fragmentTypesOf,
  hasFragment,
  isGuarded,
  type LiveField,
  liveFieldsOf,
  objectOf,
  upperFirst,
} from './schema.ts';

/**
 * Writes the fragments and subscriptions of a schema: a fragment with all fields for each type that has an id, and an operation
 * for each subscription. Fields that only some roles may read (`@requiresRole`) would have the whole operation refused for all
 * others, so they are in a second operation, `…InFull`.
 */
export function operationsOf(schema: GraphQLSchema): string {
  const fragments = fragmentTypesOf(schema).map(
    (type) => `fragment ${type.name}Fields on ${type.name} { ${selectionOf(type)} }`,
  );
  const operations = liveFieldsOf(schema).flatMap((live) => {
    const guarded = guardedIn(live.entity);
    return guarded === ''
      ? [operationOf(live, '', '')]
      : [operationOf(live, '', ''), operationOf(live, 'InFull', guarded)];
  });
  return `${print(parse([...fragments, ...operations].join('\n')))}\n`;
}

function operationOf(
  { field, type, entityField, entity }: LiveField,
  suffix: string,
  guarded: string,
): string {
  const { args, name } = field;
  const variables = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const values = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const whole = `${contentOf(entity)} ${guarded}`;
  const selection =
    entityField === undefined
      ? whole
      : fieldsOf(type)
          .filter((one) => !isGuarded(one))
          .map((one) => (one === entityField ? `${one.name} { ${whole} }` : selectOne(one)))
          .join(' ');
  const call = (list: string): string => (list === '' ? '' : `(${list})`);
  return `subscription ${upperFirst(name)}${suffix}${call(variables)} { ${name}${call(values)} { ${selection} } }`;
}

function selectionOf(type: GraphQLObjectType): string {
  return fieldsOf(type)
    .filter((field) => !isGuarded(field))
    .map(selectOne)
    .join(' ');
}

function selectOne(field: Field): string {
  if (field.args.some(isRequiredArgument))
    throw new Error(`The field ${field.name} needs arguments, which a fragment cannot give.`);
  const type = objectOf(field);
  return type === undefined ? field.name : `${field.name} { ${contentOf(type)} }`;
}

const contentOf = (type: GraphQLObjectType): string =>
  hasFragment(type) ? `...${type.name}Fields` : selectionOf(type);

/** The fields of a type that only some roles may read, however deep they are; empty: there are none. */
function guardedIn(type: GraphQLObjectType): string {
  return fieldsOf(type)
    .map((field) => {
      if (isGuarded(field)) return selectOne(field);
      const nested = objectOf(field);
      const inner = nested === undefined ? '' : guardedIn(nested);
      return inner === '' ? '' : `${field.name} { ${inner} }`;
    })
    .filter((selected) => selected !== '')
    .join(' ');
}
