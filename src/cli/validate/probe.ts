/** Events that a validation publishes: made from the schema, marked, and different in every unit. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { EventKind } from '../../events/kinds.ts';
import { isRecord } from '../../events/paths.ts';
import { readDirective } from '../../events/sdl.ts';
import type { Channel } from '../../events/topic-names.ts';
import { requiredRole } from '../../graphql/directives.ts';
import { seesAllUnits, type Viewer } from './people.ts';

type Field = GraphQLField<unknown, unknown>;
type Entity = Readonly<Record<string, unknown>>;

/**
 * - `own`: everything in it belongs to the event's unit.
 * - `mixed`: what is nested in it belongs to another unit. Its values differ, so that filters can leave it out.
 */
export type Variant = 'own' | 'mixed';

export interface Probe {
  readonly id: string;
  readonly kind: EventKind;
  readonly channel: Channel;
  /** The unit of the entity; `null`: all units together. */
  readonly unitId: string | null;
  readonly variant: Variant;
  readonly event: Entity;
}

export interface ProbeMaker {
  /** Starts the id of each event, and is in each text of it. */
  readonly mark: string;
  make(kind: EventKind, channel: Channel, unitId: string | null, variant: Variant): Probe;
  /** The content of an event of the variant `own`, which is not published. */
  sample(kind: EventKind): Entity;
  isProbe(id: unknown): boolean;
}

/** @param run names this validation. */
export function createProbeMaker(schema: GraphQLSchema, run: string, strangeUnit: string): ProbeMaker {
  const mark = `validate-${run}`;
  let made = 0;
  let lastTime = 0;

  /** Later than the one before, so that of two snapshots the newer one is known. */
  function nextTime(): string {
    lastTime = Math.max(lastTime + 1, Date.now());
    return new Date(lastTime).toISOString();
  }

  function makeEvent(kind: EventKind, unitId: string | null, variant: Variant): Entity {
    const context = { schema, mark, variant, time: nextTime(), strangeUnit };
    const made = makeObject(kind.type, unitId, context, kind.entityField?.name);
    return { ...made, ...(kind.type.getFields()['version'] !== undefined && { version: null }) };
  }

  return {
    mark,
    isProbe: (id) => typeof id === 'string' && id.startsWith(`${mark}-`),
    sample: (kind) => makeEvent(kind, strangeUnit, 'own'),
    make(kind, channel, unitId, variant) {
      made += 1;
      const id = `${mark}-${made}`;
      return { id, kind, channel, unitId, variant, event: { ...makeEvent(kind, unitId, variant), id } };
    },
  };
}

interface MakingContext {
  readonly schema: GraphQLSchema;
  readonly mark: string;
  readonly variant: Variant;
  readonly time: string;
  readonly strangeUnit: string;
}

/** @param ownField the nested field whose data belong to the event's unit in both variants. */
function makeObject(
  type: GraphQLObjectType,
  unitId: string | null,
  context: MakingContext,
  ownField?: string,
): Entity {
  const { schema, variant, strangeUnit } = context;
  const fields = Object.values(type.getFields()).map((field) => {
    const target = getNamedType(field.type);
    if (!isObjectType(target)) return [field.name, makeValue(field, unitId, context)];
    const isElsewhere = variant === 'mixed' && field.name !== ownField && isUnitOwned(schema, target);
    const one = makeObject(target, isElsewhere ? strangeUnit : unitId, context);
    if (!isList(field)) return [field.name, one];
    const count = Math.max(1, boundsOf(schema, field).least ?? 1);
    const list = Array.from({ length: count }, () => one);
    // A list that is partly hidden: one of this unit as well.
    return [field.name, isElsewhere ? [...list, makeObject(target, unitId, context)] : list];
  });
  return Object.fromEntries(fields);
}

function makeValue(field: Field, unitId: string | null, { schema, mark, variant, time }: MakingContext) {
  const type = getNamedType(field.type);
  const { least, most } = boundsOf(schema, field);
  const isOwn = variant === 'own';
  const one = ((): unknown => {
    if (isEnumType(type)) return type.getValues().at(isOwn ? 0 : -1)?.name;
    switch (type.name) {
      case 'ID':
        return field.name === 'unitId' ? unitId : `${mark}-${variant}`;
      case 'Int':
      case 'Float':
        return Math.min((least ?? 1) + (isOwn ? 0 : 1), most ?? Number.MAX_SAFE_INTEGER);
      case 'Boolean':
        return isOwn;
      case 'DateTime':
        return time;
      case 'JSON':
        return { probe: mark, unit: unitId };
      default:
        return isList(field)
          ? `${mark} ${variant}`
          : textOf(`${mark} ${variant} of unit ${unitId}`, least, most);
    }
  })();
  return isList(field) ? Array.from({ length: Math.max(1, least ?? 1) }, () => one) : one;
}

function boundsOf(schema: GraphQLSchema, field: Field) {
  const { min, max } = readDirective(schema, field, 'bounds') ?? {};
  return {
    least: typeof min === 'number' ? min : undefined,
    most: typeof max === 'number' ? max : undefined,
  };
}

const textOf = (text: string, least = 0, most = text.length): string =>
  text.padEnd(least, '.').slice(0, Math.max(most, least));

function isList({ type }: Field): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

function isUnitOwned(schema: GraphQLSchema, type: GraphQLObjectType): boolean {
  return readDirective(schema, type, 'unitOwned') !== undefined;
}

/** What a viewer must get of an event: by the contract (section 4), and not by the code that enforces it. */
export function visiblePart(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  sent: Entity,
  viewer: Viewer,
): Entity {
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const role = requiredRole(schema, field);
    if (role !== undefined && !viewer.classes.includes(role)) return [];
    const value = sent[field.name] ?? null;
    const target = getNamedType(field.type);
    if (!isObjectType(target) || value === null) return [[field.name, value]];
    const isOwn = readDirective(schema, field, 'topicEntity') !== undefined;
    const isHidden = (entity: Entity): boolean =>
      !isOwn &&
      isUnitOwned(schema, target) &&
      !seesAllUnits(viewer) &&
      entity['unitId'] != null &&
      entity['unitId'] !== viewer.unitId;
    const show = (entity: Entity): Entity => visiblePart(schema, target, entity, viewer);
    if (Array.isArray(value))
      return [
        [
          field.name,
          value
            .filter(isRecord)
            .filter((one) => !isHidden(one))
            .map(show),
        ],
      ];
    if (!isRecord(value)) return [[field.name, value]];
    return [[field.name, isHidden(value) ? null : show(value)]];
  });
  return Object.fromEntries(fields);
}

/** Whether a kind has events in which something is hidden from viewers of one unit. */
export function hasHiddenParts(schema: GraphQLSchema, { type, entityField }: EventKind): boolean {
  const nests = (object: GraphQLObjectType): boolean =>
    Object.values(object.getFields()).some((field) => {
      const target = getNamedType(field.type);
      if (!isObjectType(target)) return false;
      return (field.name !== entityField?.name && isUnitOwned(schema, target)) || nests(target);
    });
  return nests(type);
}
