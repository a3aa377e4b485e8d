import { crateUpdated } from '../generated/subscriptions.ts';
import { detail, list } from '../query/apply-entities.ts';
import type { Kind } from '../query/kind.ts';

/**
 * Keeps `['crates', status, unitId]` and `['crate', id]` live, and the crates inside request rows; see {@link useLiveRequests}.
 *
 * ```tsx
 * function Crates({ unitId }: { unitId: number }) {
 *   useLiveCrates(unitId);
 *   const { data } = useQuery({ queryKey: ['crates', 'Active', unitId], queryFn: fetchActiveCrates });
 *   return <CrateTable rows={data ?? []} />;
 * }
 * ```
 */
export const crates = {
  subscription: crateUpdated,
  entity: 'crate',
  queries: {
    /** Default: `['crates', ':status', ':unitId']`. */
    crates: list('crates', ':status', ':unitId'),
    /** Default: `['crate', ':id']`. */
    crate: detail('crate', ':id'),
  },
  comparesClocks: true,
} as const satisfies Kind;
