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

/** What all events but KPIs have. */
interface Event {
  readonly actor: UserFieldsFragment | null;
  readonly occurredAt: string;
}

const told = (
  kind: LiveKind,
  { actor, occurredAt }: Event,
  action: string,
  entities: readonly Row[],
): Told => ({ kind, action, actor, occurredAt: Date.parse(occurredAt), entities });

export const tells = {
  requests: ({ requestUpdated: event }: RequestUpdatedSubscription): Told =>
    told('requests', event, event.action, [event.request]),
  crates: ({ crateUpdated: event }: CrateUpdatedSubscription): Told =>
    told('crates', event, event.action, [event.crate]),
  storage: ({ storageUpdated: event }: StorageUpdatedSubscription): Told =>
    told('storage', event, event.action, event.locations),
  audit: ({ auditLogged: event }: AuditLoggedSubscription): Told => told('audit', event, '', [event.entry]),
  kpis: ({ dashboardKpis }: DashboardKpisSubscription): Told => ({
    kind: 'kpis',
    action: '',
    actor: null,
    occurredAt: 0,
    entities: [dashboardKpis],
  }),
};
