import { expect, test } from 'vitest';
import type { Data } from '../support/clients.ts';
import { follow } from './support/follow.ts';
import { signIn } from './support/person.ts';
import { useWorld } from './support/world.ts';

test('crates: made, changed, relocated, deleted', async () => {
  const world = await useWorld();
  const [head, keeper] = [await signIn(world.dms, 'leila'), await signIn(world.dms, 'peter')];
  const following = await follow(world, head, 'crates');
  const shelf = { room_name: 'R', rack_name: 'K', compartment_name: 'C', shelf_name: 'S' };
  const place = await keeper.post('storage/', shelf);
  const papers = [
    { document_name: 'Plans', document_number: 'PLA-1' },
    { document_name: 'Maps', document_number: 'MAP-2' },
  ];
  const { id } = await head.post('crates/', { documents: papers });
  await head.put(`crates/${id}/`, { documents: papers.slice(1) });
  await keeper.put(`crates/${id}/`, { status: 'Archived', destruction_date: '2033-12-31' });
  await keeper.post(`crates/${id}/relocate/`, { signature: 'demo', storage: place['id'] });
  await keeper.remove(`crates/${id}/`);
  const events = await following.events(5);
  expect(events.map(({ action, actor, crate }) => [action, actor.id, crate.id])).toEqual([
    ['CREATED', '101', `${id}`],
    ['UPDATED', '101', `${id}`],
    ['STATUS_CHANGED', '104', `${id}`],
    ['RELOCATED', '104', `${id}`],
    ['DELETED', '104', `${id}`],
  ]);
  const names = events.map(({ crate }) => crate.documents.map((paper: Data) => paper['documentName']));
  expect(names).toEqual([['Plans', 'Maps'], ['Maps'], ['Maps'], ['Maps'], ['Maps']]);
  expect(events[2]).toMatchObject({
    crate: { status: 'ARCHIVED', destructionDate: '2033-12-31', storage: null },
  });
  expect(events[3]).toMatchObject({ crate: { storage: { id: `${place['id']}` } } });
  expect(following.pending).toBe(0);
});

test('storage: made, renamed, deleted, and a whole rack in one event', async () => {
  const world = await useWorld();
  const keeper = await signIn(world.dms, 'peter');
  const following = await follow(world, keeper, 'storage');
  const names = { room_name: 'R', rack_name: 'K', compartment_name: 'C', shelf_name: 'S' };
  const { id } = await keeper.post('storage/', names);
  await keeper.put(`storage/${id}/`, { ...names, shelf_name: 'T' });
  await keeper.remove(`storage/${id}/`);
  const rack = await keeper.postMany('storage/bulk-create/', {
    room_name: 'R',
    rack_name: 'K',
    compartments: 4,
    shelves: 25,
  });
  const events = await following.events(4);
  expect(events.map(({ action, locations }) => [action, locations.length])).toEqual([
    ['CREATED', 1],
    ['UPDATED', 1],
    ['DELETED', 1],
    ['BULK_CREATED', 100],
  ]);
  expect(events[1]).toMatchObject({ locations: [{ id: `${id}`, shelfName: 'T' }] });
  expect(events[3]?.['locations']).toEqual(
    rack.map((row: Data) => ({
      id: `${row['id']}`,
      unitId: '1',
      roomName: 'R',
      rackName: 'K',
      compartmentName: row['compartment_name'],
      shelfName: row['shelf_name'],
    })),
  );
  expect(following.pending).toBe(0);
});

test('a rack that is too large for one message arrives completely', async () => {
  const world = await useWorld();
  const keeper = await signIn(world.dms, 'peter');
  const following = await follow(world, keeper, 'storage');
  const size = { compartments: 30, shelves: 30 };
  const rack = await keeper.postMany('storage/bulk-create/', { room_name: 'R', rack_name: 'K', ...size });
  const received: string[] = [];
  while (received.length < rack.length) {
    const [event] = await following.events(1);
    expect(event?.['action']).toBe('BULK_CREATED');
    received.push(...(event?.['locations'].map(({ id }: Data) => id) ?? []));
  }
  expect(received).toEqual(rack.map(({ id }: Data) => `${id}`));
});

test('the audit trail: every action, once, exactly as it is written', async () => {
  const world = await useWorld();
  const [admin, head] = [await signIn(world.dms, 'amara'), await signIn(world.dms, 'ravi')];
  const following = await follow(world, admin, 'audit');
  const { id } = await head.post('crates/', {});
  await head.put(`crates/${id}/`, { destruction_date: '2033-12-31' });
  await head.remove(`crates/${id}/`);
  const entries = (await following.events(3)).map(({ entry }) => entry);
  const { results: rows } = await admin.get('audit/');
  expect(entries).toEqual(
    rows
      .map((row: Data) => ({
        id: `${row['id']}`,
        unitId: '2',
        action: row['action'],
        objectType: 'Crate',
        objectId: `${id}`,
        user: { id: '201' },
        at: expect.any(String),
        ipAddress: '127.0.0.1',
        changes: row['changes'],
      }))
      .reverse(),
  );
  expect(entries.map(({ action }) => action)).toEqual(['crate created', 'crate updated', 'crate deleted']);
  expect(entries[1].changes).toEqual({ destruction_date: [null, '2033-12-31'] });
});

test('the dashboard: figures of the unit and of all units, as the DMS counts them', async () => {
  const world = await useWorld();
  const [admin, head, keeper] = await Promise.all([
    signIn(world.dms, 'amara'),
    signIn(world.dms, 'leila'),
    signIn(world.dms, 'peter'),
  ]);
  const following = [await follow(world, head, 'kpis'), await follow(world, admin, 'kpis')] as const;
  const { results: pending } = await head.get('requests/?status=Pending');
  await keeper.post(`requests/${pending[0].id}/approve/`, { signature: 'demo' });
  for (const [person, operation] of [
    [head, following[0]],
    [admin, following[1]],
  ] as const) {
    const row = await person.get('dashboard/kpis/');
    let [figures] = await operation.events(1);
    while (figures?.['pendingApprovals'] !== row['pending_approvals']) [figures] = await operation.events(1);
    expect(inWords(figures)).toEqual({
      unitId: row['unit_id'] === null ? null : `${row['unit_id']}`,
      pendingApprovals: row['pending_approvals'],
      overdueWithdrawals: row['overdue_withdrawals'],
      requestsByStatus: tally(row['requests_by_status'], 'status'),
      requestsByType: tally(row['requests_by_type'], 'request_type'),
      cratesByStatus: tally(row['crates_by_status'], 'status'),
    });
  }
});

/** Counts such as `{ "Sent Back": 2 }`, without zeros. */
function tally(counts: Data[], word: string): Record<string, number> {
  return Object.fromEntries(
    counts.filter(({ count }) => count > 0).map((each) => [normal(each[word]), each['count']]),
  );
}

const normal = (word: string): string => word.toUpperCase().replace(' ', '_');

function inWords(figures: Data = {}) {
  return {
    ...figures,
    requestsByStatus: tally(figures['requestsByStatus'], 'status'),
    requestsByType: tally(figures['requestsByType'], 'requestType'),
    cratesByStatus: tally(figures['cratesByStatus'], 'status'),
  };
}
