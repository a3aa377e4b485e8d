/**
 * What a publisher may send (contract, section 2), made from the GraphQL types that it becomes and checked once, where a message
 * enters. Whatever has passed may be relied on everywhere else: absent values are `null`, ids are strings, enum values are spelt
 * as GraphQL spells them.
 */
import {
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { z } from 'zod';
import { toUtc } from './instant.ts';
import { readPath } from './paths.ts';
import { readDirective } from './sdl.ts';
import { spellingsOf } from './words.ts';

const id = z
  .union([z.string().min(1).max(128), z.int()])
  .transform(String)
  .describe('An id: a string of 1 to 128 characters, or an integer.');
const instant = z.iso
  .datetime({ offset: true })
  .transform(toUtc)
  .describe('ISO 8601 with `Z` or an offset; passed on in UTC.');
const instantOrDay = z.union([instant, z.iso.date()]);

/** GraphQL's own bounds of an `Int`. */
const INT = { min: -2_147_483_648, max: 2_147_483_647 };

/** What is passed on as it is must also be written again, which JSON.stringify does by recursion: bounded here. */
const MAX_JSON_DEPTH = 32;

function isNestedAtMost(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isNestedAtMost(levels - 1, inner));
}

interface Rules {
  readonly isInstant: boolean;
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** The scalars that messages can have, and how each is checked. */
const SCALARS: Readonly<Record<string, (rules: Rules) => z.ZodType>> = {
  ID: () => id,
  String: (rules) => bounded(z.string(), rules),
  Boolean: () => z.boolean(),
  Int: ({ min = INT.min, max = INT.max }) => z.int().min(min).max(max),
  Float: (rules) => bounded(z.number(), rules),
  DateTime: ({ isInstant }) => (isInstant ? instant : instantOrDay),
  JSON: () =>
    z
      .unknown()
      .refine(
        (value) => isNestedAtMost(MAX_JSON_DEPTH, value),
        `nested deeper than ${MAX_JSON_DEPTH} levels`,
      ),
};

export const SCALAR_NAMES = Object.keys(SCALARS);

interface Bounded<Schema> {
  min(value: number): Schema;
  max(value: number): Schema;
}

function bounded<Schema extends z.ZodType & Bounded<Schema>>(schema: Schema, { min, max }: Rules): Schema {
  const from = min === undefined ? schema : schema.min(min);
  return max === undefined ? from : from.max(max);
}

/** The validator of messages that become an object type. The type must not contain itself. */
export function createValidator(schema: GraphQLSchema, type: GraphQLObjectType): z.ZodType {
  const known = new Map<string, z.ZodType>();

  function ofObject(object: GraphQLObjectType): z.ZodType {
    const fields = Object.values(object.getFields());
    const plain = z.object(Object.fromEntries(fields.map((field) => [field.name, ofField(field)])));
    const defaults = fields.flatMap((field) => {
      const from = readDirective(schema, field, 'default')?.['from'];
      return typeof from === 'string' ? [{ name: field.name, read: readPath(from) }] : [];
    });
    if (defaults.length === 0) return plain;
    return plain.transform((value: Record<string, unknown>) => {
      const filled = defaults.map(({ name, read }) => [name, value[name] ?? read(value) ?? null]);
      return { ...value, ...Object.fromEntries(filled) };
    });
  }

  function ofField(field: GraphQLField<unknown, unknown>): z.ZodType {
    const { min, max } = readDirective(schema, field, 'bounds') ?? {};
    const rules: Rules = {
      isInstant: readDirective(schema, field, 'instant') !== undefined,
      min: typeof min === 'number' ? min : undefined,
      max: typeof max === 'number' ? max : undefined,
    };
    return orNull(field.type, rules);
  }

  function orNull(outer: GraphQLOutputType, rules: Rules): z.ZodType {
    if (isNonNullType(outer)) return ofType(outer.ofType, rules);
    const inner = ofType(outer, rules);
    return ('name' in outer && outer.name === 'JSON' ? inner : inner.nullable()).default(null);
  }

  function ofType(inner: GraphQLOutputType, rules: Rules): z.ZodType {
    if (isListType(inner)) return bounded(z.array(ofItem(inner.ofType)), rules);
    if (isEnumType(inner)) return ofEnum(inner);
    if (!isObjectType(inner)) return ofScalar(String(inner), rules);
    const made = known.get(inner.name) ?? ofObject(inner);
    known.set(inner.name, made);
    return made;
  }

  function ofItem(item: GraphQLOutputType): z.ZodType {
    const rules = { isInstant: false, min: undefined, max: undefined };
    return isNonNullType(item) ? ofType(item.ofType, rules) : ofType(item, rules).nullable();
  }

  return ofObject(type);
}

function ofScalar(name: string, rules: Rules): z.ZodType {
  const make = SCALARS[name];
  if (make === undefined) throw new Error(`No messages can have the scalar ${name}.`);
  return make(rules);
}

function ofEnum(type: GraphQLEnumType): z.ZodType {
  const spellings = new Map(
    type.getValues().flatMap(({ name }) => spellingsOf(name).map((spelling) => [spelling, name] as const)),
  );
  return z.enum([...spellings.keys()]).transform((spelling, context) => {
    const value = spellings.get(spelling);
    if (value !== undefined) return value;
    context.addIssue('unknown word');
    return z.NEVER;
  });
}
