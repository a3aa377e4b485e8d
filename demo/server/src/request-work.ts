/**
 * How requests are dealt with: what each step changes and publishes. The simulated colleagues and the REST API do the
 * same work; when it is done, and by whom, is theirs to decide.
 */
import { userOf } from './audit-entry.ts';
import type { Desk, Why } from './desk.ts';
import type { CrateRecord, RequestRecord, User } from './records.ts';

/** In which state a request can be dealt with so. */
export const canBe = {
  approved: isPending,
  rejected: isPending,
  sentBack: isPending,
  corrected: ({ status }: RequestRecord): boolean => status === 'SENT_BACK',
  allocated: ({ requestType, status, allocationDate }: RequestRecord): boolean =>
    requestType === 'STORAGE' && status === 'APPROVED' && allocationDate === null,
  issued: ({ requestType, status }: RequestRecord): boolean =>
    requestType === 'WITHDRAWAL' && status === 'APPROVED',
  returned: ({ status }: RequestRecord): boolean => status === 'ISSUED',
  /** A storage request once allocated, a withdrawal once returned, a destruction once approved. */
  completed({ requestType, status, allocationDate }: RequestRecord): boolean {
    if (requestType === 'STORAGE') return status === 'APPROVED' && allocationDate !== null;
    return status === (requestType === 'WITHDRAWAL' ? 'RETURNED' : 'APPROVED');
  },
};

function isPending({ status }: RequestRecord): boolean {
  return status === 'PENDING';
}

export interface Wish {
  readonly requestType: RequestRecord['requestType'];
  readonly crate: CrateRecord;
  /** Of a withdrawal: until when the crate is wanted. */
  readonly expectedReturnDate?: string;
}

export function makeRequest(desk: Desk, creator: User, wish: Wish): RequestRecord {
  const request: RequestRecord = {
    id: desk.newId(),
    requestType: wish.requestType,
    status: 'PENDING',
    unitId: wish.crate.unitId,
    crateId: wish.crate.id,
    createdBy: userOf(creator),
    approvedBy: null,
    allocatedBy: null,
    withdrawnBy: null,
    issuedBy: null,
    createdAt: desk.time(),
    approvalDate: null,
    allocationDate: null,
    issueDate: null,
    returnDate: null,
    expectedReturnDate: wish.expectedReturnDate ?? null,
  };
  return desk.request('CREATED', creator, request);
}

/** PENDING → SENT_BACK */
export function sendBack(desk: Desk, checker: User, request: RequestRecord, why: Why): RequestRecord {
  const after = desk.request('SENT_BACK', checker, { ...request, status: 'SENT_BACK' }, request);
  // The DMS words it either way, depending on where it is written.
  desk.sendBack(why.sendbackType === 'Correction' ? 'SENT_BACK' : 'CREATED', checker, after, why);
  return after;
}

/** SENT_BACK → PENDING */
export function correct(
  desk: Desk,
  corrector: User,
  request: RequestRecord,
  corrections: Partial<Pick<RequestRecord, 'crateId' | 'expectedReturnDate'>> = {},
): RequestRecord {
  return desk.request('UPDATED', corrector, { ...request, ...corrections, status: 'PENDING' }, request);
}

/** PENDING → APPROVED */
export function approve(desk: Desk, approver: User, request: RequestRecord): RequestRecord {
  const approval = { approvedBy: userOf(approver), approvalDate: desk.time() };
  return desk.request('APPROVED', approver, { ...request, status: 'APPROVED', ...approval }, request);
}

/** PENDING → REJECTED */
export function reject(desk: Desk, rejecter: User, request: RequestRecord, reason?: string): RequestRecord {
  return desk.request('REJECTED', rejecter, { ...request, status: 'REJECTED' }, request, reason);
}

/** A storage request, APPROVED, gets a place for its crate. */
export function allocateStorage(
  desk: Desk,
  allocator: User,
  request: RequestRecord,
  storageId: string,
): RequestRecord {
  changeCrate(desk, 'RELOCATED', allocator, request, { storageId });
  const allocation = { allocatedBy: userOf(allocator), allocationDate: desk.time() };
  return desk.request('STORAGE_ALLOCATED', allocator, { ...request, ...allocation }, request);
}

/** A withdrawal, APPROVED → ISSUED */
export function issue(desk: Desk, issuer: User, request: RequestRecord, due: string): RequestRecord {
  changeCrate(desk, 'STATUS_CHANGED', issuer, request, { status: 'WITHDRAWN' });
  const after: RequestRecord = {
    ...request,
    status: 'ISSUED',
    issuedBy: userOf(issuer),
    withdrawnBy: request.createdBy,
    issueDate: desk.time(),
    expectedReturnDate: due,
  };
  return desk.request('ISSUED', issuer, after, request);
}

/** A withdrawal, ISSUED → RETURNED */
export function takeBack(desk: Desk, receiver: User, request: RequestRecord): RequestRecord {
  changeCrate(desk, 'STATUS_CHANGED', receiver, request, { status: 'ACTIVE' });
  return desk.request(
    'RETURNED',
    receiver,
    { ...request, status: 'RETURNED', returnDate: desk.time() },
    request,
  );
}

/** The end of what was allocated, returned, or approved for destruction. */
export function complete(desk: Desk, completer: User, request: RequestRecord): RequestRecord {
  if (request.requestType === 'DESTRUCTION') {
    changeCrate(desk, 'STATUS_CHANGED', completer, request, { status: 'DESTROYED', storageId: null });
  }
  return desk.request('COMPLETED', completer, { ...request, status: 'COMPLETED' }, request);
}

/** The crate is there as long as the request is under way. */
function changeCrate(
  desk: Desk,
  action: 'RELOCATED' | 'STATUS_CHANGED',
  actor: User,
  { crateId }: RequestRecord,
  change: Partial<Pick<CrateRecord, 'status' | 'storageId'>>,
): void {
  const crate = desk.records.crates.get(crateId);
  if (crate !== undefined) desk.crate(action, actor, { ...crate, ...change }, crate);
}
