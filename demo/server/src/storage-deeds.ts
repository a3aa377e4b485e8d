import type { Deed } from './deed.ts';
import { between, pick } from './random.ts';
import { findRoom } from './stock.ts';

const FEWEST_LOCATIONS = 12;
const MOST_LOCATIONS = 20;
const FEWEST_IN_BULK = 2;
const MOST_IN_BULK = 4;

const add: Deed = {
  weight: 0.2,
  publishes: ['storage'],
  find({ desk, unitId, staff }) {
    if (desk.records.locationsOf(unitId).length >= MOST_LOCATIONS) return undefined;
    return () => desk.locations('CREATED', staff.storeHead, [findRoom(desk, unitId)]);
  },
};

/** The shelves of a whole rack, at once. */
const addBulk: Deed = {
  weight: 0.15,
  publishes: ['storage'],
  find({ desk, unitId, staff }) {
    if (desk.records.locationsOf(unitId).length + MOST_IN_BULK > MOST_LOCATIONS) return undefined;
    return () => {
      const first = findRoom(desk, unitId);
      const length = between(desk.random, FEWEST_IN_BULK, MOST_IN_BULK);
      const rack = Array.from({ length }, (_, shelf) => ({
        ...first,
        id: shelf === 0 ? first.id : desk.newId(),
        shelfName: `Shelf ${shelf + 1}`,
      }));
      desk.locations('BULK_CREATED', staff.storeHead, rack);
    };
  },
};

const rename: Deed = {
  weight: 0.1,
  publishes: ['storage'],
  find({ desk, unitId, staff }) {
    const places = desk.records.locationsOf(unitId);
    const place = pick(
      desk.random,
      places.filter((row) => !desk.records.isReserved(row)),
    );
    if (place === undefined) return undefined;
    const { shelfName } = findRoom(desk, unitId);
    return () => desk.locations('UPDATED', staff.storeHead, [{ ...place, shelfName }]);
  },
};

const remove: Deed = {
  weight: 0.3,
  publishes: ['storage'],
  find({ desk, unitId, staff }) {
    const places = desk.records.locationsOf(unitId);
    const free = places.filter((row) => !desk.records.isOccupied(row.id) && !desk.records.isReserved(row));
    const place = pick(desk.random, free);
    if (place === undefined || places.length <= FEWEST_LOCATIONS) return undefined;
    return () => desk.locations('DELETED', staff.storeHead, [place]);
  },
};

export const STORAGE_DEEDS: readonly Deed[] = [add, addBulk, rename, remove];
