import type { Deed, Workplace } from './deed.ts';
import { userOf, type Why } from './desk.ts';
import { between, pick } from './random.ts';
import type { RequestRecord } from './records.ts';

/** How long a crate may be away: short, so that the demo shows withdrawals that are overdue. In milliseconds. */
const LEAST_LOAN_MS = 8_000;
const LONGEST_LOAN_MS = 40_000;

const REASONS: readonly [Why, ...Why[]] = [
  { sendbackType: 'Correction', reason: 'The document numbers do not match the list.' },
  { sendbackType: 'Correction', reason: 'The destruction date is missing.' },
  { sendbackType: 'Clarification', reason: 'Please say who needs the records, and until when.' },
  { sendbackType: 'Clarification', reason: 'Is this the whole series, or this year only?' },
];

/** The first request under way, by age, that fits. */
function oldest(
  { desk, unitId }: Workplace,
  fits: (request: RequestRecord) => boolean,
): RequestRecord | undefined {
  return desk.records.openRequests(unitId).find(fits);
}

const isPending = ({ status }: RequestRecord): boolean => status === 'PENDING';

/** PENDING → SENT_BACK */
const sendBack: Deed = {
  weight: 0.3,
  tells: ['request', 'sendback'],
  find(workplace) {
    const { desk, unitId, staff } = workplace;
    const pending = desk.records.openRequests(unitId).filter(isPending);
    // The Section Head's more often: it is the one whom a visitor of the demo can be.
    const own = pending.filter(({ createdBy }) => createdBy.id === staff.sectionHead.id);
    const request = pick(desk.random, own) ?? pick(desk.random, pending);
    if (request === undefined) return undefined;
    return () => {
      const why = pick(desk.random, REASONS) ?? REASONS[0];
      const after: RequestRecord = { ...request, status: 'SENT_BACK' };
      desk.request('SENT_BACK', staff.qualityControl, after, request);
      // The DMS words it either way, depending on where it is written.
      const action = why.sendbackType === 'Correction' ? 'SENT_BACK' : 'CREATED';
      desk.sendBack(action, staff.qualityControl, after, why);
    };
  },
};

/** SENT_BACK → PENDING */
const correct: Deed = {
  weight: 5,
  tells: ['request'],
  find(workplace) {
    const request = oldest(workplace, ({ status }) => status === 'SENT_BACK');
    if (request === undefined) return undefined;
    return () =>
      workplace.desk.request('UPDATED', request.createdBy, { ...request, status: 'PENDING' }, request);
  },
};

/** PENDING → APPROVED */
const approve: Deed = {
  weight: 4,
  tells: ['request'],
  find(workplace) {
    const { desk, unitId, staff } = workplace;
    const [request, ...others] = desk.records.openRequests(unitId).filter(isPending);
    // One always waits, so that something can be sent back.
    if (request === undefined || others.length === 0) return undefined;
    const approval = { approvedBy: userOf(staff.storeHead), approvalDate: desk.time() };
    return () =>
      desk.request('APPROVED', staff.storeHead, { ...request, status: 'APPROVED', ...approval }, request);
  },
};

/** PENDING → REJECTED */
const reject: Deed = {
  weight: 0.7,
  tells: ['request'],
  find({ desk, unitId, staff }) {
    const request = pick(desk.random, desk.records.openRequests(unitId).filter(isPending));
    if (request === undefined) return undefined;
    return () => desk.request('REJECTED', staff.storeHead, { ...request, status: 'REJECTED' }, request);
  },
};

/** A storage request, APPROVED, gets a place for its crate. */
const allocateStorage: Deed = {
  weight: 4,
  tells: ['request', 'crate'],
  find(workplace) {
    const { desk, unitId, staff } = workplace;
    const request = oldest(
      workplace,
      ({ requestType, status, allocationDate }) =>
        requestType === 'STORAGE' && status === 'APPROVED' && allocationDate === null,
    );
    const crate = request && desk.records.crates.get(request.crateId);
    const places = desk.records.locationsOf(unitId);
    const free = places.filter(({ id }) => !desk.records.isOccupied(id));
    const place = pick(desk.random, free) ?? pick(desk.random, places);
    if (request === undefined || crate === undefined || place === undefined) return undefined;
    return () => {
      const allocation = { allocatedBy: userOf(staff.storeHead), allocationDate: desk.time() };
      desk.crate('RELOCATED', staff.storeHead, { ...crate, storageId: place.id }, crate);
      desk.request('STORAGE_ALLOCATED', staff.storeHead, { ...request, ...allocation }, request);
    };
  },
};

/** A withdrawal, APPROVED → ISSUED */
const issue: Deed = {
  weight: 4,
  tells: ['request', 'crate'],
  find(workplace) {
    const { desk, staff } = workplace;
    const request = oldest(
      workplace,
      ({ requestType, status }) => requestType === 'WITHDRAWAL' && status === 'APPROVED',
    );
    const crate = request && desk.records.crates.get(request.crateId);
    if (request === undefined || crate === undefined) return undefined;
    return () => {
      const due = desk.now() + between(desk.random, LEAST_LOAN_MS, LONGEST_LOAN_MS);
      const after: RequestRecord = {
        ...request,
        status: 'ISSUED',
        issuedBy: userOf(staff.storeHead),
        withdrawnBy: request.createdBy,
        issueDate: desk.time(),
        expectedReturnDate: new Date(due).toISOString(),
      };
      desk.crate('STATUS_CHANGED', staff.storeHead, { ...crate, status: 'WITHDRAWN' }, crate);
      desk.request('ISSUED', staff.storeHead, after, request);
    };
  },
};

/** A withdrawal, ISSUED → RETURNED */
const takeBack: Deed = {
  weight: 2,
  tells: ['request', 'crate'],
  find(workplace) {
    const { desk, staff } = workplace;
    const request = oldest(workplace, ({ status }) => status === 'ISSUED');
    const crate = request && desk.records.crates.get(request.crateId);
    if (request === undefined || crate === undefined) return undefined;
    return () => {
      const after: RequestRecord = { ...request, status: 'RETURNED', returnDate: desk.time() };
      desk.crate('STATUS_CHANGED', staff.storeHead, { ...crate, status: 'ACTIVE' }, crate);
      desk.request('RETURNED', staff.storeHead, after, request);
    };
  },
};

/** The end: of a storage request once allocated, a withdrawal once returned, a destruction once approved. */
const complete: Deed = {
  weight: 4,
  tells: ['request'],
  find(workplace) {
    const { desk, staff } = workplace;
    const request = oldest(workplace, isReadyToComplete);
    if (request === undefined) return undefined;
    return () => {
      const crate = desk.records.crates.get(request.crateId);
      if (request.requestType === 'DESTRUCTION' && crate !== undefined) {
        desk.crate(
          'STATUS_CHANGED',
          staff.storeHead,
          { ...crate, status: 'DESTROYED', storageId: null },
          crate,
        );
      }
      desk.request('COMPLETED', staff.storeHead, { ...request, status: 'COMPLETED' }, request);
    };
  },
};

function isReadyToComplete({ requestType, status, allocationDate }: RequestRecord): boolean {
  if (requestType === 'STORAGE') return status === 'APPROVED' && allocationDate !== null;
  return status === (requestType === 'WITHDRAWAL' ? 'RETURNED' : 'APPROVED');
}

export const REQUEST_DEEDS: readonly Deed[] = [
  sendBack,
  correct,
  approve,
  reject,
  allocateStorage,
  issue,
  takeBack,
  complete,
];
