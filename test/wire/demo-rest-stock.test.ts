/** What the simulated DMS alone does: each change is published at once. What it shares with Django's is in `test/demo`. */
import { describe, expect, test } from 'vitest';
import { subscribed, useClient } from '../support/clients.ts';
import { firstOf, SIGNED, useDemo, visit } from '../support/demo.ts';

const LEASE = {
  document_name: 'Leases',
  document_number: 'L-1',
  document_type: 'Contract',
  description: null,
};
const SHELF = { room_name: 'Cellar', rack_name: 'R', compartment_name: 'C', shelf_name: 'S' };

describe('Crates, by the simulated DMS’s REST API', () => {
  test('are made, changed, moved and deleted, and each is published', async () => {
    const demo = await useDemo();
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const query = 'subscription { crateUpdated { action crate { id status storage { id } } } }';
    const changes = await subscribed(useClient(demo.app, leila.access), query);

    const made = await leila.post('/crates/', { documents: [LEASE], destruction_date: '2033-12-31' });
    expect(made.body).toMatchObject({ unit_id: '1', documents: [LEASE] });
    const path = `/crates/${made.body['id']}/`;
    const [document] = made.body['documents'];
    const more = await leila.put(path, { documents: [document, { ...LEASE, document_number: 'L-2' }] });
    expect(more.body['documents']).toMatchObject([document, { document_number: 'L-2' }]);
    await peter.put(path, { status: 'Archived' });
    const place = await firstOf(peter, '/storage/');
    await peter.post(`${path}relocate/`, { ...SIGNED, storage: place['id'] });
    await peter.remove(path);

    const { id } = made.body;
    const received = [];
    while (received.length < 5) received.push((await changes.data())['crateUpdated']);
    expect(received).toEqual([
      { action: 'CREATED', crate: { id, status: 'ACTIVE', storage: null } },
      { action: 'UPDATED', crate: { id, status: 'ACTIVE', storage: null } },
      { action: 'STATUS_CHANGED', crate: { id, status: 'ARCHIVED', storage: null } },
      { action: 'RELOCATED', crate: { id, status: 'ARCHIVED', storage: { id: place['id'] } } },
      { action: 'DELETED', crate: { id, status: 'ARCHIVED', storage: { id: place['id'] } } },
    ]);
  });

  test('are refused if listed by an unknown status, destroyed by hand, or made in another unit', async () => {
    const demo = await useDemo();
    const [leila, peter, amara] = [
      await visit(demo, 'leila'),
      await visit(demo, 'peter'),
      await visit(demo, 'amara'),
    ];
    const { crate } = await firstOf(peter, '/requests/?status=Pending');
    expect((await leila.get('/crates/?status=Lost')).status).toBe(400);
    expect((await leila.get('/crates/?status=all')).status).toBe(200);
    expect((await leila.put(`/crates/${crate.id}/`, { status: 'Destroyed' })).status).toBe(400);
    expect((await leila.post('/crates/', { unit_id: 2 })).status).toBe(403);
    expect((await amara.post('/crates/', { unit_id: 2 })).body['unit_id']).toBe('2');
  });
});

describe('Storage, by the simulated DMS’s REST API', () => {
  test('a rack of up to 150 places is one event', async () => {
    const demo = await useDemo();
    const peter = await visit(demo, 'peter');
    const query = 'subscription { storageUpdated { action locations { id compartmentName shelfName } } }';
    const changes = await subscribed(useClient(demo.app, peter.access), query);
    const rack = { room_name: 'Cellar', rack_name: 'Long', compartments: 10, shelves: 15 };
    const { status, body } = await peter.post('/storage/bulk-create/', rack);
    expect([status, body['length'], body[0]]).toMatchObject([
      201,
      150,
      { room_name: 'Cellar', rack_name: 'Long', compartment_name: 'Compartment 1', shelf_name: 'Shelf 1' },
    ]);
    await peter.post('/storage/', SHELF);
    const bulk = (await changes.data())['storageUpdated'];
    expect([bulk.action, bulk.locations.length, bulk.locations.at(-1).shelfName]).toEqual([
      'BULK_CREATED',
      150,
      'Shelf 15',
    ]);
    expect((await changes.data())['storageUpdated'].action).toBe('CREATED');
    expect((await peter.get('/storage/')).body['count']).toBeGreaterThan(150);
  });

  test('of a larger rack each event has 150 places, which fit into it in any alphabet', async () => {
    const demo = await useDemo();
    const peter = await visit(demo, 'peter');
    const query = 'subscription { storageUpdated { locations { roomName } } }';
    const changes = await subscribed(useClient(demo.app, peter.access), query);
    const name = '棚'.repeat(40);
    const rack = { room_name: name, rack_name: name, compartments: 160, shelves: 1 };
    expect((await peter.post('/storage/bulk-create/', rack)).status).toBe(201);
    const lengths = [await changes.data(), await changes.data()].map(
      (event) => event['storageUpdated'].locations.length,
    );
    expect(lengths).toEqual([150, 10]);
  });
});

test('The audit trail names the action, and the unit and address of it', async () => {
  const demo = await useDemo();
  const [amara, peter] = [await visit(demo, 'amara'), await visit(demo, 'peter')];
  const { body: place } = await peter.post('/storage/', SHELF);
  const { body } = await amara.get('/audit/?unit=1');
  expect(body['results'][0]).toMatchObject({
    action: 'Storage created',
    unit_id: '1',
    object_id: place['id'],
    user: { name: 'Peter Osei', role: 'Store Head' },
    ip_address: '10.0.1.4',
  });
});
