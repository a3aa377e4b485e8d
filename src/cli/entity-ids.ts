import type { EventData, EventKind } from '../events/kinds.ts';

/** The ids of what an event is about. Of a snapshot, which is about no entity, there are none. */
export function entityIds({ entityField }: EventKind, event: EventData): readonly string[] {
  if (entityField === undefined) return [];
  const held = event[entityField.name];
  return (Array.isArray(held) ? held : [held]).flatMap((entity: unknown) =>
    typeof entity === 'object' && entity !== null && 'id' in entity ? [String(entity.id)] : [],
  );
}
