import type { Desk } from './desk.ts';
import { between, pick } from './random.ts';
import type { Crate, CrateRecord, LocationRecord } from './records.ts';
import { UNITS, type UnitId } from './users.ts';

type Document = NonNullable<Crate['documents']>[number];

const LOCATIONS_AT_FIRST = 14;
const CRATES_AT_FIRST = 12;

const PAPERS = [
  { documentType: 'Contract', documentName: 'Maintenance contract', description: 'Lifts, three years' },
  { documentType: 'Invoice', documentName: 'Supplier invoices', description: 'Office supplies' },
  { documentType: 'Personnel', documentName: 'Personnel files', description: 'Leavers' },
  { documentType: 'Report', documentName: 'Inspection report', description: 'Fire safety' },
  { documentType: 'Minutes', documentName: 'Board minutes', description: 'Signed originals' },
  { documentType: 'Ledger', documentName: 'General ledger', description: 'Closed year' },
];
const PREFIX_LENGTH = 3;

/** What the DMS holds before the first thing happens. */
export function stockUp(desk: Desk): void {
  for (const unitId of UNITS) {
    for (let i = 0; i < LOCATIONS_AT_FIRST; i++) desk.records.saveLocation(findRoom(desk, unitId));
    const places = desk.records.locationsOf(unitId);
    for (let i = 0; i < CRATES_AT_FIRST; i++) {
      desk.records.saveCrate({
        ...fillCrate(desk, unitId),
        storageId: places[i % places.length]?.id ?? null,
      });
    }
  }
}

/** A new crate with documents, which stands nowhere yet. */
export function fillCrate(desk: Desk, unitId: UnitId): CrateRecord {
  const documents = Array.from({ length: between(desk.random, 1, 3) }, () => writeDocument(desk, unitId));
  return {
    id: desk.newId(),
    status: 'ACTIVE',
    unitId,
    storageId: null,
    destructionDate: null,
    documents,
  };
}

export function writeDocument(desk: Desk, unitId: UnitId): Document {
  const id = desk.newId();
  const paper = pick(desk.random, PAPERS) ?? { documentType: null, documentName: null, description: null };
  const prefix = (paper.documentType ?? 'DOC').slice(0, PREFIX_LENGTH).toUpperCase();
  return { id, unitId, ...paper, documentNumber: `${prefix}-${id}` };
}

/** A new location, not yet in the books. */
export function findRoom({ newId, random }: Desk, unitId: UnitId): LocationRecord {
  return {
    id: newId(),
    unitId,
    roomName: `Room ${unitId}.${between(random, 1, 4)}`,
    rackName: `Rack ${'ABCDEF'[between(random, 0, 5)]}`,
    compartmentName: `Compartment ${between(random, 1, 9)}`,
    shelfName: `Shelf ${between(random, 1, 6)}`,
  };
}
