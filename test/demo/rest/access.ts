/** The rights of each role. */
import { expect, test } from 'vitest';
import { ask, firstOf, SIGNED, visit } from '../../support/demo.ts';
import type { Dms } from '../support/dms.ts';
import { idOf, listOf, newCrate, unitOf } from '../support/rows.ts';

/** One person for each role, all of unit 1. */
const ONE_OF = { 'Section Head': 'leila', 'Section Clerk': 'tomas', QC: 'grace', 'Store Head': 'peter' };
type Role = keyof typeof ONE_OF;
const ROLES = Object.keys(ONE_OF) as Role[];
const SECTION: Role[] = ['Section Head', 'Section Clerk'];
const STORE: Role[] = ['Store Head'];

const ENDPOINTS: readonly { method: string; path: string; roles: readonly Role[] }[] = [
  { method: 'POST', path: '/logout/', roles: ROLES },
  { method: 'GET', path: '/me/', roles: ROLES },
  { method: 'GET', path: '/requests/', roles: ROLES },
  { method: 'GET', path: '/requests/counts/', roles: ROLES },
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
  { method: 'POST', path: '/crates/0/relocate/', roles: STORE },
  { method: 'GET', path: '/storage/', roles: ROLES },
  { method: 'POST', path: '/storage/', roles: STORE },
  { method: 'POST', path: '/storage/bulk-create/', roles: STORE },
  { method: 'PUT', path: '/storage/0/', roles: STORE },
  { method: 'DELETE', path: '/storage/0/', roles: STORE },
  { method: 'GET', path: '/audit/', roles: [] },
  { method: 'GET', path: '/audit/0/', roles: [] },
  { method: 'GET', path: '/audit/choices/', roles: [] },
  { method: 'POST', path: '/audit/export/', roles: [] },
  { method: 'GET', path: '/dashboard/kpis/', roles: ROLES },
  { method: 'GET', path: '/dashboard/trends/', roles: ROLES },
  { method: 'GET', path: '/dashboard/ages/', roles: ROLES },
  { method: 'GET', path: '/units/', roles: ROLES },
];
/** In Django's DMS the roles that create crates may also delete them. */
const DELETE_CRATE = { method: 'DELETE', path: '/crates/0/' };
const MAY_DELETE = { simulated: STORE, Django: [...SECTION, ...STORE] };

export function testAccess(dms: Dms): void {
  const endpoints = [...ENDPOINTS, { ...DELETE_CRATE, roles: MAY_DELETE[dms.name] }];

  test('requires a session', async () => {
    for (const { method, path } of endpoints) {
      expect((await ask(dms.app, method, path)).status, `${method} ${path}`).toBe(401);
      expect((await ask(dms.app, method, path, { token: 'made up' })).status, `${method} ${path}`).toBe(401);
    }
  });

  test('allows each role only its own actions, and a System Admin everything', async () => {
    const admin = await visit(dms, 'amara');
    for (const role of ROLES) {
      const { access } = await visit(dms, ONE_OF[role]);
      for (const { method, path, roles } of endpoints) {
        const { status } = await ask(dms.app, method, path, { token: access });
        expect(status === 403, `${method} ${path} by a ${role}: ${status}`).toBe(!roles.includes(role));
      }
    }
    for (const { method, path } of endpoints) {
      const { status } = await ask(dms.app, method, path, { token: admin.access });
      expect(status, `${method} ${path} by a System Admin`).not.toBe(403);
    }
  });

  test('shows people the rows of their unit, and a System Admin all rows', async () => {
    const [peter, amara] = [await visit(dms, 'peter'), await visit(dms, 'amara')];
    for (const path of ['/requests/', '/crates/', '/storage/']) {
      expect(new Set((await listOf(peter, path)).map(unitOf))).toEqual(new Set(['1']));
      expect(new Set((await listOf(amara, path)).map(unitOf))).toEqual(new Set(['1', '2', '3']));
      expect(new Set((await listOf(amara, `${path}?unit=2`)).map(unitOf))).toEqual(new Set(['2']));
    }
    for (const path of ['/requests/', '/storage/', '/dashboard/trends/']) {
      const asked = [peter.get(`${path}?unit=2`), peter.get(`${path}?unit=1`), amara.get(`${path}?unit=9`)];
      expect(
        (await Promise.all(asked)).map(({ status }) => status),
        path,
      ).toEqual([403, 200, 400]);
    }
    const { body: units } = await peter.get('/units/');
    expect(units['map'](({ id, name }: Record<string, unknown>) => [String(id), name])).toEqual([
      ['1', 'Finance'],
    ]);
    expect((await amara.get('/units/')).body['map'](idOf)).toEqual(['1', '2', '3']);
    expect(unitOf((await peter.get('/dashboard/kpis/')).body)).toBe('1');
    expect(unitOf((await amara.get('/dashboard/kpis/')).body)).toBe(null);
    expect(unitOf((await amara.get('/dashboard/kpis/?unit=3')).body)).toBe('3');
  });

  test('answers 404 for another unit’s row, and rejects it in a request', async () => {
    const [peter, leila, noor] = [
      await visit(dms, 'peter'),
      await visit(dms, 'leila'),
      await visit(dms, 'noor'),
    ];
    const request = await firstOf(noor, '/requests/?status=Pending');
    const [crate, place] = [await firstOf(noor, '/crates/'), await firstOf(noor, '/storage/')];
    const own = await newCrate(leila);
    const answers = [
      await peter.get(`/requests/${request['id']}/`),
      await peter.post(`/requests/${request['id']}/approve/`, SIGNED),
      await peter.get(`/crates/${crate['id']}/`),
      await peter.put(`/crates/${crate['id']}/`, { status: 'Archived' }),
      await peter.post(`/crates/${crate['id']}/relocate/`, { ...SIGNED, storage: place['id'] }),
      await peter.remove(`/crates/${crate['id']}/`),
      await peter.put(`/storage/${place['id']}/`, { room_name: 'Ours' }),
      await peter.remove(`/storage/${place['id']}/`),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    const named = [
      await peter.post(`/crates/${own['id']}/relocate/`, { ...SIGNED, storage: place['id'] }),
      await leila.post('/requests/destruction/', { crate: crate['id'] }),
      await leila.post('/requests/withdrawal/', { crate: crate['id'], expected_return_date: '2027-01-31' }),
    ];
    expect(named.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect((await noor.get(`/requests/${request['id']}/`)).body).toEqual(request);
    expect((await (await visit(dms, 'amara')).get(`/requests/${request['id']}/`)).status).toBe(200);
  });

  test('answers 404 for an unknown path, and 400 for invalid JSON', async () => {
    const leila = await visit(dms, 'leila');
    expect((await leila.get('/nothing/')).status).toBe(404);
    expect((await leila.get('/requests/constructor/')).status).toBe(404);
    expect((await leila.remove('/me/')).status).toBe(405);
    const { status, body } = await leila.post('/requests/storage/', '{"crate":');
    expect([status, typeof body['detail']]).toEqual([400, 'string']);
    expect((await leila.get('/me')).body['username']).toBe('leila');
  });
}
