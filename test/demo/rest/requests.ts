/** The steps of a request from its creation to its end. */
import { expect, test } from 'vitest';
import type { Data } from '../../support/clients.ts';
import { firstOf, SIGNED, type Visitor, visit } from '../../support/demo.ts';
import type { Dms } from '../support/dms.ts';
import { idOf, newCrate, newPlace, newRequest, storedCrate, unitOf } from '../support/rows.ts';

export function testRequests(dms: Dms): void {
  /** A Section Head, a QC and a Store Head, all of unit 1. */
  const useUnit = async () => ({
    leila: await visit(dms, 'leila'),
    grace: await visit(dms, 'grace'),
    peter: await visit(dms, 'peter'),
  });

  test('a storage request is sent back, corrected, approved, and gets a storage location', async () => {
    const { leila, grace, peter } = await useUnit();
    const crate = await newCrate(leila);
    const made = await leila.post('/requests/storage/', { crate: crate['id'] });
    expect(made.status).toBe(201);
    expect(unitOf(made.body)).toBe('1');
    expect(made.body).toMatchObject({
      request_type: 'Storage',
      status: 'Pending',
      crate: { id: crate['id'], storage: null },
      created_by: { name: 'Leila Haddad', role: 'Section Head' },
    });
    const path = `/requests/${made.body['id']}`;
    const why = { ...SIGNED, reason: 'Which year?', sendback_type: 'Clarification' };
    expect((await grace.post(`${path}/send-back/`, why)).body['status']).toBe('Sent Back');
    expect((await leila.get(`${path}/send-backs/`)).body).toMatchObject({
      count: 1,
      results: [
        {
          reason: 'Which year?',
          sendback_type: 'Clarification',
          created_by: { name: 'Grace Lin', role: 'QC' },
        },
      ],
    });
    const other = await newCrate(leila);
    const corrected = await leila.put(`/requests/storage/${made.body['id']}/`, { crate: other['id'] });
    expect(corrected.body).toMatchObject({ status: 'Pending', crate: { id: other['id'] } });
    expect((await peter.post(`${path}/approve/`, SIGNED)).body).toMatchObject({
      status: 'Approved',
      approved_by: { name: 'Peter Osei' },
    });
    const place = await newPlace(peter);
    const stored = await peter.post(`${path}/allocate-storage/`, { ...SIGNED, storage: place['id'] });
    expect(stored.body).toMatchObject({ allocated_by: { name: 'Peter Osei' }, crate: { storage: place } });
    expect((await leila.get(`${path}/`)).body).toEqual(stored.body);
  });

  test('a request that was sent back can be resubmitted, unless its crate does not fit any more', async () => {
    const { leila, grace } = await useUnit();
    const { id, crate } = await newRequest(leila);
    await grace.post(`/requests/${id}/send-back/`, {
      ...SIGNED,
      reason: 'Why?',
      sendback_type: 'Correction',
    });
    const peter = await visit(dms, 'peter');
    const [place, relocate] = [await newPlace(peter), `/crates/${crate.id}/relocate/`];
    await peter.post(relocate, { ...SIGNED, storage: place['id'] });
    const conflict = await conflicts(leila.put(`/requests/storage/${id}/`, {})); // it is stored meanwhile
    expect(conflict).toMatchObject({ kind: 'crate', action: 'relocated', actor: { name: 'Peter Osei' } });
    const other = await newCrate(leila);
    const { body } = await leila.put(`/requests/storage/${id}/`, { crate: other['id'] });
    expect(body).toMatchObject({ status: 'Pending', crate: { id: other['id'] } });
  });

  test('a withdrawal request is approved, issued and returned, and its crate changes status', async () => {
    const { leila, peter } = await useUnit();
    const tomas = await visit(dms, 'tomas');
    const crate = await storedCrate(leila, peter);
    const wish = { crate: crate['id'], expected_return_date: '2027-01-15' };
    const { status, body } = await tomas.post('/requests/withdrawal/', wish);
    expect([status, body['status'], body['created_by']]).toMatchObject([
      201,
      'Pending',
      { name: 'Tomas Novak', role: 'Section Clerk' },
    ]);
    expect(Date.parse(body['expected_return_date'])).toBe(Date.parse('2027-01-15'));
    const path = `/requests/${body['id']}`;
    await peter.post(`${path}/approve/`, SIGNED);
    const issued = await peter.post(`${path}/issue/`, { ...SIGNED, expected_return_date: '2027-02-01' });
    expect(issued.body).toMatchObject({
      status: 'Issued',
      withdrawn_by: { name: 'Tomas Novak' },
      issued_by: { name: 'Peter Osei' },
      crate: { status: 'Withdrawn' },
    });
    expect(Date.parse(issued.body['expected_return_date'])).toBe(Date.parse('2027-02-01'));
    const returned = await peter.post(`${path}/return/`, SIGNED);
    expect(returned.body).toMatchObject({ status: 'Returned', crate: { status: 'Active' } });
  });

  test('a rejected request stays rejected, and the audit trail keeps the reason', async () => {
    const { leila, peter } = await useUnit();
    const crate = await storedCrate(leila, peter);
    const { body } = await leila.post('/requests/destruction/', { crate: crate['id'] });
    const no = { ...SIGNED, reason: 'Keep it ten years.' };
    expect((await peter.post(`/requests/${body['id']}/reject/`, no)).body['status']).toBe('Rejected');
    const entry = await firstOf(await visit(dms, 'amara'), '/audit/');
    expect(entry).toMatchObject({
      object_type: 'Request',
      user: { name: 'Peter Osei', role: 'Store Head' },
      changes: { reason: 'Keep it ten years.' },
    });
    expect([unitOf(entry), String(entry['object_id'])]).toEqual(['1', idOf(body)]);
    const words = (changed: string[]): string[] => changed.map((status) => status.toUpperCase());
    expect(words(entry['changes'].status)).toEqual(['PENDING', 'REJECTED']);
    const conflict = await conflicts(peter.post(`/requests/${body['id']}/approve/`, SIGNED));
    expect(conflict).toMatchObject({ action: 'rejected', actor: { name: 'Peter Osei' } });
  });

  test('a System Admin may approve a request too', async () => {
    const { leila } = await useUnit();
    const amara = await visit(dms, 'amara');
    const { body } = await amara.post(`/requests/${(await newRequest(leila))['id']}/approve/`, SIGNED);
    expect(body['approved_by']).toMatchObject({ name: 'Amara Okafor', role: 'System Admin' });
    expect(idOf(body['approved_by'])).toBe('1');
  });

  test('a request rejects a step that its status does not allow', async () => {
    const { leila, grace, peter } = await useUnit();
    const crate = await storedCrate(leila, peter);
    const wish = { crate: crate['id'], expected_return_date: '2027-01-15' };
    const { body } = await leila.post('/requests/withdrawal/', wish);
    const path = `/requests/${body['id']}`;
    const place = await newPlace(peter);
    await conflicts(peter.post(`${path}/issue/`, SIGNED));
    await conflicts(peter.post(`${path}/return/`, SIGNED));
    await conflicts(peter.post(`${path}/allocate-storage/`, { ...SIGNED, storage: place['id'] }));
    await conflicts(leila.put(`/requests/withdrawal/${body['id']}/`, {}));
    expect((await leila.put(`/requests/storage/${body['id']}/`, {})).status).toBe(404);
    await peter.post(`${path}/approve/`, SIGNED);
    const reason = { ...SIGNED, reason: 'No.', sendback_type: 'Correction' };
    await conflicts(peter.post(`${path}/approve/`, SIGNED));
    await conflicts(peter.post(`${path}/reject/`, reason));
    await conflicts(grace.post(`${path}/send-back/`, reason));
    expect((await leila.get(`${path}/`)).body['status']).toBe('Approved');
  });

  test('a conflict names who did what and when, and nobody whom the asker may not see', async () => {
    const { leila, peter } = await useUnit();
    const amara = await visit(dms, 'amara');
    const { id } = await newRequest(leila);
    const before = Date.now();
    await amara.post(`/requests/${id}/approve/`, SIGNED);
    const { status, body } = await peter.post(`/requests/${id}/approve/`, SIGNED);
    expect([status, body]).toMatchObject([
      409,
      {
        detail: expect.stringMatching(/ Approved by Amara Okafor on [-\d]{10} at \d\d:\d\d UTC\.$/),
        conflict: {
          why: expect.any(String),
          kind: 'request',
          id,
          action: 'approved',
          actor: { name: 'Amara Okafor', role: 'System Admin' },
        },
      },
    ]);
    expect(idOf(body['conflict'].actor)).toBe('1');
    expect(Math.abs(Date.parse(body['conflict'].at) - before)).toBeLessThan(60_000);

    // A crate of unit 2 stands in a room of unit 1.
    const [ravi, place] = [await visit(dms, 'ravi'), await newPlace(peter)];
    const guest = await newCrate(ravi);
    await amara.post(`/crates/${guest['id']}/relocate/`, { ...SIGNED, storage: place['id'] });
    const allocate = { ...SIGNED, storage: place['id'] };
    expect(await conflicts(peter.post(`/requests/${id}/allocate-storage/`, allocate))).toEqual({
      why: 'storage: another crate stands there.',
      kind: 'crate',
      id: null,
      action: null,
      actor: null,
      at: null,
    });
  });

  test('a step requires a correct signature, and a reason with text', async () => {
    const { leila, peter, grace } = await useUnit();
    const { id } = await newRequest(leila);
    const bodies = [
      [peter, 'approve', {}],
      [peter, 'approve', { signature: 'guess' }],
      [peter, 'reject', SIGNED],
      [peter, 'reject', { ...SIGNED, reason: '  ' }],
      [grace, 'send-back', { ...SIGNED, reason: 'Why?' }],
      [grace, 'send-back', { ...SIGNED, reason: 'x'.repeat(2000), sendback_type: 'Correction' }],
    ] as const;
    for (const [visitor, step, body] of bodies)
      await isRefused(visitor.post(`/requests/${id}/${step}/`, body));
    expect((await leila.get(`/requests/${id}/`)).body['status']).toBe('Pending');
  });

  test('a request is refused for a crate in the wrong state', async () => {
    const { leila, peter } = await useUnit();
    const [stored, fresh] = [await storedCrate(leila, peter), await newCrate(leila)];
    const due = { expected_return_date: '2027-01-15' };
    const make = (type: string, body: object) => leila.post(`/requests/${type}/`, body);
    await conflicts(make('storage', { crate: stored['id'] }));
    await conflicts(make('withdrawal', { crate: fresh['id'], ...due }));
    const [out, reason] = [await storedCrate(leila, peter), { ...SIGNED, reason: 'x'.repeat(1000) }];
    const { body: wanted } = await make('withdrawal', { crate: out['id'], ...due });
    await peter.post(`/requests/${wanted['id']}/approve/`, SIGNED);
    await peter.post(`/requests/${wanted['id']}/issue/`, SIGNED);
    await conflicts(peter.put(`/crates/${out['id']}/`, { status: 'Active' })); // it is withdrawn
    const { body: unwanted } = await make('destruction', { crate: stored['id'] });
    expect((await peter.post(`/requests/${unwanted['id']}/reject/`, reason)).status).toBe(200);
    await isRefused(make('withdrawal', { crate: stored['id'] }));
    await isRefused(make('withdrawal', { crate: stored['id'], expected_return_date: 'soon' }));
    await isRefused(make('storage', { crate: 'none' }));
    await isRefused(make('storage', {}));
    expect((await make('storage', { crate: Number(fresh['id']) })).status).toBe(201);
    const conflict = await conflicts(make('storage', { crate: fresh['id'] }));
    expect(conflict).toMatchObject({ kind: 'request', action: 'created', actor: { name: 'Leila Haddad' } });
    const other = await newCrate(leila);
    expect((await make('storage', { crate: idOf(other) })).status).toBe(201);
  });
}

async function isRefused(answer: ReturnType<Visitor['post']>): Promise<void> {
  const { status, body }: { status: number; body: Data } = await answer;
  expect([status, typeof body['detail']], JSON.stringify(body)).toEqual([400, 'string']);
}

/** The answer of an action that somebody else has made impossible. */
async function conflicts(answer: ReturnType<Visitor['post']>): Promise<Data> {
  const { status, body } = await answer;
  expect([status, typeof body['detail']], JSON.stringify(body)).toEqual([409, 'string']);
  return body['conflict'];
}
