import type { KINDS, LiveKind } from '../generated/kinds.ts';
import type { LiveSubscription, Patcher } from './kind.ts';
import { noPeers, patchEntity } from './patch-entity.ts';
import { unsure } from './patch-value.ts';
import type { Row } from './rows.ts';
import { keyIn } from './shapes.ts';

/** Writes an entity into a row of your own shape. `undefined`: it cannot be written, so the query is refetched. */
export type LivePatch<Entity> = (row: Row, entity: Entity) => Row | undefined;

type EntityOf<Name extends LiveKind> =
  (typeof KINDS)[Name]['subscription'] extends LiveSubscription<infer Entity> ? Entity : never;

/**
 * How events are written into rows, for rows that are not shaped like the entities. What is left out is done by the fields' names.
 *
 * ```tsx
 * const patches: LivePatches = {
 *   request: (row, { status, approvedBy }) => ({ ...row, state: status, approver: approvedBy?.name }),
 *   kpis: () => undefined, // always refetch the dashboard
 * };
 * <LiveProvider client={client} patches={patches}>…</LiveProvider>
 * ```
 */
export type LivePatches = {
  readonly [Name in LiveKind as (typeof KINDS)[Name]['entity']]?: LivePatch<EntityOf<Name>>;
};

export function createPatcher(patches: LivePatches): Patcher {
  const own = new Map<string, LivePatch<never>>(Object.entries(patches));
  return {
    patch(row, entity, { kind, action, isContested = false }, peers = noPeers) {
      const patch = own.get(kind.entity);
      if (patch === undefined) {
        const { value, isSure } = patchEntity(
          row,
          entity,
          kind.subscription.shape,
          peers,
          kind.promises?.[action],
        );
        return { value, isSure: isSure && !isContested };
      }
      // The name of the entity is the key of `patches`: each function gets entities of its own type, as the schema has them.
      const patched = patch(row, entity as never);
      return patched === undefined ? unsure(row) : { value: patched, isSure: !isContested };
    },
    hasOtherFields(row, { kind }) {
      if (own.has(kind.entity)) return false;
      const known = new Set(Object.keys(kind.subscription.shape).map((name) => keyIn(row, name)));
      return Object.keys(row).some((key) => !known.has(key));
    },
  };
}
