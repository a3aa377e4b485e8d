import { idleCrates } from './crate-deeds.ts';
import type { Deed, Workplace } from './deed.ts';
import { pickWeighted } from './random.ts';
import type { CrateRecord, RequestRecord } from './records.ts';
import { makeRequest } from './request-work.ts';
import { fillCrate } from './stock.ts';

/** Fewer crates than this, and none is destroyed; more, and none is added. */
const FEWEST_CRATES = 10;
const MOST_CRATES = 22;
/** How likely the Section Head makes the request, and not the clerk. */
const BY_SECTION_HEAD = 0.7;

type RequestType = RequestRecord['requestType'];

/** A request of any type that makes sense now. */
export const createRequest: Deed = {
  weight: 3,
  publishes: ['request'],
  find(workplace) {
    const { desk, unitId, staff, manner } = workplace;
    if (desk.records.openRequests(unitId).length >= manner.mostOpen) return undefined;
    const wish = pickWeighted(desk.random, possibleWishes(workplace));
    if (wish === undefined) return undefined;
    return () => {
      const creator = desk.random() < BY_SECTION_HEAD ? staff.sectionHead : staff.clerk;
      const crate = wish.crate ?? desk.crate('CREATED', creator, fillCrate(desk, unitId));
      makeRequest(desk, creator, { requestType: wish.requestType, crate });
    };
  },
};

interface PossibleWish {
  readonly weight: number;
  readonly requestType: RequestType;
  /** `undefined`: a new one. */
  readonly crate?: CrateRecord;
}

function possibleWishes(workplace: Workplace): PossibleWish[] {
  const crates = workplace.desk.records.cratesOf(workplace.unitId);
  const wishes: PossibleWish[] = [];
  if (crates.length < MOST_CRATES) wishes.push({ weight: 4, requestType: 'STORAGE' });
  for (const crate of idleCrates(workplace)) {
    if (crate.status === 'ACTIVE') wishes.push({ weight: 1, requestType: 'WITHDRAWAL', crate });
    // Archived ones first: that is what they wait for.
    if (crates.length > FEWEST_CRATES && crate.status !== 'WITHDRAWN') {
      wishes.push({ weight: crate.status === 'ARCHIVED' ? 2 : 0.2, requestType: 'DESTRUCTION', crate });
    }
  }
  return wishes;
}
