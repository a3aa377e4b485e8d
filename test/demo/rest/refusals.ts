/** Which fault is reported where there are several, and what is taken for a number. */
import { expect, test } from 'vitest';
import { SIGNED, visit } from '../../support/demo.ts';
import type { Dms } from '../support/dms.ts';
import { idOf, newCrate, newRequest, SHELF, storedCrate, unitOf } from '../support/rows.ts';

export function testRefusals(dms: Dms): void {
  const useUnit = async () => ({
    leila: await visit(dms, 'leila'),
    grace: await visit(dms, 'grace'),
    peter: await visit(dms, 'peter'),
    amara: await visit(dms, 'amara'),
  });

  test('of several faults the role comes first, then what is written, then what is not there, then its state', async () => {
    const { leila, grace, peter } = await useUnit();
    const { id, crate } = await newRequest(leila);
    const why = { ...SIGNED, reason: 'Why?', sendback_type: 'Correction' };
    const asked = {
      'a role, with a wrong body': [await grace.post('/crates/', { destruction_date: 'never' }), 403],
      'a role, of nothing': [await grace.post('/requests/0/approve/', {}), 403],
      'a body, of nothing': [await peter.post('/requests/0/approve/', {}), 400],
      'a signature, of nothing': [await peter.post('/requests/0/approve/', { signature: 'guess' }), 400],
      'a body, of another state': [await peter.post(`/requests/${id}/issue/`, {}), 400],
      'a signature, of another state': [
        await grace.post(`/requests/${id}/send-back/`, { ...why, signature: '' }),
        400,
      ],
      'nothing, with a place that is none': [
        await peter.post('/crates/0/relocate/', { ...SIGNED, storage: 0 }),
        404,
      ],
      'a state, with a place that is none': [
        await peter.post(`/requests/${id}/allocate-storage/`, { ...SIGNED, storage: 0 }),
        409,
      ],
      'nothing to correct, with a wrong body': [
        await leila.put('/requests/withdrawal/0/', { expected_return_date: 'never' }),
        404,
      ],
      'a request of another type, with a wrong body': [
        await leila.put(`/requests/withdrawal/${id}/`, { expected_return_date: 'never' }),
        404,
      ],
      'nothing to correct in this state, with a wrong body': [
        await leila.put(`/requests/storage/${id}/`, { crate: 'none' }),
        409,
      ],
      'a body, of no crate': [await leila.put('/crates/0/', { destruction_date: 'never' }), 400],
      'a body, of no place': [await peter.put('/storage/0/', { shelf_name: '' }), 400],
      'a body, of another unit': [
        await leila.post('/crates/', { unit_id: 2, destruction_date: 'never' }),
        400,
      ],
      'another unit': [await leila.post('/crates/', { unit_id: 2 }), 403],
      'another unit, with an unknown filter': [await leila.get('/requests/?unit=2&status=Lost&type=x'), 403],
      'another unit, with an unknown status': [await leila.get('/crates/?unit=2&status=Lost'), 403],
      'an unknown period, of another unit': [await leila.get('/dashboard/trends/?unit=2&days=x'), 400],
      'another unit that is none': [await leila.get('/storage/?unit=x'), 403],
      'a day that is missing, with a crate that has a request': [
        await leila.post('/requests/withdrawal/', { crate: crate.id }),
        400,
      ],
      'nothing written, where nothing is needed': [await leila.post('/crates/'), 201],
    } as const;
    for (const [what, [{ status }, expected]] of Object.entries(asked))
      expect.soft(status, what).toBe(expected);
  });

  test('a number may be written as a string', async () => {
    const { leila, peter, amara } = await useUnit();
    const rack = { room_name: 'Cellar', rack_name: 'Strings', compartments: '2', shelves: ' 3 ' };
    const { status, body } = await peter.post('/storage/bulk-create/', rack);
    expect([status, body['length']]).toEqual([201, 6]);
    for (const none of ['', 'two', '2.5', '0', true, null, 2.5])
      expect
        .soft((await peter.post('/storage/bulk-create/', { ...rack, shelves: none })).status, String(none))
        .toBe(400);
    const made = await amara.post('/crates/', { unit_id: '2' });
    expect([made.status, unitOf(made.body)]).toEqual([201, '2']);
    const crate = await newCrate(leila);
    const wish = await leila.post('/requests/storage/', { crate: idOf(crate) });
    expect(wish.status).toBe(201);
    const stored = await storedCrate(leila, peter);
    const moved = await peter.post(`/crates/${idOf(stored)}/relocate/`, {
      ...SIGNED,
      storage: ` ${idOf(stored['storage'])} `,
    });
    expect(moved.status).toBe(200);
    for (const none of ['', 'none', '1.5', true, null, 1.5])
      expect.soft((await leila.post('/requests/storage/', { crate: none })).status, String(none)).toBe(400);
  });

  test('the largest rack has 1,000 places', async () => {
    const { peter } = await useUnit();
    const rack = { ...SHELF, rack_name: 'Large', compartments: 25, shelves: 40 };
    const { status, body } = await peter.post('/storage/bulk-create/', rack);
    expect([status, body['length'], body[999]]).toMatchObject([201, 1000, { shelf_name: 'Shelf 40' }]);
    expect((await peter.post('/storage/bulk-create/', { ...rack, compartments: 26 })).status).toBe(400);
  });
}
