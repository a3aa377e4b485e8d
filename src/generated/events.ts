/** Generated from schema.graphql by `npm run generate`: do not edit. */
import type * as Schema from './schema.ts';

/** The GraphQL type that an event of each kind becomes: what it looks like once checked. */
export interface Events {
  readonly request: Schema.RequestEvent;
  readonly crate: Schema.CrateEvent;
  readonly sendback: Schema.SendBackEvent;
  readonly storage: Schema.StorageEvent;
  readonly audit: Schema.AuditEvent;
  readonly kpis: Schema.DashboardKpis;
}

/** What a publisher may send of each kind: ids as strings or numbers, absent values left out. */
export interface SentEvents {
  readonly request: SentRequestEvent;
  readonly crate: SentCrateEvent;
  readonly sendback: SentSendBackEvent;
  readonly storage: SentStorageEvent;
  readonly audit: SentAuditEvent;
  readonly kpis: SentDashboardKpis;
}

export type EventName = keyof Events;

export type EventOf<Kind extends EventName> = Events[Kind];

/** Where an event is published: a unit’s topic, a user’s, or that of all units together. */
export type EventChannel =
  | { readonly kind: EventName; readonly unitId: string }
  | { readonly kind: 'sendback'; readonly userId: string }
  | { readonly kind: 'kpis'; readonly all: 'together' };

export interface SentRequestEvent {
  readonly id: string | number;
  readonly action: 'CREATED' | 'Created' | 'UPDATED' | 'Updated' | 'APPROVED' | 'Approved' | 'REJECTED' | 'Rejected' | 'SENT_BACK' | 'Sent Back' | 'STORAGE_ALLOCATED' | 'Storage Allocated' | 'ISSUED' | 'Issued' | 'RETURNED' | 'Returned' | 'COMPLETED' | 'Completed' | 'MOVED_OUT' | 'Moved Out' | 'MOVED_IN' | 'Moved In';
  readonly occurredAt: string;
  readonly version?: number | null | undefined;
  readonly actor?: SentUser | null | undefined;
  readonly request: SentRequest;
}

export interface SentUser {
  readonly id: string | number;
  readonly name?: string | null | undefined;
  readonly role?: string | null | undefined;
}

export interface SentRequest {
  readonly id: string | number;
  readonly requestType: 'STORAGE' | 'Storage' | 'WITHDRAWAL' | 'Withdrawal' | 'DESTRUCTION' | 'Destruction';
  readonly status: 'PENDING' | 'Pending' | 'SENT_BACK' | 'Sent Back' | 'APPROVED' | 'Approved' | 'ISSUED' | 'Issued' | 'RETURNED' | 'Returned' | 'REJECTED' | 'Rejected' | 'COMPLETED' | 'Completed';
  readonly unitId: string | number;
  readonly crate?: SentCrate | null | undefined;
  readonly createdBy?: SentUser | null | undefined;
  readonly approvedBy?: SentUser | null | undefined;
  readonly allocatedBy?: SentUser | null | undefined;
  readonly withdrawnBy?: SentUser | null | undefined;
  readonly issuedBy?: SentUser | null | undefined;
  readonly createdAt?: string | null | undefined;
  readonly approvalDate?: string | null | undefined;
  readonly allocationDate?: string | null | undefined;
  readonly issueDate?: string | null | undefined;
  readonly returnDate?: string | null | undefined;
  readonly expectedReturnDate?: string | null | undefined;
}

export interface SentCrate {
  readonly id: string | number;
  readonly status: 'ACTIVE' | 'Active' | 'WITHDRAWN' | 'Withdrawn' | 'ARCHIVED' | 'Archived' | 'DESTROYED' | 'Destroyed';
  readonly unitId: string | number;
  readonly storage?: SentStorageLocation | null | undefined;
  readonly destructionDate?: string | null | undefined;
  readonly documents?: readonly (SentDocument)[] | null | undefined;
}

export interface SentStorageLocation {
  readonly id: string | number;
  readonly unitId: string | number;
  readonly roomName?: string | null | undefined;
  readonly rackName?: string | null | undefined;
  readonly compartmentName?: string | null | undefined;
  readonly shelfName?: string | null | undefined;
}

export interface SentDocument {
  readonly id: string | number;
  readonly unitId?: string | number | null | undefined;
  readonly documentName?: string | null | undefined;
  readonly documentNumber?: string | null | undefined;
  readonly documentType?: string | null | undefined;
  readonly description?: string | null | undefined;
}

export interface SentCrateEvent {
  readonly id: string | number;
  readonly action: 'CREATED' | 'Created' | 'UPDATED' | 'Updated' | 'STATUS_CHANGED' | 'Status Changed' | 'RELOCATED' | 'Relocated' | 'MOVED_OUT' | 'Moved Out' | 'MOVED_IN' | 'Moved In' | 'DELETED' | 'Deleted';
  readonly occurredAt: string;
  readonly version?: number | null | undefined;
  readonly actor?: SentUser | null | undefined;
  readonly crate: SentCrate;
}

export interface SentSendBackEvent {
  readonly id: string | number;
  readonly action: 'CREATED' | 'Created' | 'SENT_BACK' | 'Sent Back';
  readonly occurredAt: string;
  readonly version?: number | null | undefined;
  readonly actor?: SentUser | null | undefined;
  readonly sendBack: SentSendBack;
}

export interface SentSendBack {
  readonly id: string | number;
  readonly unitId: string | number;
  readonly reason?: string | null | undefined;
  readonly sendbackType?: string | null | undefined;
  readonly createdBy?: SentUser | null | undefined;
  readonly requestId?: string | number | null | undefined;
  readonly request?: SentRequest | null | undefined;
}

export interface SentStorageEvent {
  readonly id: string | number;
  readonly action: 'CREATED' | 'Created' | 'BULK_CREATED' | 'Bulk Created' | 'UPDATED' | 'Updated' | 'DELETED' | 'Deleted';
  readonly occurredAt: string;
  readonly version?: number | null | undefined;
  readonly actor?: SentUser | null | undefined;
  readonly locations: readonly (SentStorageLocation)[];
}

export interface SentAuditEvent {
  readonly id: string | number;
  readonly action: string;
  readonly occurredAt: string;
  readonly version?: number | null | undefined;
  readonly actor?: SentUser | null | undefined;
  readonly entry: SentAuditEntry;
}

export interface SentAuditEntry {
  readonly id: string | number;
  readonly unitId: string | number;
  readonly action?: string | null | undefined;
  readonly objectType?: string | null | undefined;
  readonly objectId?: string | number | null | undefined;
  readonly user?: SentUser | null | undefined;
  readonly at?: string | null | undefined;
  readonly ipAddress?: string | null | undefined;
  readonly changes?: unknown;
}

export interface SentDashboardKpis {
  readonly id: string | number;
  readonly unitId?: string | number | null | undefined;
  readonly computedAt?: string | null | undefined;
  readonly requestsByStatus?: readonly (SentRequestStatusCount)[] | null | undefined;
  readonly requestsByType?: readonly (SentRequestTypeCount)[] | null | undefined;
  readonly overdueWithdrawals?: number | null | undefined;
  readonly pendingApprovals?: number | null | undefined;
  readonly cratesByStatus?: readonly (SentCrateStatusCount)[] | null | undefined;
}

export interface SentRequestStatusCount {
  readonly status: 'PENDING' | 'Pending' | 'SENT_BACK' | 'Sent Back' | 'APPROVED' | 'Approved' | 'ISSUED' | 'Issued' | 'RETURNED' | 'Returned' | 'REJECTED' | 'Rejected' | 'COMPLETED' | 'Completed';
  readonly count: number;
}

export interface SentRequestTypeCount {
  readonly requestType: 'STORAGE' | 'Storage' | 'WITHDRAWAL' | 'Withdrawal' | 'DESTRUCTION' | 'Destruction';
  readonly count: number;
}

export interface SentCrateStatusCount {
  readonly status: 'ACTIVE' | 'Active' | 'WITHDRAWN' | 'Withdrawn' | 'ARCHIVED' | 'Archived' | 'DESTROYED' | 'Destroyed';
  readonly count: number;
}
