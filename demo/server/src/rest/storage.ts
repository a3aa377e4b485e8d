import type { LocationRecord } from '../records.ts';
import { canSee, find, readUnit, requireUnit } from './access.ts';
import type { BodyOf, locationChanges, manyLocations, newLocation } from './body.ts';
import { createConflicts } from './conflict.ts';
import { type Call, created, NO_CONTENT, type Office, ok, page, type Reply } from './endpoint.ts';
import { badRequest } from './rest-error.ts';

/** How many locations a unit may have, by visitors and simulated colleagues together. */
const MOST_LOCATIONS = 2000;

/** `/api/storage/…` */
export function createStorageHandlers(office: Office) {
  const { records, act } = office;
  const conflicts = createConflicts(records);

  function checkRoom(unitId: LocationRecord['unitId'], more: number): void {
    if (records.locationsOf(unitId).length + more <= MOST_LOCATIONS) return;
    throw badRequest(`A unit can have ${MOST_LOCATIONS} storage locations at most: delete some first.`);
  }

  return {
    list({ person, query, rows }: Call): Reply {
      const unit = readUnit(person, query.get('unit'));
      const found = [...records.locations.values()].filter(
        (row) => canSee(person, row) && (unit === null || row.unitId === unit),
      );
      return page(found.map(rows.storage).reverse(), office, query);
    },

    async create({ person, body, rows }: Call<BodyOf<typeof newLocation>>) {
      const unitId = requireUnit(person, body.unit_id);
      checkRoom(unitId, 1);
      const row = await act((desk) => {
        const place = {
          id: desk.newId(),
          unitId,
          roomName: body.room_name,
          rackName: body.rack_name,
          compartmentName: body.compartment_name,
          shelfName: body.shelf_name,
        };
        records.reserve(place.id);
        desk.locations('CREATED', person, [place]);
        return place;
      });
      return created(rows.storage(row));
    },

    /** Makes a rack at once, and publishes one event with all its places. */
    async createMany({ person, body, rows }: Call<BodyOf<typeof manyLocations>>) {
      const unitId = requireUnit(person, body.unit_id);
      const { room_name, rack_name, compartments, shelves } = body;
      checkRoom(unitId, compartments * shelves);
      const rack = await act((desk) => {
        const places = Array.from({ length: compartments * shelves }, (_, place) => ({
          id: desk.newId(),
          unitId,
          roomName: room_name,
          rackName: rack_name,
          compartmentName: `Compartment ${Math.floor(place / shelves) + 1}`,
          shelfName: `Shelf ${(place % shelves) + 1}`,
        }));
        for (const { id } of places) records.reserve(id);
        desk.locations('BULK_CREATED', person, places);
        return places;
      });
      return created(rack.map(rows.storage));
    },

    async update({ person, id, body, rows }: Call<BodyOf<typeof locationChanges>>) {
      const before = find(person, records.locations, id);
      const after = {
        ...before,
        roomName: body.room_name ?? before.roomName,
        rackName: body.rack_name ?? before.rackName,
        compartmentName: body.compartment_name ?? before.compartmentName,
        shelfName: body.shelf_name ?? before.shelfName,
      };
      await act((desk) => desk.locations('UPDATED', person, [after]));
      return ok(rows.storage(after));
    },

    async remove({ person, id }: Call) {
      const place = find(person, records.locations, id);
      const crate = [...records.crates.values()].find(({ storageId }) => storageId === id);
      if (crate !== undefined)
        throw conflicts.explain(person, 'A crate stands here: relocate it first.', 'crate', crate);
      await act((desk) => desk.locations('DELETED', person, [place]));
      return NO_CONTENT;
    },
  };
}
