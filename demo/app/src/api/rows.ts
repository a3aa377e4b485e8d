/** Rows as the DMS's REST API writes them: snake_case, and its own words for a status. */

export const REQUEST_TYPES = ['Storage', 'Withdrawal', 'Destruction'] as const;
export const REQUEST_STATUSES = [
  'Pending',
  'Sent Back',
  'Approved',
  'Issued',
  'Returned',
  'Rejected',
  'Completed',
] as const;
export const CRATE_STATUSES = ['Active', 'Withdrawn', 'Archived', 'Destroyed'] as const;

export type RequestType = (typeof REQUEST_TYPES)[number];
export type RequestStatus = (typeof REQUEST_STATUSES)[number];
export type CrateStatus = (typeof CRATE_STATUSES)[number];

/** A string in one DMS, a number in another; the same row has the same text. */
export type Id = string | number;

export interface UserRow {
  readonly id: Id;
  readonly name: string | null;
  readonly role: string | null;
}

export interface StorageRow {
  readonly id: Id;
  readonly unit_id: Id;
  readonly room_name: string | null;
  readonly rack_name: string | null;
  readonly compartment_name: string | null;
  readonly shelf_name: string | null;
}

export interface DocumentRow {
  readonly id: Id;
  readonly document_name: string | null;
  readonly document_number: string | null;
  readonly document_type: string | null;
  readonly description: string | null;
}

export interface CrateRow {
  readonly id: Id;
  readonly status: CrateStatus;
  readonly unit_id: Id;
  readonly storage: StorageRow | null;
  readonly destruction_date: string | null;
  readonly documents: readonly DocumentRow[] | null;
}

export interface RequestRow {
  readonly id: Id;
  readonly request_type: RequestType;
  readonly status: RequestStatus;
  readonly unit_id: Id;
  readonly crate: CrateRow | null;
  readonly created_by: UserRow | null;
  readonly approved_by: UserRow | null;
  readonly allocated_by: UserRow | null;
  readonly withdrawn_by: UserRow | null;
  readonly issued_by: UserRow | null;
  readonly created_at: string | null;
  readonly approval_date: string | null;
  readonly allocation_date: string | null;
  readonly issue_date: string | null;
  readonly return_date: string | null;
  readonly expected_return_date: string | null;
}

/** Why a request went back to its creator. */
export interface SendBackRow {
  readonly id: Id;
  readonly reason: string;
  readonly sendback_type: string;
  readonly created_by: UserRow | null;
  readonly created_at: string;
}

export interface AuditRow {
  readonly id: Id;
  readonly unit_id: Id;
  readonly action: string | null;
  readonly object_type: string | null;
  readonly object_id: Id | null;
  readonly user: UserRow | null;
  readonly at: string | null;
  readonly ip_address: string | null;
  /** Field by field: what it was and what it became. */
  readonly changes: unknown;
}

export interface KpiRow {
  readonly unit_id: Id | null;
  readonly computed_at: string | null;
  readonly requests_by_status: readonly { readonly status: RequestStatus; readonly count: number }[] | null;
  readonly requests_by_type: readonly { readonly request_type: RequestType; readonly count: number }[] | null;
  readonly overdue_withdrawals: number | null;
  readonly pending_approvals: number | null;
  readonly crates_by_status: readonly { readonly status: CrateStatus; readonly count: number }[] | null;
}

export interface Me {
  readonly id: Id;
  readonly username: string;
  readonly name: string;
  readonly role: string;
  readonly unit_id: Id | null;
}

export interface UnitRow {
  readonly id: Id;
  readonly name: string;
}

/** A list. The server sends the newest rows only; `count` is the number of all. */
export interface Page<Row> {
  readonly count: number;
  readonly results: readonly Row[];
}
