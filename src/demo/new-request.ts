import type { Deed, Workplace } from './deed.ts';
import { userOf } from './desk.ts';
import { pickWeighted } from './random.ts';
import type { CrateRecord, RequestRecord } from './records.ts';
import { fillCrate } from './stock.ts';

const MOST_OPEN_REQUESTS = 7;
/** Fewer crates than this, and none is destroyed; more, and none is added. */
const FEWEST_CRATES = 7;
const MOST_CRATES = 14;
/** How likely the Section Head makes the request, and not the clerk. */
const BY_SECTION_HEAD = 0.7;

type RequestType = RequestRecord['requestType'];

/** A request of any type that makes sense now. */
export const createRequest: Deed = {
  weight: 3,
  tells: ['request'],
  find(workplace) {
    const { desk, unitId, staff } = workplace;
    if (desk.records.openRequests(unitId).length >= MOST_OPEN_REQUESTS) return undefined;
    const wish = pickWeighted(desk.random, possibleWishes(workplace));
    if (wish === undefined) return undefined;
    return () => {
      const creator = desk.random() < BY_SECTION_HEAD ? staff.sectionHead : staff.clerk;
      const crate = wish.crate ?? fillCrate(desk, unitId);
      if (wish.crate === undefined) desk.crate('CREATED', creator, crate);
      desk.request('CREATED', creator, {
        id: desk.newId(),
        requestType: wish.requestType,
        status: 'PENDING',
        unitId,
        crateId: crate.id,
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
        expectedReturnDate: null,
      });
    };
  },
};

interface Wish {
  readonly weight: number;
  readonly requestType: RequestType;
  /** `undefined`: a new one. */
  readonly crate?: CrateRecord;
}

function possibleWishes({ desk, unitId }: Workplace): Wish[] {
  const { records } = desk;
  const crates = records.cratesOf(unitId);
  const idle = crates.filter(
    ({ id, storageId }) => storageId !== null && records.openRequestFor(id) === undefined,
  );
  const wishes: Wish[] = [];
  if (crates.length < MOST_CRATES) wishes.push({ weight: 4, requestType: 'STORAGE' });
  for (const crate of idle) {
    if (crate.status === 'ACTIVE') wishes.push({ weight: 1, requestType: 'WITHDRAWAL', crate });
    // Archived ones first: that is what they wait for.
    if (crates.length > FEWEST_CRATES && crate.status !== 'WITHDRAWN') {
      wishes.push({ weight: crate.status === 'ARCHIVED' ? 2 : 0.2, requestType: 'DESTRUCTION', crate });
    }
  }
  return wishes;
}
