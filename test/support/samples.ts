/** Messages with every field of the SDL, so that a new field is tested too. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { EventKind } from '../../src/events/kinds.ts';
import { readDirective } from '../../src/events/sdl.ts';
import { DOMAIN } from './domain.ts';

type Field = GraphQLField<unknown, unknown>;
type Entity = Record<string, unknown>;

/** A value as a publisher sends it, and as clients receive it: a System Admin, and a person of the topic's unit. */
interface Sample {
  readonly sent: unknown;
  readonly toAdmin: unknown;
  readonly toUnit: unknown;
}

interface EventSample extends Sample {
  readonly sent: Entity;
}

const same = (value: unknown): Sample => ({ sent: value, toAdmin: value, toUnit: value });

/** The unit of each event. Nested data belong to `OTHER_UNIT`. */
export const OWN_UNIT = '5';
export const OTHER_UNIT = '7';

/** An event of a unit, by default ours; `null`: of all units together. All nested data that have a unit belong to another unit. */
export function sampleEvent({ type, entityField }: EventKind, unit: string | null = OWN_UNIT): EventSample {
  return sampleObject(type, unit, entityField?.name);
}

/** @param ownField the nested field whose data belong to the same unit. */
function sampleObject(type: GraphQLObjectType, unit: string | null, ownField?: string): EventSample {
  const sent: Entity = {};
  const toAdmin: Entity = {};
  const toUnit: Entity = {};
  for (const field of Object.values(type.getFields())) {
    const one = sampleField(field, unit, field.name === ownField);
    sent[field.name] = one.sent;
    toAdmin[field.name] = one.toAdmin;
    toUnit[field.name] = one.toUnit;
  }
  return { sent, toAdmin, toUnit };
}

function sampleField(field: Field, unit: string | null, isOwn: boolean): Sample {
  const type = getNamedType(field.type);
  const isHidden = isObjectType(type) && isUnitOwned(type) && !isOwn;
  const one = isObjectType(type)
    ? sampleObject(type, isHidden ? OTHER_UNIT : unit)
    : sampleValue(field, unit);
  if (!isList(field.type)) return { ...one, ...(isHidden && { toUnit: null }) };
  return { sent: [one.sent], toAdmin: [one.toAdmin], toUnit: isHidden ? [] : [one.toUnit] };
}

function sampleValue(field: Field, unit: string | null): Sample {
  const type = getNamedType(field.type);
  if (isEnumType(type)) {
    const value = type.getValues().at(-1)?.name ?? '';
    const words = value.split('_').map((word) => word.slice(0, 1) + word.slice(1).toLowerCase());
    return { ...same(value), sent: words.join(' ') };
  }
  switch (type.name) {
    case 'ID':
      return field.name === 'unitId'
        ? { ...same(unit), sent: unit === null ? null : Number(unit) }
        : { ...same('31'), sent: 31 };
    case 'Int':
      return same(3);
    case 'Float':
      return same(1.5);
    case 'Boolean':
      return same(true);
    case 'DateTime':
      return { ...same('2026-11-22T09:30:00.000Z'), sent: '2026-11-22T10:30:00+01:00' };
    case 'JSON':
      return same({ of: [`unit ${unit}`] });
    default:
      return same(`text of unit ${unit}`);
  }
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

function isUnitOwned(type: GraphQLObjectType): boolean {
  return readDirective(DOMAIN.schema, type, 'unitOwned') !== undefined;
}

/** The role class that a field requires, if any. */
export const roleOf = (field: Field): unknown =>
  readDirective(DOMAIN.schema, field, 'requiresRole')?.['role'];

/** Selects every field of a type, except fields that require a role in `without`. */
export function selectAll(type: GraphQLObjectType, without: readonly string[]): string {
  const selected = Object.values(type.getFields()).flatMap((field) => {
    if (without.includes(String(roleOf(field)))) return [];
    const inner = getNamedType(field.type);
    return [isObjectType(inner) ? `${field.name} ${selectAll(inner, without)}` : field.name];
  });
  return `{ ${selected.join(' ')} }`;
}

/** The fields within a type that require a role, with their paths and roles. */
export function guardedFields(
  type: GraphQLObjectType,
  outer: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly role: unknown }[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const path = [...outer, field.name];
    const role = roleOf(field);
    const inner = getNamedType(field.type);
    return [
      ...(role === undefined ? [] : [{ path, role }]),
      ...(isObjectType(inner) ? guardedFields(inner, path) : []),
    ];
  });
}
