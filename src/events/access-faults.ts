/** Whether every field says who may see it, and nothing can be reached around its guard (enforced in graphql/directives.ts). */
import { getNamedType, isInterfaceType, isListType, isNonNullType, isObjectType, isUnionType } from 'graphql';
import {
  eventTypes,
  type Field,
  type Inspection,
  isNestedList,
  reachableTypes,
  rootTypes,
} from './inspection.ts';
import { whileAwayTypes } from './while-away.ts';

export function findAccessFaults(inspection: Inspection): void {
  const { schema, has, fault } = inspection;
  const roots = new Set(rootTypes(schema));
  const events = eventTypes(schema);
  /** Their own entities are of topics that were authorized (away-faults.ts). */
  const lines = new Set(whileAwayTypes(schema).map(({ line }) => line));
  for (const type of roots)
    for (const field of Object.values(type.getFields()))
      checkRoot(inspection, `${type.name}.${field.name}`, field);

  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInterfaceType(type) || isUnionType(type))
      fault(type.name, 'is an interface or a union, of which roles cannot be checked: write object types.');
    if (!isObjectType(type) || roots.has(type)) continue;
    if (has(type, 'unitOwned') && getNamedType(type.getFields()['unitId']?.type)?.name !== 'ID')
      fault(
        type.name,
        'is @unitOwned and names no unit: write unitId: ID! (or ID, for what belongs to the unit around it).',
      );
    for (const field of Object.values(type.getFields())) {
      const where = `${type.name}.${field.name}`;
      const target = getNamedType(field.type);
      if (!isObjectType(target)) continue;
      if (roots.has(target) || events.has(target))
        fault(where, `leads to ${target.name}, which is guarded at the root only: leave it out.`);
      if (has(field, 'topicEntity')) {
        if (!events.has(type) && !(lines.has(type) && has(field, 'folded')))
          fault(where, 'has @topicEntity, but its unit is not the topic’s: leave the directive out.');
      } else if (has(target, 'unitOwned')) {
        checkNested(inspection, where, field);
      }
    }
  }

  for (const event of events)
    for (const type of reachableTypes(event))
      if (type.getFields()['unitId'] !== undefined && !has(type, 'unitOwned'))
        fault(type.name, 'has a unitId and no guard: write @unitOwned.');
}

function checkRoot({ has, fault }: Inspection, where: string, field: Field): void {
  const isOfUnit = has(field, 'unitScope');
  if (!isOfUnit && !has(field, 'authenticated'))
    fault(where, 'has no authorization: write @unitScope for data of a unit, or @authenticated.');
  const unitId = field.args.find(({ name }) => name === 'unitId');
  if (isOfUnit && String(unitId?.type) !== 'ID')
    fault(where, 'has @unitScope and no unit to choose: write the argument unitId: ID.');
}

/** What may be hidden must be able to be missing. */
function checkNested({ fault }: Inspection, where: string, field: Field): void {
  if (isNestedList(field)) fault(where, 'has lists within a list, which cannot be hidden: write one list.');
  else if (isNonNullType(field.type)) {
    const inner = field.type.ofType;
    fault(
      where,
      `returns data of a unit: make it nullable (${isListType(inner) ? 'list' : inner}), so that it can be hidden.`,
    );
  }
}
