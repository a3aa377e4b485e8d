import { type Face, keyOf, type Left } from './faces.ts';

/** How many are remembered in a unit. Those who left first are forgotten. */
const MAX_LEFT = 500;

/** Who has left which object a moment ago, so that no other process goes on to show them for a connection that was lost before. */
export function rememberLeft(ms: number) {
  const byUnit = new Map<string, Map<string, Left>>();

  function forgetOld(): boolean {
    for (const [unitId, known] of byUnit) {
      for (const [key, { at }] of known) {
        if (at > Date.now() - ms && known.size <= MAX_LEFT) break; // the others left later
        known.delete(key);
      }
      if (known.size === 0) byUnit.delete(unitId);
    }
    return byUnit.size > 0;
  }

  return {
    add(unitId: string, face: Face): void {
      const { objectId, userId } = face;
      const known = byUnit.get(unitId) ?? new Map<string, Left>();
      byUnit.set(unitId, known);
      known.delete(keyOf(face)); // so that the newest is the last
      known.set(keyOf(face), { objectId, userId, at: Date.now() });
      forgetOld();
    },
    of(unitId: string): readonly Left[] {
      forgetOld();
      return [...(byUnit.get(unitId)?.values() ?? [])];
    },
    /** Returns whether anybody is remembered still. */
    forgetOld,
  };
}
