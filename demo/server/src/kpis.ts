import type { EventOf } from 'dms-live/publisher';
import type { CrateRecord, Records, RequestRecord } from './records.ts';
import type { UnitId } from './users.ts';

type Kpis = EventOf<'kpis'>;
export type Figures = Pick<
  Kpis,
  | 'unitId'
  | 'requestsByStatus'
  | 'requestsByType'
  | 'overdueWithdrawals'
  | 'pendingApprovals'
  | 'cratesByStatus'
>;

const STATUSES = ['PENDING', 'SENT_BACK', 'APPROVED', 'ISSUED', 'RETURNED', 'REJECTED', 'COMPLETED'] as const;
const TYPES = ['STORAGE', 'WITHDRAWAL', 'DESTRUCTION'] as const;
const CRATE_STATUSES = ['ACTIVE', 'WITHDRAWN', 'ARCHIVED', 'DESTROYED'] as const;

/**
 * Counts what is there now.
 * @param unitId `null`: all units together.
 * @param now Unix milliseconds, to know which withdrawals are overdue.
 */
export function countKpis(records: Records, unitId: UnitId | null, now: number): Figures {
  const isOurs = (row: RequestRecord | CrateRecord): boolean => unitId === null || row.unitId === unitId;
  const requests = [...records.requests.values()].filter(isOurs);
  const crates = [...records.crates.values()].filter(isOurs);
  const count = (matches: (request: RequestRecord) => boolean): number => requests.filter(matches).length;
  return {
    unitId,
    requestsByStatus: STATUSES.map((status) => ({
      status,
      count: count((request) => request.status === status),
    })),
    requestsByType: TYPES.map((requestType) => ({
      requestType,
      count: count((request) => request.requestType === requestType),
    })),
    overdueWithdrawals: count((request) => isOverdue(request, now)),
    pendingApprovals: count(({ status }) => status === 'PENDING'),
    cratesByStatus: CRATE_STATUSES.map((status) => ({
      status,
      count: crates.filter((crate) => crate.status === status).length,
    })),
  };
}

export function isOverdue({ status, expectedReturnDate }: RequestRecord, now: number): boolean {
  return status === 'ISSUED' && expectedReturnDate !== null && Date.parse(expectedReturnDate) < now;
}
