import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

export type Field = GraphQLField<unknown, unknown>;

/** A field of `Subscription`, as the client sees it. */
export interface LiveField {
  readonly field: Field;
  /** What the subscription delivers. */
  readonly type: GraphQLObjectType;
  /** The event's field with the entity (`@topicEntity`); `undefined`: the type itself is the entity, as the KPIs are. */
  readonly entityField: Field | undefined;
  readonly entity: GraphQLObjectType;
}

export const fieldsOf = (type: GraphQLObjectType): readonly Field[] => Object.values(type.getFields());

const has = (field: Field, directive: string): boolean =>
  field.astNode?.directives?.some(({ name }) => name.value === directive) ?? false;

/** Only viewers of some role may select this field. */
export const isGuarded = (field: Field): boolean => has(field, 'requiresRole');

/** The field's value never changes after it was set. */
export const isSetOnce = (field: Field): boolean => has(field, 'setOnce');

/** The object type that a field leads to; `undefined`: its values are scalars or enums. */
export function objectOf(field: Field): GraphQLObjectType | undefined {
  const type = getNamedType(field.type);
  if (isObjectType(type)) return type;
  if (isLeafType(type)) return undefined;
  throw new Error(
    `${field.name}: ${type.name} is an interface or a union, which the client cannot select yet.`,
  );
}

/** The words of an enum; `undefined`: the field is none. */
export function wordsOf(field: Field): readonly string[] | undefined {
  const type = getNamedType(field.type);
  return isEnumType(type) ? type.getValues().map(({ name }) => name) : undefined;
}

export function isList(field: Field): boolean {
  return isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
}

const entityFieldOf = (type: GraphQLObjectType): Field | undefined =>
  fieldsOf(type).find((field) => has(field, 'topicEntity'));

/** Subscriptions without events: the server answers them by itself, and each result replaces the one before. */
const ANSWERED: ReadonlySet<string> = new Set(['presence', 'announcePresence']);

const subscriptionsIn = (schema: GraphQLSchema): readonly Field[] => {
  const root = schema.getSubscriptionType();
  return root == null ? [] : fieldsOf(root);
};

export const answeredFieldsOf = (schema: GraphQLSchema): readonly string[] =>
  subscriptionsIn(schema)
    .map(({ name }) => name)
    .filter((name) => ANSWERED.has(name));

/** All subscriptions to events, in the order of the schema. */
export function liveFieldsOf(schema: GraphQLSchema): readonly LiveField[] {
  const ofEvents = subscriptionsIn(schema).filter(({ name }) => !ANSWERED.has(name));
  return ofEvents.map((field) => {
    const type = objectOf(field);
    if (type === undefined) throw new Error(`Subscription.${field.name} delivers no object.`);
    const entityField = entityFieldOf(type);
    const entity = entityField === undefined ? type : objectOf(entityField);
    if (entity === undefined) throw new Error(`${type.name}.${entityField?.name} is no object.`);
    return { field, type, entityField, entity };
  });
}

/** Whether a type has a fragment of its own: it has an id, and is neither an event nor a root. */
export function hasFragment(type: GraphQLObjectType): boolean {
  return type.getFields()['id'] !== undefined && entityFieldOf(type) === undefined;
}

/** All types that have a fragment, each after those that it contains. */
export function fragmentTypesOf(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  const types = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !type.name.startsWith('__') && hasFragment(type))
    .toSorted((one, other) => startOf(one) - startOf(other));
  return types.toSorted((one, other) => depthOf(one, []) - depthOf(other, []));
}

const startOf = (type: GraphQLObjectType): number => type.astNode?.loc?.start ?? 0;

/** How deep the objects in a type are nested. */
function depthOf(type: GraphQLObjectType, path: readonly string[]): number {
  if (path.includes(type.name))
    throw new Error(`${[...path, type.name].join(' → ')} goes in a circle: a fragment cannot select it.`);
  const depths = fieldsOf(type).map((field) => {
    const nested = objectOf(field);
    return nested === undefined ? 0 : 1 + depthOf(nested, [...path, type.name]);
  });
  return Math.max(0, ...depths);
}

/** `requestUpdated` → `RequestUpdated` */
export const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** `StorageLocation` → `STORAGE_LOCATION` */
export const constantName = (name: string): string =>
  name.replace(/(?<=[a-z0-9])[A-Z]/g, '_$&').toUpperCase();
