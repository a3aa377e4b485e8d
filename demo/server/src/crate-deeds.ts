import type { Deed, Workplace } from './deed.ts';
import { pick } from './random.ts';
import type { CrateRecord } from './records.ts';
import { writeDocument } from './stock.ts';
import { SYSTEM_ADMIN, UNITS } from './users.ts';

const MOST_CRATES_AFTER_MOVE = 24;
const MOST_ARCHIVED = 3;
const MOST_DOCUMENTS = 4;
/** How likely a crate goes to another unit's location, whose name its own unit then does not see. */
const TO_GUEST_ROOM = 0.15;
const YEARS_KEPT_ARCHIVED = 7;

/** A crate that stands somewhere, that no request is about, and no visitor made. */
export function idleCrates({ desk, unitId }: Workplace): CrateRecord[] {
  const { records } = desk;
  return records
    .cratesOf(unitId)
    .filter(({ storageId }) => storageId !== null)
    .filter((crate) => !records.isReserved(crate) && records.openRequestFor(crate.id) === undefined);
}

const relocate: Deed = {
  weight: 0.7,
  publishes: ['crate'],
  find(workplace) {
    const { desk, unitId, staff } = workplace;
    const crate = pick(desk.random, idleCrates(workplace));
    const isGuest = desk.random() < TO_GUEST_ROOM;
    const places = [...desk.records.locations.values()].filter(
      (place) => (place.unitId !== unitId) === isGuest && place.id !== crate?.storageId,
    );
    const place = pick(desk.random, places);
    if (crate === undefined || place === undefined) return undefined;
    return () => desk.crate('RELOCATED', staff.storeHead, { ...crate, storageId: place.id }, crate);
  },
};

/** A document is put in, or the oldest one replaced. */
const edit: Deed = {
  weight: 0.3,
  publishes: ['crate'],
  find(workplace) {
    const { desk, staff } = workplace;
    const crate = pick(desk.random, idleCrates(workplace));
    if (crate === undefined) return undefined;
    return () => {
      const documents = [...(crate.documents ?? []), writeDocument(desk, crate.unitId)].slice(
        -MOST_DOCUMENTS,
      );
      desk.crate('UPDATED', staff.clerk, { ...crate, documents }, crate);
    };
  },
};

const archive: Deed = {
  weight: 0.3,
  publishes: ['crate'],
  find(workplace) {
    const { desk, unitId, staff } = workplace;
    const archived = desk.records.cratesOf(unitId).filter(({ status }) => status === 'ARCHIVED');
    const active = idleCrates(workplace).filter(({ status }) => status === 'ACTIVE');
    const crate = pick(desk.random, active);
    if (crate === undefined || archived.length >= MOST_ARCHIVED) return undefined;
    return () => {
      const destruction = new Date(desk.now());
      destruction.setUTCFullYear(destruction.getUTCFullYear() + YEARS_KEPT_ARCHIVED);
      const destructionDate = destruction.toISOString().slice(0, 10);
      desk.crate('STATUS_CHANGED', staff.storeHead, { ...crate, status: 'ARCHIVED', destructionDate }, crate);
    };
  },
};

/** What was destroyed, or was never let in, leaves the books. */
const strikeOff: Deed = {
  weight: 0.7,
  publishes: ['crate'],
  find({ desk, unitId, staff }) {
    const { records } = desk;
    const gone = records
      .cratesOf(unitId)
      .filter(({ storageId }) => storageId === null)
      .find((crate) => !records.isReserved(crate) && records.openRequestFor(crate.id) === undefined);
    if (gone === undefined) return undefined;
    return () => desk.crate('DELETED', staff.storeHead, gone);
  },
};

/** A crate goes to another unit, and the request about it goes along. */
const moveToOtherUnit: Deed = {
  weight: 0.25,
  publishes: ['crate'],
  find({ desk, unitId }) {
    const { records } = desk;
    const crates = records
      .cratesOf(unitId)
      .filter(({ status, storageId }) => storageId !== null && status !== 'WITHDRAWN')
      .filter((row) => !records.isReserved(row));
    const crate = pick(desk.random, crates);
    const hosts = UNITS.filter(
      (unit) => unit !== unitId && records.cratesOf(unit).length < MOST_CRATES_AFTER_MOVE,
    );
    const host = pick(desk.random, hosts);
    const place = host && pick(desk.random, records.locationsOf(host));
    if (crate === undefined || host === undefined || place === undefined) return undefined;
    return () => {
      const request = records.openRequestFor(crate.id);
      // The old unit gets the crate as it last knew it.
      desk.crate('MOVED_OUT', SYSTEM_ADMIN, crate);
      if (request !== undefined) desk.request('MOVED_OUT', SYSTEM_ADMIN, request);
      const documents = crate.documents?.map((document) => ({ ...document, unitId: host })) ?? null;
      const moved = { ...crate, unitId: host, storageId: place.id, documents };
      desk.crate('MOVED_IN', SYSTEM_ADMIN, moved, crate);
      if (request === undefined) return;
      desk.request('MOVED_IN', SYSTEM_ADMIN, { ...request, unitId: host }, request);
    };
  },
};

export const CRATE_DEEDS: readonly Deed[] = [relocate, edit, archive, strikeOff, moveToOtherUnit];
