import type { Deed, Workplace } from './deed.ts';
import type { Why } from './desk.ts';
import { between, pick } from './random.ts';
import type { RequestRecord } from './records.ts';
import {
  allocateStorage,
  approve,
  canBe,
  complete,
  correct,
  issue,
  reject,
  sendBack,
  takeBack,
} from './request-work.ts';

/** How long a crate may be away: often so short that the demo shows withdrawals that are overdue. In milliseconds. */
const LEAST_LOAN_MS = 8_000;
const LONGEST_LOAN_MS = 40_000;
const LIKELY_SHORT = 0.4;
const MOST_DAYS_AWAY = 21;
const DAY_MS = 86_400_000;

const REASONS: readonly [Why, ...Why[]] = [
  { sendbackType: 'Correction', reason: 'The document numbers do not match the list.' },
  { sendbackType: 'Correction', reason: 'The destruction date is missing.' },
  { sendbackType: 'Clarification', reason: 'Please say who needs the records, and until when.' },
  { sendbackType: 'Clarification', reason: 'Is this the whole series, or this year only?' },
];

/** Requests under way that fit, by age. */
function fitting({ desk, unitId }: Workplace, fits: (request: RequestRecord) => boolean): RequestRecord[] {
  return desk.records.openRequests(unitId).filter(fits);
}

/** Requests that wait for a decision, if there are more than are left to the visitor. */
function undecided(workplace: Workplace, left: number): RequestRecord[] {
  const pending = fitting(workplace, canBe.approved);
  return pending.length > left ? pending : [];
}

const sendOneBack: Deed = {
  weight: 0.3,
  publishes: ['request', 'sendback'],
  find(workplace) {
    const { desk, staff, manner } = workplace;
    // One fewer is left than by approving, so that there is always something to send back.
    const pending = undecided(workplace, manner.pendingKept - 1);
    // The Section Head's more often, since most visitors of the demo are that one.
    const own = pending.filter(({ createdBy }) => createdBy.id === staff.sectionHead.id);
    const request = pick(desk.random, own) ?? pick(desk.random, pending);
    if (request === undefined) return undefined;
    return () => sendBack(desk, staff.qualityControl, request, pick(desk.random, REASONS) ?? REASONS[0]);
  },
};

const correctOne: Deed = {
  weight: 5,
  publishes: ['request'],
  find(workplace) {
    const sentBack = fitting(workplace, canBe.corrected);
    const [request] = sentBack.length > workplace.manner.sentBackKept ? sentBack : [];
    return request && (() => correct(workplace.desk, request.createdBy, request));
  },
};

const approveOne: Deed = {
  weight: 4,
  publishes: ['request'],
  find(workplace) {
    const { desk, staff, manner } = workplace;
    const [request] = undecided(workplace, manner.pendingKept);
    return request && (() => approve(desk, staff.storeHead, request));
  },
};

const rejectOne: Deed = {
  weight: 0.7,
  publishes: ['request'],
  find(workplace) {
    const { desk, staff, manner } = workplace;
    const request = pick(desk.random, undecided(workplace, manner.pendingKept - 1));
    return request && (() => reject(desk, staff.storeHead, request));
  },
};

const allocateOne: Deed = {
  weight: 4,
  publishes: ['request', 'crate'],
  find(workplace) {
    const { desk, unitId, staff } = workplace;
    const [request] = fitting(workplace, canBe.allocated);
    const places = desk.records.locationsOf(unitId);
    const free = places.filter(({ id }) => !desk.records.isOccupied(id));
    const place = pick(desk.random, free) ?? pick(desk.random, places);
    if (request === undefined || place === undefined) return undefined;
    return () => allocateStorage(desk, staff.storeHead, request, place.id);
  },
};

const issueOne: Deed = {
  weight: 4,
  publishes: ['request', 'crate'],
  find(workplace) {
    const { desk, staff } = workplace;
    const [request] = fitting(workplace, canBe.issued);
    if (request === undefined) return undefined;
    return () => {
      const isShort = desk.random() < LIKELY_SHORT;
      const loan = isShort
        ? between(desk.random, LEAST_LOAN_MS, LONGEST_LOAN_MS)
        : between(desk.random, 1, MOST_DAYS_AWAY) * DAY_MS;
      issue(desk, staff.storeHead, request, new Date(desk.now() + loan).toISOString());
    };
  },
};

const takeOneBack: Deed = {
  weight: 1,
  publishes: ['request', 'crate'],
  find(workplace) {
    const { desk, staff } = workplace;
    const [request] = fitting(workplace, canBe.returned);
    return request && (() => takeBack(desk, staff.storeHead, request));
  },
};

const completeOne: Deed = {
  weight: 4,
  publishes: ['request'],
  find(workplace) {
    const { desk, staff } = workplace;
    const [request] = fitting(workplace, canBe.completed);
    return request && (() => complete(desk, staff.storeHead, request));
  },
};

export const REQUEST_DEEDS: readonly Deed[] = [
  sendOneBack,
  correctOne,
  approveOne,
  rejectOne,
  allocateOne,
  issueOne,
  takeOneBack,
  completeOne,
];
