import { storageUpdated } from '../generated/subscriptions.ts';
import { list } from '../query/apply-entities.ts';
import type { Kind } from '../query/kind.ts';

/**
 * Keeps `['storage', unitId]` live, and the locations inside crate and request rows; see {@link useLiveRequests}.
 *
 * ```tsx
 * function Storage({ unitId }: { unitId: number }) {
 *   useLiveStorage(unitId);
 *   const { data } = useQuery({ queryKey: ['storage', unitId], queryFn: fetchStorage });
 *   return <StorageTable rows={data ?? []} />;
 * }
 * ```
 */
export const storage = {
  subscription: storageUpdated,
  entity: 'storage',
  queries: {
    /** Default: `['storage', ':unitId']`. */
    storage: list('storage', ':unitId'),
  },
} as const satisfies Kind;
