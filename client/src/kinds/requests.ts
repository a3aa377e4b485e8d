import { requestUpdated } from '../generated/subscriptions.ts';
import { detail, list } from '../query/apply-entities.ts';
import { figures } from '../query/figures.ts';
import type { Kind } from '../query/kind.ts';

/**
 * Keeps the page's request queries live: `['requests', requestType, status, unitId]`, `['request', id]` and
 * `['request-figures', unitId, …]`, or as the provider's `queryKeys` name them. What an event says is written into the rows that are
 * there; lists that a row enters or leaves, and figures, are refetched, once for all events of a burst. Several components may use it:
 * the work is done once.
 * @param unitId default: the user's own unit, or all units for a System Admin.
 *
 * ```tsx
 * function Transactions({ unitId }: { unitId: number }) {
 *   const { isUpdating } = useLiveRequests(unitId);
 *   const { data } = useQuery({
 *     queryKey: ['requests', 'all', 'Pending', unitId],
 *     queryFn: () => api.get('/requests/', { params: { status: 'Pending', unit: unitId } }).then((r) => r.data),
 *   });
 *   return <RequestTable rows={data?.results ?? []} aria-busy={isUpdating} />;
 * }
 * ```
 */
export const requests = {
  subscription: requestUpdated,
  entity: 'request',
  queries: {
    /** Default: `['requests', ':requestType', ':status', ':unitId']`. */
    requests: list('requests', ':requestType', ':status', ':unitId'),
    /** Default: `['request', ':id']`. */
    request: detail('request', ':id'),
    /** Default: `['request-figures', ':unitId']`, and whatever else follows: counts and trends, which the server computes. */
    requestFigures: figures('request-figures', ':unitId'),
  },
  promises: {
    APPROVED: ['approvedBy', 'approvalDate'],
    STORAGE_ALLOCATED: ['allocatedBy', 'allocationDate'],
    ISSUED: ['issuedBy', 'issueDate'],
    RETURNED: ['returnDate'],
  },
} as const satisfies Kind;
