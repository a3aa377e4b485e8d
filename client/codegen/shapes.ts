import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isEnumType } from 'graphql';
import {
  constantName,
  type Field,
  fieldsOf,
  hasFragment,
  isGuarded,
  isList,
  isSetOnce,
  liveFieldsOf,
  objectOf,
  wordsOf,
} from './schema.ts';

/** How the values of a scalar are written into a row; what is not here is compared as a whole. */
const SCALARS: Readonly<Record<string, string>> = {
  ID: 'id',
  String: 'text',
  DateTime: 'date',
  Int: 'number',
  Float: 'number',
  Boolean: 'flag',
};

const PLAIN = [...new Set(Object.values(SCALARS)), 'other'];

/**
 * Writes the shapes of everything that events carry, and the words of their enums, as TypeScript. A shape has exactly the
 * fields of its type's fragment: `satisfies` holds it, and `npm run check:generated` that both are of the same schema.
 */
export function shapesOf(schema: GraphQLSchema): string {
  const shapes = new Map<GraphQLObjectType, string>();
  const enums = new Map<string, readonly string[]>();
  const wordsByField = new Map<string, Set<string>>();

  function addShape(type: GraphQLObjectType, isState: boolean): void {
    if (shapes.has(type)) return;
    // A state's id names the snapshot, and not the row.
    const fields = fieldsOf(type).filter((field) => !isGuarded(field) && !(isState && field.name === 'id'));
    const lines = fields.map((field) => `  ${field.name}: ${withSetOnce(field, kindOf(field))},\n`);
    const fragment = `Operations.${type.name}FieldsFragment`;
    const keys = isState ? `Omit<${fragment}, 'id'>` : fragment;
    shapes.set(
      type,
      `export const ${constantName(type.name)} = {\n${lines.join('')}} satisfies ShapeOf<${keys}>;\n`,
    );
  }

  /** How a field is written into a row, as an expression. */
  function kindOf(field: Field): string {
    const object = objectOf(field);
    if (object !== undefined) return kindOfObject(field, object);
    if (isList(field)) return 'other';
    const words = addWords(field);
    if (words === undefined) return SCALARS[getNamedType(field.type).name] ?? 'other';
    wordsByField.set(field.name, (wordsByField.get(field.name) ?? new Set()).add(words));
    return `{ is: 'word', words: ${words} }`;
  }

  function kindOfObject(field: Field, object: GraphQLObjectType): string {
    if (!hasFragment(object)) return isList(field) ? (countsOf(object) ?? 'other') : 'other';
    addShape(object, false);
    return `{ is: '${isList(field) ? 'entities' : 'entity'}', shape: ${constantName(object.name)} }`;
  }

  /** A list of `{ <enum>, count }` counts by word. */
  function countsOf(object: GraphQLObjectType): string | undefined {
    const by = fieldsOf(object).find((field) => wordsOf(field) !== undefined);
    if (
      by === undefined ||
      Object.keys(object.getFields()).toSorted().join() !== [by.name, 'count'].toSorted().join()
    )
      return undefined;
    return `{ is: 'counts', by: '${by.name}', words: ${addWords(by)} }`;
  }

  function addWords(field: Field): string | undefined {
    const type = getNamedType(field.type);
    if (!isEnumType(type)) return undefined;
    enums.set(
      type.name,
      type.getValues().map(({ name }) => name),
    );
    return constantName(type.name);
  }

  function withSetOnce(field: Field, kind: string): string {
    if (!isSetOnce(field)) return kind;
    return kind.startsWith('{')
      ? kind.replace(' }', ', isSetOnce: true }')
      : `{ ...${kind}, isSetOnce: true }`;
  }

  for (const { entity, entityField } of liveFieldsOf(schema)) addShape(entity, entityField === undefined);
  const words = [...enums].map(
    ([name, values]) =>
      `export const ${constantName(name)} = [${values.map((value) => `'${value}'`).join(', ')}] as const satisfies readonly Operations.${name}[];\n`,
  );
  const byField = [...wordsByField].map(
    ([name, constants]) => `  ${name}: [${[...constants].map((constant) => `...${constant}`).join(', ')}],\n`,
  );
  const body = [...shapes.values()].join('\n');
  const plain = PLAIN.filter((is) => new RegExp(`: ${is},|\\.\\.\\.${is},`).test(body)).map(
    (is) => `const ${is} = { is: '${is}' } as const;\n`,
  );
  return [HEAD, '\n', ...plain, '\n', ...words, FILTERS, ...byField, '};\n\n', body].join('');
}

const HEAD = `/* Generated from schema.graphql by npm run generate. */
import type { ShapeOf } from '../query/shapes.ts';
import type * as Operations from './operations.ts';
`;

const FILTERS = `
/** The words that a filter in a query key may have, by the name of its field. */
export const WORDS_BY_FIELD: Readonly<Record<string, readonly string[]>> = {
`;
