/** Crates and their storage locations. */
import { expect, test } from 'vitest';
import type { Data } from '../../support/clients.ts';
import { SIGNED, visit } from '../../support/demo.ts';
import type { Dms } from '../support/dms.ts';
import { listOf, newCrate, newPlace, newRequest, SHELF, storedCrate, unitOf } from '../support/rows.ts';

const LEASE = {
  document_name: 'Leases',
  document_number: 'L-1',
  document_type: 'Contract',
  description: 'Two floors',
};

export function testStock(dms: Dms): void {
  /** A Section Head and a Store Head of unit 1. */
  const useUnit = async () => ({ leila: await visit(dms, 'leila'), peter: await visit(dms, 'peter') });

  test('a crate is created, changed, relocated and deleted', async () => {
    const { leila, peter } = await useUnit();
    const made = await leila.post('/crates/', { documents: [LEASE], destruction_date: '2033-12-31' });
    expect([made.status, unitOf(made.body)]).toEqual([201, '1']);
    expect(made.body).toMatchObject({
      status: 'Active',
      storage: null,
      destruction_date: '2033-12-31',
      documents: [LEASE],
    });
    const path = `/crates/${made.body['id']}/`;
    const more = await leila.put(path, { documents: [LEASE, { ...LEASE, document_number: 'L-2' }] });
    expect(more.body['documents']).toMatchObject([LEASE, { document_number: 'L-2' }]);
    expect((await peter.put(path, { status: 'Archived' })).body).toMatchObject({
      status: 'Archived',
      destruction_date: '2033-12-31',
    });
    const changes = { status: 'Active', destruction_date: '2034-01-31', documents: [LEASE, LEASE] };
    const changed = (await peter.put(path, changes)).body;
    expect(changed).toMatchObject({ status: 'Active', destruction_date: '2034-01-31' });
    expect(changed['documents']).toMatchObject([LEASE, LEASE]);
    await peter.put(path, { status: 'Archived' });
    const place = await newPlace(peter);
    expect(
      (await peter.post(`${path}relocate/`, { ...SIGNED, storage: place['id'] })).body['storage'],
    ).toEqual(place);
    expect(await listOf(leila, '/crates/?status=Archived')).toContainEqual((await leila.get(path)).body);
    expect((await peter.remove(path)).status).toBe(204);
    expect((await peter.get(path)).status).toBe(404);
  });

  test('a crate is relocated with a signature, and to a place where no other stands', async () => {
    const { leila, peter } = await useUnit();
    const [one, other] = [await storedCrate(leila, peter), await storedCrate(leila, peter)];
    const path = `/crates/${other['id']}/relocate/`;
    const there = one['storage'].id;
    for (const unsigned of [{}, { signature: 'guess' }])
      expect((await peter.post(path, { ...unsigned, storage: there })).status).toBe(400);
    const { status, body } = await peter.post(path, { ...SIGNED, storage: there });
    expect([status, body['conflict']]).toMatchObject([
      409,
      { kind: 'crate', id: one['id'], action: 'relocated', actor: { name: 'Peter Osei' } },
    ]);
    expect((await peter.get(`/crates/${other['id']}/`)).body).toEqual(other);
    const again = await peter.post(path, { ...SIGNED, storage: other['storage'].id }); // it stands there itself
    expect(again.status).toBe(200);
  });

  test('a crate with wrong data is refused', async () => {
    const { leila, peter } = await useUnit();
    const amara = await visit(dms, 'amara');
    const { crate } = await newRequest(leila);
    const wrong = [
      await leila.post('/crates/', { documents: [{ document_name: 'No number' }] }),
      await leila.post('/crates/', { destruction_date: 'never' }),
      await leila.post('/crates/', { documents: [{ ...LEASE, document_name: 'x'.repeat(81) }] }),
      await leila.put(`/crates/${crate.id}/`, { status: 'Withdrawn' }), // comes about by a request
      await peter.post('/storage/', { ...SHELF, rack_name: 'x'.repeat(41) }),
      await peter.post(`/crates/${crate.id}/relocate/`, { ...SIGNED, storage: 'nowhere' }),
      await amara.post('/crates/', {}), // the unit is missing
      await amara.post('/crates/', { unit_id: 99 }),
    ];
    expect(wrong.map(({ status }) => status)).toEqual(wrong.map(() => 400));
    expect((await peter.remove(`/crates/${crate.id}/`)).body).toMatchObject({
      conflict: { kind: 'request', action: 'created', actor: { name: 'Leila Haddad' } },
    });
    expect(unitOf((await amara.post('/crates/', { unit_id: 2 })).body)).toBe('2');
    expect((await leila.post('/crates/', { unit_id: 2 })).status).toBe(403);
  });

  test('storage locations are created by the rack', async () => {
    const { leila, peter } = await useUnit();
    const amara = await visit(dms, 'amara');
    const { count } = (await peter.get('/storage/')).body;
    const rack = { room_name: 'Cellar', rack_name: 'Long', compartments: 3, shelves: 4 };
    const { status, body } = await peter.post('/storage/bulk-create/', rack);
    expect([status, body['length'], body[0], body[11]]).toMatchObject([
      201,
      12,
      { room_name: 'Cellar', rack_name: 'Long', compartment_name: 'Compartment 1', shelf_name: 'Shelf 1' },
      { compartment_name: 'Compartment 3', shelf_name: 'Shelf 4' },
    ]);
    expect((await peter.get('/storage/')).body['count']).toBe(count + 12);
    expect((await leila.post('/storage/bulk-create/', rack)).status).toBe(403);
    const large = { ...rack, compartments: 101, shelves: 10 };
    expect((await peter.post('/storage/bulk-create/', large)).status).toBe(400);
    expect((await amara.post('/storage/bulk-create/', rack)).status).toBe(400); // the unit is missing
    const elsewhere = (await amara.post('/storage/bulk-create/', { ...rack, unit_id: 3 })).body;
    expect(elsewhere['map']((row: Data) => unitOf(row))).toEqual(Array(12).fill('3'));
  });

  test('a storage location is changed and deleted, but not while it holds a crate', async () => {
    const { leila, peter } = await useUnit();
    const { storage: place, id } = await storedCrate(leila, peter);
    const path = `/storage/${place.id}/`;
    expect((await peter.put(path, { shelf_name: 'Top' })).body).toEqual({ ...place, shelf_name: 'Top' });
    expect((await peter.put(path, { shelf_name: '' })).status).toBe(400);
    const kept = await peter.remove(path);
    expect([kept.status, kept.body['conflict']]).toMatchObject([
      409,
      { kind: 'crate', id, action: 'relocated' },
    ]);
    const other = await newPlace(peter);
    await peter.post(`/crates/${id}/relocate/`, { ...SIGNED, storage: other['id'] });
    expect((await peter.remove(path)).status).toBe(204);
    expect((await peter.put(path, SHELF)).status).toBe(404);
  });

  test('a crate without documents can be created, and a document without a description', async () => {
    const { leila } = await useUnit();
    expect((await leila.post('/crates/', {})).body).toMatchObject({ status: 'Active', documents: [] });
    expect((await newCrate(leila))['documents']).toMatchObject([{ description: null }]);
  });
}
