import { crateUpdated } from '../generated/subscriptions.ts';
import { detail, list } from '../query/apply-entities.ts';
import { figures } from '../query/figures.ts';
import type { Kind } from '../query/kind.ts';

/**
 * Keeps `['crates', status, unitId]`, `['crate', id]` and `['crate-figures', unitId, …]` live, and the crates inside request rows; see
 * {@link useLiveRequests}.
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
    /** Default: `['crate-figures', ':unitId']`, and whatever else follows: counts and trends, which the server computes. */
    crateFigures: figures('crate-figures', ':unitId'),
  },
  comparesClocks: true,
} as const satisfies Kind;
