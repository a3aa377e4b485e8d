import { expect, test } from 'vitest';
import type { Data } from '../support/clients.ts';
import { follow } from './support/follow.ts';
import { type Person, signIn } from './support/person.ts';
import { useWorld } from './support/world.ts';

const SIGNED = { signature: 'demo' };
const DUE = '2027-01-31T12:00:00Z';

async function firstRequest(person: Person, type: string, status: string): Promise<Data> {
  const { results } = await person.get(`requests/?type=${type}&status=${status}`);
  return results[0];
}

/** The ids of crates without any request. */
async function idleCrates(person: Person, { areStored }: { areStored: boolean }): Promise<number[]> {
  const [crates, requests] = [await person.get('crates/'), await person.get('requests/')];
  const busy = new Set(requests['results'].map(({ crate }: Data) => crate['id']));
  return crates['results']
    .filter(({ id, storage }: Data) => !busy.has(id) && (storage !== null) === areStored)
    .map(({ id }: Data) => id);
}

test('a user who signs in through the API sees with the same token how a request is approved', async () => {
  const world = await useWorld();
  const [head, keeper] = [await signIn(world.dms, 'leila'), await signIn(world.dms, 'peter')];
  const { id } = await firstRequest(head, 'Storage', 'Pending');
  const following = await follow(world, head, 'requests');
  const { body: approved, headers } = await keeper.ask('POST', `requests/${id}/approve/`, SIGNED);
  const [event] = await following.events(1);
  expect(headers.get('dms-live-events')?.split(', ')).toContain(`request:unit:1=${event?.['id']}`);
  expect(event?.['version']).toBeGreaterThan(0);
  expect(event).toMatchObject({
    action: 'APPROVED',
    actor: { id: '104', name: 'Peter Osei', role: 'Store Head' },
    request: {
      id: String(id),
      requestType: 'STORAGE',
      status: 'APPROVED',
      unitId: '1',
      createdBy: { id: '101', name: 'Leila Haddad' },
      approvedBy: { id: '104' },
      crate: { id: String(approved['crate'].id), storage: null },
    },
  });
  expect(Date.parse(event?.['request'].approvalDate)).toBe(Date.parse(approved['approval_date']));
});

test('all twelve endpoints of requests, and the nightly job: each publishes its action and actor once', async () => {
  const world = await useWorld();
  const [clerk, qc, keeper] = await Promise.all(
    ['tomas', 'grace', 'peter'].map((name) => signIn(world.dms, name)),
  );
  if (clerk === undefined || qc === undefined || keeper === undefined) throw new Error('nobody');
  const shelf = { room_name: 'R', rack_name: 'K', compartment_name: 'C', shelf_name: 'S' };
  const [[unstored], [stored, other], place] = [
    await idleCrates(clerk, { areStored: false }),
    await idleCrates(clerk, { areStored: true }),
    await keeper.post('storage/', shelf),
  ];
  const [requests, crates, sendBacks, mine] = [
    await follow(world, clerk, 'requests'),
    await follow(world, clerk, 'crates'),
    await follow(world, keeper, 'sendBacks'),
    await follow(world, clerk, 'mySendBacks'),
  ];

  const wishes = [
    ['storage', { crate: unstored }],
    ['withdrawal', { crate: stored, expected_return_date: DUE }],
    ['destruction', { crate: other }],
  ] as const;
  const ids: number[] = [];
  for (const [type, wish] of wishes) {
    const { id } = await clerk.post(`requests/${type}/`, wish);
    ids.push(id);
    await qc.post(`requests/${id}/send-back/`, {
      ...SIGNED,
      reason: `Which ${type}?`,
      sendback_type: 'Correction',
    });
    await clerk.put(`requests/${type}/${id}/`, wish);
  }
  const [storage, withdrawal, destruction] = ids;
  await keeper.post(`requests/${storage}/approve/`, SIGNED);
  await keeper.post(`requests/${storage}/allocate-storage/`, { ...SIGNED, storage: place['id'] });
  await keeper.post(`requests/${withdrawal}/approve/`, SIGNED);
  await keeper.post(`requests/${withdrawal}/issue/`, SIGNED);
  await keeper.post(`requests/${withdrawal}/return/`, SIGNED);
  await keeper.post(`requests/${destruction}/reject/`, { ...SIGNED, reason: 'Too early' });
  await world.dms.manage('complete_requests');

  const seen = (await requests.events(17)).map(({ action, actor, request }) => [
    action,
    actor && Number(actor.id),
    Number(request.id),
    request.status,
  ]);
  const [CLERK, QC, KEEPER] = [102, 103, 104];
  expect(seen).toEqual([
    ...ids.flatMap((id) => [
      ['CREATED', CLERK, id, 'PENDING'],
      ['SENT_BACK', QC, id, 'SENT_BACK'],
      ['UPDATED', CLERK, id, 'PENDING'],
    ]),
    ['APPROVED', KEEPER, storage, 'APPROVED'],
    ['STORAGE_ALLOCATED', KEEPER, storage, 'APPROVED'],
    ['APPROVED', KEEPER, withdrawal, 'APPROVED'],
    ['ISSUED', KEEPER, withdrawal, 'ISSUED'],
    ['RETURNED', KEEPER, withdrawal, 'RETURNED'],
    ['REJECTED', KEEPER, destruction, 'REJECTED'],
    ['COMPLETED', null, storage, 'COMPLETED'],
    ['COMPLETED', null, withdrawal, 'COMPLETED'],
  ]);

  const reasons = ids.map((id, index) => ({ requestId: String(id), reason: `Which ${wishes[index]?.[0]}?` }));
  expect((await sendBacks.events(3)).map(({ sendBack }) => sendBack)).toMatchObject(reasons);
  expect((await mine.events(3)).map(({ sendBack }) => sendBack)).toMatchObject(reasons);

  expect(
    (await crates.events(3)).map(({ action, crate }) => [action, Number(crate.id), crate.status]),
  ).toEqual([
    ['RELOCATED', unstored, 'ACTIVE'],
    ['STATUS_CHANGED', stored, 'WITHDRAWN'],
    ['STATUS_CHANGED', stored, 'ACTIVE'],
  ]);
  expect([requests.pending, crates.pending, sendBacks.pending, mine.pending]).toEqual([0, 0, 0, 0]);
});

test('a refused or failed action publishes nothing', async () => {
  const world = await useWorld();
  const [head, keeper] = [await signIn(world.dms, 'leila'), await signIn(world.dms, 'peter')];
  const following = await follow(world, head, 'requests');
  const approved = await firstRequest(head, 'Storage', 'Approved');
  const pending = await firstRequest(head, 'Storage', 'Pending');
  const path = `requests/${approved['id']}`;
  expect((await head.ask('POST', `${path}/allocate-storage/`, { ...SIGNED, storage: 1 })).status).toBe(403);
  expect((await keeper.ask('POST', `${path}/approve/`, SIGNED)).status).toBe(409);
  expect((await keeper.ask('POST', `${path}/allocate-storage/`, { ...SIGNED, storage: 99_999 })).status).toBe(
    400,
  );
  await keeper.post(`requests/${pending['id']}/approve/`, SIGNED);
  expect((await following.events(1))[0]).toMatchObject({
    action: 'APPROVED',
    request: { id: `${pending['id']}` },
  });
});

test('what a script changed by SQL reaches subscribers once verify_live has found and repaired it', async () => {
  const world = await useWorld();
  const head = await signIn(world.dms, 'leila');
  const { id } = await firstRequest(head, 'Storage', 'Pending');
  const following = await follow(world, head, 'requests');
  const steps = [
    'from django.core.management import call_command as call',
    'from documents.models import Request',
    'call("relay_live_events", once=True)',
    'call("verify_live")',
    `Request.objects.filter(pk=${id}).update(status="Rejected")`,
    'call("verify_live", repair=True)',
    'call("relay_live_events", once=True)',
    'call("verify_live")',
  ];
  const said = await world.dms.manage('shell', '-c', steps.join('\n'));
  expect(said.split('\n').filter((line) => /^(FOUND|repaired)/.test(line))).toEqual([
    expect.stringContaining(`repaired request ${id}: what was published last is something else (status)`),
  ]);
  expect((await following.events(1))[0]).toMatchObject({
    action: 'UPDATED',
    actor: { name: 'manage.py verify_live' },
    request: { id: `${id}`, status: 'REJECTED' },
  });
});
