import type { LocationRecord } from '../records.ts';
import { canSee, find, readUnit, requireUnit } from './access.ts';
import type { BodyOf, location, manyLocations, newLocation } from './body.ts';
import { type Call, created, NO_CONTENT, type Office, ok, type Reply } from './endpoint.ts';
import { badRequest } from './rest-error.ts';

/** How many locations a unit may have, whoever made them. */
const MOST_LOCATIONS = 2000;

type Written = BodyOf<typeof location>;

/** `/api/storage/…` */
export function createStorageHandlers({ records, act }: Office) {
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
      return ok(found.map(rows.storage));
    },

    async create({ person, body, rows }: Call<BodyOf<typeof newLocation>>) {
      const unitId = requireUnit(person, body.unit);
      checkRoom(unitId, 1);
      const row = await act((desk) => {
        const place = { id: desk.newId(), unitId, ...namesOf(body) };
        records.reserve(place.id);
        desk.locations('CREATED', person, [place]);
        return place;
      });
      return created(rows.storage(row));
    },

    /** A rack at once, and one event that tells of all its places. */
    async createMany({ person, body, rows }: Call<BodyOf<typeof manyLocations>>) {
      const unitId = requireUnit(person, body.unit);
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

    async update({ person, id, body, rows }: Call<Written>) {
      const before = find(person, records.locations, id);
      const after = { ...before, ...namesOf(body) };
      await act((desk) => desk.locations('UPDATED', person, [after]));
      return ok(rows.storage(after));
    },

    async remove({ person, id }: Call) {
      const place = find(person, records.locations, id);
      if (records.isOccupied(id)) throw badRequest('A crate stands here: relocate it first.');
      await act((desk) => desk.locations('DELETED', person, [place]));
      return NO_CONTENT;
    },
  };
}

function namesOf(written: Written): Omit<LocationRecord, 'id' | 'unitId'> {
  return {
    roomName: written.room_name,
    rackName: written.rack_name,
    compartmentName: written.compartment_name,
    shelfName: written.shelf_name,
  };
}
