import type { CrateRecord } from '../records.ts';
import { canSee, find, findNamed, readUnit, requireUnit } from './access.ts';
import type { BodyOf, crateChanges, newCrate, relocation } from './body.ts';
import { createConflicts } from './conflict.ts';
import { type Call, created, NO_CONTENT, type Office, ok, page, type Reply } from './endpoint.ts';
import { type Orderings, sortBy } from './ordering.ts';
import { badRequest } from './rest-error.ts';
import { inWords, type Rows } from './rows.ts';

const STATUSES = ['Active', 'Withdrawn', 'Archived', 'Destroyed'];
/** How many crates a unit may have, by visitors and simulated colleagues together. */
const MOST_CRATES = 500;

const ORDERINGS: Orderings<ReturnType<Rows['crate']>> = {
  id: ({ id }) => Number(id),
  status: ({ status }) => status,
  unit_id: ({ unit_id }) => Number(unit_id),
  storage: ({ storage }) => storage && placeOf(storage),
  destruction_date: ({ destruction_date }) => destruction_date ?? null,
};

/** Compared as if the names were compared one after the other: none has this character. */
function placeOf(storage: ReturnType<Rows['storage']>): string {
  return [storage.room_name, storage.rack_name, storage.compartment_name, storage.shelf_name].join('\0');
}

type Documents = NonNullable<CrateRecord['documents']>;

/** `/api/crates/…` */
export function createCrateHandlers(office: Office) {
  const { records, act } = office;
  const conflicts = createConflicts(records);

  return {
    list({ person, query, rows }: Call): Reply {
      const unit = readUnit(person, query.get('unit'));
      const asked = query.get('status') ?? '';
      const status = asked === 'all' ? '' : asked;
      if (status !== '' && !STATUSES.includes(status)) {
        throw badRequest(`status: one of ${STATUSES.join(', ')}.`);
      }
      const found = [...records.crates.values()]
        .filter((row) => canSee(person, row) && (unit === null || row.unitId === unit))
        .filter((row) => status === '' || inWords(row.status) === status);
      return page(sortBy(found.map(rows.crate), ORDERINGS, query.get('ordering')), office, query);
    },

    show: ({ person, id, rows }: Call): Reply => ok(rows.crate(find(person, records.crates, id))),

    async create({ person, body, rows }: Call<BodyOf<typeof newCrate>>) {
      const unitId = requireUnit(person, body.unit_id);
      if (records.cratesOf(unitId).length >= MOST_CRATES) {
        throw badRequest(`A unit can have ${MOST_CRATES} crates at most: delete some first.`);
      }
      const crate = await act((desk) => {
        const id = desk.newId();
        records.reserve(id);
        return desk.crate('CREATED', person, {
          id,
          unitId,
          status: 'ACTIVE',
          storageId: null,
          destructionDate: body.destruction_date ?? null,
          documents: documentsOf(unitId, body.documents, desk.newId),
        });
      });
      return created(rows.crate(crate));
    },

    async update({ person, id, body, rows }: Call<BodyOf<typeof crateChanges>>) {
      const before = find(person, records.crates, id);
      const status = body.status === undefined ? before.status : STATUS_OF[body.status];
      if (status !== before.status && (before.status === 'DESTROYED' || before.status === 'WITHDRAWN')) {
        throw conflicts.explain(
          person,
          `status: this crate is ${inWords(before.status).toLowerCase()}.`,
          'crate',
          before,
        );
      }
      const { destruction_date: date, documents } = body;
      const after = await act((desk) => {
        const crate: CrateRecord = {
          ...before,
          status,
          ...(date !== undefined && { destructionDate: date }),
          ...(documents && { documents: documentsOf(before.unitId, documents, desk.newId) }),
        };
        const action = status === before.status ? 'UPDATED' : 'STATUS_CHANGED';
        return desk.crate(action, person, crate, before);
      });
      return ok(rows.crate(after));
    },

    async relocate({ person, id, body, rows }: Call<BodyOf<typeof relocation>>) {
      const before = find(person, records.crates, id);
      const place = findNamed(person, records.locations, 'storage', body.storage);
      if (before.status === 'DESTROYED')
        throw conflicts.explain(person, 'This crate is destroyed.', 'crate', before);
      conflicts.checkIsFree(person, place.id, id);
      const crate = { ...before, storageId: place.id };
      const after = await act((desk) => desk.crate('RELOCATED', person, crate, before));
      return ok(rows.crate(after));
    },

    async remove({ person, id }: Call) {
      const crate = find(person, records.crates, id);
      const open = records.openRequestFor(id);
      if (open !== undefined) {
        const why = 'A request about this crate is under way: finish it first.';
        throw conflicts.explain(person, why, 'request', open);
      }
      await act((desk) => desk.crate('DELETED', person, crate));
      return NO_CONTENT;
    },
  };
}

/** As they were written; a new one gets an id. */
function documentsOf(
  unitId: string,
  written: NonNullable<BodyOf<typeof crateChanges>['documents']>,
  newId: () => string,
): Documents {
  return written.map((document) => ({
    id: document.id ?? newId(),
    unitId,
    documentName: document.document_name,
    documentNumber: document.document_number,
    documentType: document.document_type,
    description: document.description ?? null,
  }));
}

const STATUS_OF = { Active: 'ACTIVE', Archived: 'ARCHIVED' } as const;
