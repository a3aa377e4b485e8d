/** What the simulated DMS alone does: each step is published at once. What it shares with Django's is in `test/demo`. */
import { describe, expect, test } from 'vitest';
import type { Demo } from '../../demo/server/src/start-demo.ts';
import { type Data, type Operation, subscribed, useClient } from '../support/clients.ts';
import { firstOf, SIGNED, useDemo, type Visitor, visit } from '../support/demo.ts';

const CHANGES = 'subscription { requestUpdated { action actor { name } request { id status } } }';

interface Unit {
  readonly demo: Demo;
  /** Section Head, QC and Store Head, all of unit 1. */
  readonly leila: Visitor;
  readonly grace: Visitor;
  readonly peter: Visitor;
  readonly changes: Operation;
}

async function useUnit(): Promise<Unit> {
  const demo = await useDemo();
  const [leila, grace, peter] = [
    await visit(demo, 'leila'),
    await visit(demo, 'grace'),
    await visit(demo, 'peter'),
  ];
  const changes = await subscribed(useClient(demo.app, leila.access), CHANGES);
  return { demo, leila, grace, peter, changes };
}

async function storedCrate(visitor: Visitor): Promise<Data> {
  const open = (await visitor.get('/requests/')).body['results'] as Data[];
  const busy = open
    .filter(({ status }) => status !== 'Completed' && status !== 'Rejected')
    .map(({ crate }) => crate?.id);
  const crates = (await visitor.get('/crates/?status=Active')).body['results'] as Data[];
  const crate = crates.find(({ id, storage }) => storage !== null && !busy.includes(id));
  if (crate === undefined) throw new Error('no crate is free');
  return crate;
}

async function newCrate(visitor: Visitor): Promise<Data> {
  const paper = { document_name: 'Leases', document_number: 'L-1', document_type: 'Contract' };
  return (await visitor.post('/crates/', { documents: [paper] })).body;
}

async function change(changes: Operation): Promise<[string, string, string]> {
  const { requestUpdated: event } = await changes.data();
  return [event.action, event.actor.name, event.request.status];
}

describe('A request, by the simulated DMS’s REST API', () => {
  test('for storage: sent back, corrected, approved, given a place; each step is published', async () => {
    const { leila, grace, peter, changes } = await useUnit();
    const crate = await newCrate(leila);
    const made = await leila.post('/requests/storage/', { crate: crate['id'] });
    expect(made.body['unit_id']).toBe('1');
    const path = `/requests/${made.body['id']}`;
    const why = { ...SIGNED, reason: 'Which year?', sendback_type: 'Clarification' };
    await grace.post(`${path}/send-back/`, why);
    await leila.put(`/requests/storage/${made.body['id']}/`, {});
    await peter.post(`${path}/approve/`, SIGNED);
    const place = await firstOf(peter, '/storage/');
    await peter.post(`${path}/allocate-storage/`, { ...SIGNED, storage: place['id'] });

    expect(await change(changes)).toEqual(['CREATED', 'Leila Haddad', 'PENDING']);
    expect(await change(changes)).toEqual(['SENT_BACK', 'Grace Lin', 'SENT_BACK']);
    expect(await change(changes)).toEqual(['UPDATED', 'Leila Haddad', 'PENDING']);
    expect(await change(changes)).toEqual(['APPROVED', 'Peter Osei', 'APPROVED']);
    expect(await change(changes)).toEqual(['STORAGE_ALLOCATED', 'Peter Osei', 'APPROVED']);
  });

  test('for withdrawal: approved, issued, returned; the crate leaves and comes back', async () => {
    const { leila, peter, changes } = await useUnit();
    const crate = await storedCrate(leila);
    const wish = { crate: crate['id'], expected_return_date: '2027-01-15' };
    const { body } = await leila.post('/requests/withdrawal/', wish);
    const path = `/requests/${body['id']}`;
    expect(body['expected_return_date']).toBe('2027-01-15');
    await peter.post(`${path}/approve/`, SIGNED);
    const issued = await peter.post(`${path}/issue/`, { ...SIGNED, expected_return_date: '2027-02-01' });
    expect(issued.body['expected_return_date']).toBe('2027-02-01'); // exactly as it was written
    await peter.post(`${path}/return/`, SIGNED);
    for (const action of ['CREATED', 'APPROVED', 'ISSUED', 'RETURNED']) {
      expect((await change(changes))[0]).toBe(action);
    }
  });

  test('for destruction: rejected, with a reason that the audit trail keeps', async () => {
    const { demo, leila, peter, changes } = await useUnit();
    const crate = await storedCrate(leila);
    const { body } = await leila.post('/requests/destruction/', { crate: crate['id'] });
    const no = { ...SIGNED, reason: 'Keep it ten years.' };
    await peter.post(`/requests/${body['id']}/reject/`, no);
    expect([(await change(changes))[0], (await change(changes))[0]]).toEqual(['CREATED', 'REJECTED']);
    const entry = await firstOf(await visit(demo, 'amara'), '/audit/');
    expect(entry).toMatchObject({
      unit_id: '1',
      object_type: 'Request',
      object_id: body['id'],
      user: { name: 'Peter Osei' },
      changes: { status: ['PENDING', 'REJECTED'], reason: 'Keep it ten years.' },
    });
  });

  test('publishes a send-back to its creator too', async () => {
    const { demo, leila, grace } = await useUnit();
    const query =
      'subscription { sendBackCreated(mine: true) { sendBack { reason sendbackType createdBy { name } } } }';
    const mine = await subscribed(useClient(demo.app, leila.access), query);
    const { body } = await leila.post('/requests/storage/', { crate: (await newCrate(leila))['id'] });
    const why = { ...SIGNED, reason: 'Which year?', sendback_type: 'Correction' };
    await grace.post(`/requests/${body['id']}/send-back/`, why);
    expect((await mine.data())['sendBackCreated'].sendBack).toEqual({
      reason: 'Which year?',
      sendbackType: 'Correction',
      createdBy: { name: 'Grace Lin' },
    });
  });

  test('changes the KPIs, which are published at once', async () => {
    const { demo, leila } = await useUnit();
    const before = (await leila.get('/dashboard/kpis/')).body;
    const query = 'subscription { dashboardKpis { pendingApprovals } }';
    const kpis = useClient(demo.app, leila.access).run(query);
    const pending = async (): Promise<number> => (await kpis.data())['dashboardKpis'].pendingApprovals;
    expect(await pending()).toBe(before['pending_approvals']);
    await leila.post('/requests/destruction/', { crate: (await storedCrate(leila))['id'] });
    expect(await pending()).toBe(before['pending_approvals'] + 1);
    expect((await leila.get('/dashboard/kpis/')).body['pending_approvals']).toBe(
      before['pending_approvals'] + 1,
    );
  });

  test('explains why a step is refused', async () => {
    const { leila, grace, peter } = await useUnit();
    const { body } = await leila.post('/requests/withdrawal/', {
      crate: (await storedCrate(leila))['id'],
      expected_return_date: '2027-01-15',
    });
    const path = `/requests/${body['id']}`;
    const place = await firstOf(peter, '/storage/');
    const refused = async (answer: Promise<{ status: number; body: Data }>): Promise<void> => {
      const { status, body } = await answer;
      expect([status, body['detail']]).toEqual([409, expect.stringMatching(/^Only .+; this one is: .+\.$/)]);
    };
    await refused(peter.post(`${path}/issue/`, SIGNED));
    await refused(peter.post(`${path}/return/`, SIGNED));
    await refused(peter.post(`${path}/allocate-storage/`, { ...SIGNED, storage: place['id'] }));
    await refused(leila.put(`/requests/withdrawal/${body['id']}/`, {}));
    await peter.post(`${path}/approve/`, SIGNED);
    const reason = { ...SIGNED, reason: 'No.', sendback_type: 'Correction' };
    await refused(peter.post(`${path}/approve/`, SIGNED));
    await refused(peter.post(`${path}/reject/`, reason));
    await refused(grace.post(`${path}/send-back/`, reason));
  });
});
