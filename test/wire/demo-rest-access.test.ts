import { describe, expect, test } from 'vitest';
import type { Data } from '../support/clients.ts';
import { ask, firstOf, SIGNED, useDemo, visit } from '../support/demo.ts';

/** One of each role; unit 1 but for the System Admin. */
const ONE_OF = { 'Section Head': 'leila', 'Section Clerk': 'tomas', QC: 'grace', 'Store Head': 'peter' };
type Role = keyof typeof ONE_OF;
const ROLES = Object.keys(ONE_OF) as Role[];
const SECTION: Role[] = ['Section Head', 'Section Clerk'];
const STORE: Role[] = ['Store Head'];

const ENDPOINTS: readonly { method: string; path: string; roles: readonly Role[] }[] = [
  { method: 'POST', path: '/logout/', roles: ROLES },
  { method: 'GET', path: '/me/', roles: ROLES },
  { method: 'GET', path: '/requests/', roles: ROLES },
  { method: 'GET', path: '/requests/0/', roles: ROLES },
  { method: 'GET', path: '/requests/0/send-backs/', roles: ROLES },
  { method: 'POST', path: '/requests/storage/', roles: SECTION },
  { method: 'POST', path: '/requests/withdrawal/', roles: SECTION },
  { method: 'POST', path: '/requests/destruction/', roles: SECTION },
  { method: 'PUT', path: '/requests/storage/0/', roles: SECTION },
  { method: 'PUT', path: '/requests/withdrawal/0/', roles: SECTION },
  { method: 'PUT', path: '/requests/destruction/0/', roles: SECTION },
  { method: 'POST', path: '/requests/0/approve/', roles: STORE },
  { method: 'POST', path: '/requests/0/reject/', roles: STORE },
  { method: 'POST', path: '/requests/0/send-back/', roles: ['QC'] },
  { method: 'POST', path: '/requests/0/allocate-storage/', roles: STORE },
  { method: 'POST', path: '/requests/0/issue/', roles: STORE },
  { method: 'POST', path: '/requests/0/return/', roles: STORE },
  { method: 'GET', path: '/crates/', roles: ROLES },
  { method: 'GET', path: '/crates/0/', roles: ROLES },
  { method: 'POST', path: '/crates/', roles: SECTION },
  { method: 'PUT', path: '/crates/0/', roles: [...SECTION, ...STORE] },
  { method: 'DELETE', path: '/crates/0/', roles: STORE },
  { method: 'POST', path: '/crates/0/relocate/', roles: STORE },
  { method: 'GET', path: '/storage/', roles: ROLES },
  { method: 'POST', path: '/storage/', roles: STORE },
  { method: 'POST', path: '/storage/bulk-create/', roles: STORE },
  { method: 'PUT', path: '/storage/0/', roles: STORE },
  { method: 'DELETE', path: '/storage/0/', roles: STORE },
  { method: 'GET', path: '/audit/', roles: [] },
  { method: 'GET', path: '/dashboard/kpis/', roles: ROLES },
  { method: 'GET', path: '/units/', roles: ROLES },
  { method: 'GET', path: '/demo/pace/', roles: ROLES },
  { method: 'POST', path: '/demo/pace/', roles: ROLES },
];

describe('The demo’s REST API', () => {
  test('is closed to those who have not signed in', async () => {
    const { app } = await useDemo();
    for (const { method, path } of ENDPOINTS) {
      expect((await ask(app, method, path)).status, `${method} ${path}`).toBe(401);
      expect((await ask(app, method, path, { token: 'made up' })).status, `${method} ${path}`).toBe(401);
    }
  });

  test('lets each role do its own work only, and a System Admin everything', async () => {
    const demo = await useDemo();
    const admin = await visit(demo, 'amara');
    for (const { method, path, roles } of ENDPOINTS) {
      for (const role of ROLES) {
        const { access } = await visit(demo, ONE_OF[role]);
        const { status } = await ask(demo.app, method, path, { token: access });
        expect(status === 403, `${method} ${path} by a ${role}: ${status}`).toBe(!roles.includes(role));
      }
      const { status } = await ask(demo.app, method, path, { token: admin.access });
      expect(status, `${method} ${path} by a System Admin`).not.toBe(403);
    }
  });

  test('shows a unit its own rows, and a System Admin all of them', async () => {
    const demo = await useDemo();
    const [peter, amara] = [await visit(demo, 'peter'), await visit(demo, 'amara')];
    for (const path of ['/requests/', '/crates/', '/storage/']) {
      const own = (await peter.get(path)).body['results'] as { id: string; unit_id: string }[];
      const all = (await amara.get(path)).body['results'] as { id: string; unit_id: string }[];
      expect(new Set(own.map((row) => row.unit_id))).toEqual(new Set(['1']));
      expect(new Set(all.map((row) => row.unit_id))).toEqual(new Set(['1', '2', '3']));
      const ofTwo = (await amara.get(`${path}?unit=2`)).body['results'] as { unit_id: string }[];
      expect(new Set(ofTwo.map((row) => row.unit_id))).toEqual(new Set(['2']));
      expect((await peter.get(`${path}?unit=2`)).status).toBe(403);
      expect((await amara.get(`${path}?unit=99`)).status).toBe(400);
    }
    expect((await peter.get('/units/')).body).toEqual([{ id: '1', name: 'Finance' }]);
    expect((await amara.get('/units/')).body).toHaveLength(3);
    expect((await peter.get('/dashboard/kpis/')).body['unit_id']).toBe('1');
    expect((await amara.get('/dashboard/kpis/')).body['unit_id']).toBe(null);
    expect((await amara.get('/dashboard/kpis/?unit=3')).body['unit_id']).toBe('3');
  });

  test('says of another unit’s row that there is none, and takes none into a request', async () => {
    const demo = await useDemo();
    const [peter, leila] = [await visit(demo, 'peter'), await visit(demo, 'leila')];
    const noor = await visit(demo, 'noor');
    const request = await firstOf(noor, '/requests/?status=Pending');
    const [crate, place] = [await firstOf(noor, '/crates/'), await firstOf(noor, '/storage/')];
    const own = await firstOf(peter, '/crates/');
    const answers = [
      await peter.get(`/requests/${request['id']}/`),
      await peter.post(`/requests/${request['id']}/approve/`, SIGNED),
      await peter.get(`/crates/${crate['id']}/`),
      await peter.post(`/crates/${crate['id']}/relocate/`, { storage: place['id'] }),
      await peter.remove(`/crates/${crate['id']}/`),
      await peter.put(`/storage/${place['id']}/`, { room_name: 'Ours' }),
      await peter.remove(`/storage/${place['id']}/`),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    const named = [
      await peter.post(`/crates/${own['id']}/relocate/`, { storage: place['id'] }),
      await leila.post('/requests/destruction/', { crate: crate['id'] }),
    ];
    expect(named.map(({ status }) => status)).toEqual([400, 400]);
    expect((await noor.get(`/requests/${request['id']}/`)).body).toEqual(request);
  });

  test('hides the room of another unit in which a crate stands', async () => {
    const demo = await useDemo();
    const [amara, peter] = [await visit(demo, 'amara'), await visit(demo, 'peter')];
    const crate = await firstOf(peter, '/crates/');
    const place = await firstOf(amara, '/storage/?unit=2');
    const path = `/crates/${crate['id']}`;
    const moved = await amara.post(`${path}/relocate/`, { storage: place['id'] });
    expect(moved.body['storage']).toEqual(place);
    expect((await peter.get(`${path}/`)).body['storage']).toBe(null);
  });

  test('hides a crate that has gone to another unit since a request about it was finished', async () => {
    const demo = await useDemo();
    const [amara, peter] = [await visit(demo, 'amara'), await visit(demo, 'peter')];
    const all: Data[] = (await amara.get('/requests/?unit=1')).body['results'];
    const gone = all.filter(({ crate }) => crate !== null && crate.unit_id !== '1');
    expect(gone.length).toBeGreaterThan(0); // as the past of this seed has it
    for (const { id } of gone) expect((await peter.get(`/requests/${id}/`)).body['crate']).toBe(null);
    const own: Data[] = (await peter.get('/requests/')).body['results'];
    expect(own.filter(({ crate }) => crate !== null && crate.unit_id !== '1')).toEqual([]);
  });

  test('answers what does not exist, what is no JSON and what is too long', async () => {
    const demo = await useDemo();
    const leila = await visit(demo, 'leila');
    expect(await leila.get('/nothing/')).toEqual({ status: 404, body: { detail: 'Not found.' } });
    expect((await leila.get('/requests/constructor/')).status).toBe(404);
    expect((await leila.remove('/me/')).status).toBe(405);
    expect(await leila.post('/requests/storage/', '{"crate":')).toEqual({
      status: 400,
      body: { detail: 'The body is no JSON.' },
    });
    expect((await leila.post('/requests/storage/', { crate: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await leila.get('/me')).body['username']).toBe('leila');
  });
});
