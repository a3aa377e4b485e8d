/* Generated from schema.graphql and the files in kinds/ by npm run generate. */
'use client';

import { type LiveQueries, type LiveQueriesOptions, type Unit, useLiveQueries } from '../query/use-live-queries.ts';

/**
 * Keeps `['audit', unitId]` live: it is refetched when entries are written. For roles that may read audit entries; others get
 * a `refusal`. See {@link useLiveRequests}.
 *
 * ```tsx
 * function AuditTrail() {
 *   const { refusal } = useLiveAudit();
 *   const { data } = useQuery({ queryKey: ['audit'], queryFn: fetchAudit });
 *   if (refusal) return <p>{refusal.message}</p>;
 *   return <AuditTable rows={data ?? []} />;
 * }
 * ```
 */
export function useLiveAudit(unitId?: Unit, options?: LiveQueriesOptions): LiveQueries {
  return useLiveQueries('audit', unitId, options);
}

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
export function useLiveCrates(unitId?: Unit, options?: LiveQueriesOptions): LiveQueries {
  return useLiveQueries('crates', unitId, options);
}

/**
 * Keeps `['dashboard', unitId]` live: each snapshot of figures is written into it. See {@link useLiveRequests}.
 *
 * ```tsx
 * function Dashboard({ unitId }: { unitId: number }) {
 *   useLiveKpis(unitId);
 *   const { data } = useQuery({ queryKey: ['dashboard', unitId], queryFn: fetchKpis });
 *   return <Figures pending={data?.pending_approvals} overdue={data?.overdue_withdrawals} />;
 * }
 * ```
 */
export function useLiveKpis(unitId?: Unit, options?: LiveQueriesOptions): LiveQueries {
  return useLiveQueries('kpis', unitId, options);
}

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
export function useLiveRequests(unitId?: Unit, options?: LiveQueriesOptions): LiveQueries {
  return useLiveQueries('requests', unitId, options);
}

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
export function useLiveStorage(unitId?: Unit, options?: LiveQueriesOptions): LiveQueries {
  return useLiveQueries('storage', unitId, options);
}
