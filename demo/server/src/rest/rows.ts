/** Rows as the DMS's REST API writes them: snake_case, and enum values in the DMS's words. */
import { countKpis } from '../kpis.ts';
import type {
  AuditEntry,
  CrateRecord,
  LocationRecord,
  Records,
  RequestRecord,
  SendBackRecord,
} from '../records.ts';
import type { Person, UnitId } from '../users.ts';
import { canSee } from './access.ts';

/** `SENT_BACK` → `Sent Back` */
export function inWords(value: string): string {
  return value
    .split('_')
    .map((word) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`)
    .join(' ');
}

/** What one person sees of the records. */
export function createRows(records: Records, person: Person) {
  const storage = (location: LocationRecord) => ({
    id: location.id,
    unit_id: location.unitId,
    room_name: location.roomName,
    rack_name: location.rackName,
    compartment_name: location.compartmentName,
    shelf_name: location.shelfName,
  });

  function crate({ storageId, ...row }: CrateRecord) {
    const location = storageId === null ? undefined : records.locations.get(storageId);
    return {
      id: row.id,
      status: inWords(row.status),
      unit_id: row.unitId,
      // A room of another unit is none of one's business.
      storage: location !== undefined && canSee(person, location) ? storage(location) : null,
      destruction_date: row.destructionDate,
      documents: (row.documents ?? []).map((document) => ({
        id: document.id,
        document_name: document.documentName,
        document_number: document.documentNumber,
        document_type: document.documentType,
        description: document.description,
      })),
    };
  }

  function request(row: RequestRecord) {
    const about = records.crates.get(row.crateId);
    return {
      id: row.id,
      request_type: inWords(row.requestType),
      status: inWords(row.status),
      unit_id: row.unitId,
      // A finished request stays where it was made; its crate may since have gone to another unit.
      crate: about !== undefined && canSee(person, about) ? crate(about) : null,
      created_by: row.createdBy,
      approved_by: row.approvedBy,
      allocated_by: row.allocatedBy,
      withdrawn_by: row.withdrawnBy,
      issued_by: row.issuedBy,
      created_at: row.createdAt,
      approval_date: row.approvalDate,
      allocation_date: row.allocationDate,
      issue_date: row.issueDate,
      return_date: row.returnDate,
      expected_return_date: row.expectedReturnDate,
    };
  }

  const sendBack = (row: SendBackRecord) => ({
    id: row.id,
    reason: row.reason,
    sendback_type: row.sendbackType,
    created_by: row.createdBy,
    created_at: row.createdAt,
  });

  const audit = (entry: AuditEntry) => ({
    id: entry.id,
    unit_id: entry.unitId,
    action: entry.action,
    object_type: entry.objectType,
    object_id: entry.objectId,
    user: entry.user,
    at: entry.at,
    ip_address: entry.ipAddress,
    changes: entry.changes,
  });

  return { request, crate, storage, sendBack, audit };
}

export type Rows = ReturnType<typeof createRows>;

/** A KPI snapshot of now. */
export function kpisRow(records: Records, unitId: UnitId | null, now: number) {
  const figures = countKpis(records, unitId, now);
  return {
    unit_id: unitId,
    computed_at: new Date(now).toISOString(),
    requests_by_status: figures.requestsByStatus?.map(({ status, count }) => ({
      status: inWords(status),
      count,
    })),
    requests_by_type: figures.requestsByType?.map(({ requestType, count }) => ({
      request_type: inWords(requestType),
      count,
    })),
    overdue_withdrawals: figures.overdueWithdrawals,
    pending_approvals: figures.pendingApprovals,
    crates_by_status: figures.cratesByStatus?.map(({ status, count }) => ({
      status: inWords(status),
      count,
    })),
  };
}
