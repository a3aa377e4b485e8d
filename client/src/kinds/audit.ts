import { auditLogged } from '../generated/subscriptions.ts';
import { list } from '../query/apply-entities.ts';
import type { Kind } from '../query/kind.ts';

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
export const audit = {
  subscription: auditLogged,
  entity: 'audit',
  queries: {
    /** Default: `['audit', ':unitId']`. */
    audit: list('audit', ':unitId'),
  },
} as const satisfies Kind;
