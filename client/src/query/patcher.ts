import type { KINDS, LiveKind } from '../generated/kinds.ts';
import { createFetchExplainer } from './explain-fetches.ts';
import type { Kind, LiveSubscription, Patcher } from './kind.ts';
import type { OtherFields } from './other-fields.ts';
import { noPeers, patchEntity } from './patch-entity.ts';
import { unsure } from './patch-value.ts';
import type { Row } from './rows.ts';

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

export function createPatcher(patches: LivePatches, others: OtherFields): Patcher {
  const own = new Map<string, LivePatch<never>>(Object.entries(patches));
  const explain = createFetchExplainer();

  function needsFetchFor(fields: readonly string[], kind: Kind): boolean {
    if (fields.length > 0) explain(kind.entity, fields);
    return fields.length > 0;
  }

  return {
    others,
    needsFetchFor,
    patch(row, entity, { kind, action, isContested = false }, peers = noPeers) {
      const patch = own.get(kind.entity);
      if (patch === undefined) {
        const { shape } = kind.subscription;
        const { value, isSure } = patchEntity(row, entity, shape, peers, kind.promises?.[action]);
        const unknown = [...others.of(row, kind), ...others.nestedIn(row, value, kind)];
        return { value, isSure: !needsFetchFor(unknown, kind) && isSure && !isContested };
      }
      // The name of the entity is the key of `patches`: each function gets entities of its own type, as the schema has them.
      const patched = patch(row, entity as never);
      return patched === undefined ? unsure(row) : { value: patched, isSure: !isContested };
    },
  };
}
