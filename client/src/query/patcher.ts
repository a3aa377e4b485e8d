import type {
  CrateFieldsFragment,
  DashboardKpisFieldsFragment,
  RequestFieldsFragment,
  StorageLocationFieldsFragment,
} from '../generated/operations.ts';
import type { Change, LiveKind } from './change.ts';
import { noPeers, type Peers, patchEntity } from './patch-entity.ts';
import { type Patched, unsure } from './patch-value.ts';
import type { Row } from './rows.ts';
import { AUDIT_ENTRY, CRATE, KPIS, keyIn, REQUEST, type Shape, STORAGE } from './shapes.ts';

/** Writes an entity into a row of your own shape. `undefined`: it cannot be told, so the query is fetched anew. */
export type LivePatch<Entity> = (row: Row, entity: Entity) => Row | undefined;

/**
 * How events are written into rows, for rows that are not shaped like the entities. What is left out is done by the fields' names.
 *
 * ```tsx
 * const patches: LivePatches = {
 *   request: (row, { status, approvedBy }) => ({ ...row, state: status, approver: approvedBy?.name }),
 *   kpis: () => undefined, // always fetch the dashboard anew
 * };
 * <LiveProvider client={client} patches={patches}>…</LiveProvider>
 * ```
 */
export interface LivePatches {
  readonly request?: LivePatch<RequestFieldsFragment>;
  readonly crate?: LivePatch<CrateFieldsFragment>;
  readonly storage?: LivePatch<StorageLocationFieldsFragment>;
  readonly kpis?: LivePatch<DashboardKpisFieldsFragment>;
}

/** Patches rows, by the app's own way or by the fields' names. */
export interface Patcher {
  patch(row: Row, entity: Row, change: Change, peers?: Peers): Patched<Row>;
  /** Whether a row has fields of which no event tells. */
  hasOtherFields(row: Row, change: Change): boolean;
}

const SHAPES: Readonly<Record<LiveKind, Shape>> = {
  requests: REQUEST,
  crates: CRATE,
  storage: STORAGE,
  audit: AUDIT_ENTRY,
  kpis: KPIS,
};

/** What an action sets, and so its event has to tell if the row has a place for it. */
const PROMISES: Readonly<Record<string, readonly string[]>> = {
  APPROVED: ['approvedBy', 'approvalDate'],
  STORAGE_ALLOCATED: ['allocatedBy', 'allocationDate'],
  ISSUED: ['issuedBy', 'issueDate'],
  RETURNED: ['returnDate'],
};

export function createPatcher(patches: LivePatches): Patcher {
  const own: Partial<Record<LiveKind, LivePatch<never>>> = {
    ...(patches.request && { requests: patches.request }),
    ...(patches.crate && { crates: patches.crate }),
    ...(patches.storage && { storage: patches.storage }),
    ...(patches.kpis && { kpis: patches.kpis }),
  };
  return {
    patch(row, entity, { kind, action, isContested = false }, peers = noPeers) {
      const patch = own[kind];
      if (patch === undefined) {
        const { value, isSure } = patchEntity(row, entity, SHAPES[kind], peers, PROMISES[action]);
        return { value, isSure: isSure && !isContested };
      }
      // Checked by the kind: each function is given the entities of its own, as the server's schema has them.
      const patched = patch(row, entity as never);
      return patched === undefined ? unsure(row) : { value: patched, isSure: !isContested };
    },
    hasOtherFields(row, { kind }) {
      if (own[kind] !== undefined) return false;
      const known = new Set(Object.keys(SHAPES[kind]).map((name) => keyIn(row, name)));
      return Object.keys(row).some((key) => !known.has(key));
    },
  };
}
