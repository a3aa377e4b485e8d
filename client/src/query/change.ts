import type {
  AuditLoggedSubscription,
  CrateUpdatedSubscription,
  DashboardKpisSubscription,
  RequestUpdatedSubscription,
  StorageUpdatedSubscription,
  UserFieldsFragment,
} from '../generated/operations.ts';
import type { Row } from './rows.ts';

/** What can be followed. */
export type LiveKind = 'requests' | 'crates' | 'storage' | 'audit' | 'kpis';

/** An event as it is applied to cached queries, of whichever kind it is. */
export interface Change {
  readonly kind: LiveKind;
  /** The event's action; empty for KPIs and audit entries, of which each is new. */
  readonly action: string;
  /** Who did it; `null`: the system. */
  readonly actor: UserFieldsFragment | null;
  /** Unix milliseconds; 0 for KPIs. */
  readonly occurredAt: number;
  /** What it tells of: one, or the locations of a bulk. */
  readonly entities: readonly Row[];
  /** What is written where the entities are nested in other rows, if it is not the same. */
  readonly nested?: readonly Row[];
  /** It may be older than what is there: whatever it is written into is fetched anew. */
  readonly isContested?: boolean;
  /** The unit that was asked for; `undefined`: the viewer's own, or all. */
  readonly unitAsked: string | undefined;
}

type Told = Omit<Change, 'unitAsked'>;

const at = (instant: string): number => Date.parse(instant);

export const tells = {
  requests: ({ requestUpdated: event }: RequestUpdatedSubscription): Told => ({
    kind: 'requests',
    action: event.action,
    actor: event.actor,
    occurredAt: at(event.occurredAt),
    entities: [event.request],
  }),
  crates: ({ crateUpdated: event }: CrateUpdatedSubscription): Told => ({
    kind: 'crates',
    action: event.action,
    actor: event.actor,
    occurredAt: at(event.occurredAt),
    entities: [event.crate],
  }),
  storage: ({ storageUpdated: event }: StorageUpdatedSubscription): Told => ({
    kind: 'storage',
    action: event.action,
    actor: event.actor,
    occurredAt: at(event.occurredAt),
    entities: event.locations,
  }),
  audit: ({ auditLogged: event }: AuditLoggedSubscription): Told => ({
    kind: 'audit',
    action: '',
    actor: event.actor,
    occurredAt: at(event.occurredAt),
    entities: [event.entry],
  }),
  kpis: ({ dashboardKpis }: DashboardKpisSubscription): Told => ({
    kind: 'kpis',
    action: '',
    actor: null,
    occurredAt: 0,
    entities: [dashboardKpis],
  }),
};
