import type { KINDS, LiveKind } from '../generated/kinds.ts';
import { createFaultReporter } from './app-faults.ts';
import { createFetchExplainer } from './explain-fetches.ts';
import { because, type NeedsFetch } from './fetch-reasons.ts';
import type { Change, Kind, LiveSubscription, PatchedRow, Patcher, Peers } from './kind.ts';
import type { OtherFields } from './other-fields.ts';
import { noPeers, patchEntity } from './patch-entity.ts';
import type { RowOrder } from './row-order.ts';
import type { Row } from './rows.ts';

/** Writes an entity into a row of your own shape. `undefined`: it cannot be written, so the query is refetched. */
export type LivePatch<Entity> = (row: Row, entity: Entity) => Row | undefined;

/** The entities of a kind, as the schema has them. */
export type EntityOf<Name extends LiveKind> =
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

export function createPatcher(patches: LivePatches, order: RowOrder, others: OtherFields): Patcher {
  const own = new Map<string, LivePatch<never>>(Object.entries(patches));
  const explain = createFetchExplainer();
  const reportFault = createFaultReporter(
    'Let it return the row as it is now, or `undefined` to have the query fetched.',
  );

  function needsFetchFor(fields: readonly string[], kind: Kind): NeedsFetch {
    if (fields.length === 0) return false;
    explain(kind.entity, fields);
    return because('other-fields', fields);
  }

  function patchByNames(row: Row, entity: Row, { kind, action }: Change, peers: Peers): PatchedRow {
    const { shape } = kind.subscription;
    const { value, isSure } = patchEntity(row, entity, shape, peers, kind.promises?.[action]);
    const unknown = [...others.of(row, kind), ...others.nestedIn(row, value, kind)];
    return { value, needsFetch: needsFetchFor(unknown, kind) || (!isSure && because('unclear')) };
  }

  /** What the app's function throws must not keep other queries from being written. */
  function patchByApp(patch: LivePatch<never>, row: Row, entity: Row, { kind }: Change): PatchedRow {
    try {
      // The name of the entity is the key of `patches`: each function gets entities of its own type, as the schema has them.
      const value = patch(row, entity as never);
      if (value !== undefined) return { value, needsFetch: false };
      return { value: row, needsFetch: because('patches-declined') };
    } catch (error) {
      reportFault(`patches.${kind.entity}`, error);
      return { value: row, needsFetch: because('patches-threw') };
    }
  }

  return {
    order,
    others,
    needsFetchFor,
    patch(row, entity, change, peers = noPeers) {
      const patch = own.get(change.kind.entity);
      const { value, needsFetch } =
        patch === undefined
          ? patchByNames(row, entity, change, peers)
          : patchByApp(patch, row, entity, change);
      return { value, needsFetch: needsFetch || (change.isContested === true && because('contested')) };
    },
  };
}
