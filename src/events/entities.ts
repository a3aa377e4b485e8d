/** The entities and kinds as data, for publishers in other languages: `contract/entities.json`. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Domain } from './domain.ts';
import { type EventKind, isListField } from './kinds.ts';
import { readDirective } from './sdl.ts';
import { spellingsOf } from './words.ts';

/** Describes the kinds of events, and every type that is part of one. */
export function describeEntities({ schema, kinds }: Domain) {
  const entities: Record<string, Record<string, object>> = {};

  function describeType(type: GraphQLObjectType): void {
    if (type.name in entities) return;
    const fields: Record<string, object> = {};
    entities[type.name] = fields;
    for (const field of Object.values(type.getFields())) {
      fields[field.name] = describeField(field);
      const inner = getNamedType(field.type);
      if (isObjectType(inner)) describeType(inner);
    }
  }

  function describeField(field: GraphQLField<unknown, unknown>) {
    const type = getNamedType(field.type);
    const { min, max } = readDirective(schema, field, 'bounds') ?? {};
    const defaultFrom = readDirective(schema, field, 'default')?.['from'];
    return {
      type: type.name,
      required: isNonNullType(field.type),
      ...(isListField(field) && { list: true }),
      ...(isEnumType(type) && {
        words: Object.fromEntries(type.getValues().map(({ name }) => spellingsOf(name))),
      }),
      ...(type.name === 'DateTime' && { instant: readDirective(schema, field, 'instant') !== undefined }),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(defaultFrom !== undefined && { default: defaultFrom }),
      ...(readDirective(schema, field, 'setOnce') && { setOnce: true }),
    };
  }

  const describedKinds = Object.fromEntries([...kinds].map(([name, kind]) => [name, describeKind(kind)]));
  for (const { type, entityField } of kinds.values())
    describeType(entityField === undefined ? type : objectOf(entityField));
  return { kinds: describedKinds, entities };
}

function describeKind({ type, entityField, isNewestOnly, hasTogether, hasUserTopics }: EventKind) {
  return {
    event: type.name,
    entity: (entityField === undefined ? type : objectOf(entityField)).name,
    entityField: entityField?.name ?? null,
    isList: entityField !== undefined && isListField(entityField),
    actions: actionsOf(type),
    newestOnly: isNewestOnly,
    together: hasTogether,
    userTopics: hasUserTopics,
  };
}

/** What can happen; `null`: an event says it in words of its own, or not at all. */
function actionsOf(type: GraphQLObjectType): readonly string[] | null {
  const action = type.getFields()['action'];
  const words = action === undefined ? undefined : getNamedType(action.type);
  return isEnumType(words) ? words.getValues().map(({ name }) => name) : null;
}

function objectOf(field: GraphQLField<unknown, unknown>): GraphQLObjectType {
  const type = getNamedType(field.type);
  if (!isObjectType(type)) throw new Error(`${field.name} holds no entity.`);
  return type;
}
