/** Behaviour of the simulated DMS only. Its behaviour in common with Django's DMS is tested in `test/demo`. */
import { describe, expect, test } from 'vitest';
import type { Data } from '../support/clients.ts';
import { ask, firstOf, SIGNED, useDemo, visit } from '../support/demo.ts';

const PACE = [
  ['GET', '/demo/pace/'],
  ['POST', '/demo/pace/'],
] as const;

describe('The simulated DMS’s REST API', () => {
  test('lets every signed-in user set the pace, and nobody else', async () => {
    const demo = await useDemo();
    for (const [method, path] of PACE) {
      expect((await ask(demo.app, method, path)).status).toBe(401);
      expect((await ask(demo.app, method, path, { token: 'made up' })).status).toBe(401);
    }
    for (const username of ['leila', 'tomas', 'grace', 'peter', 'amara']) {
      const { access: token } = await visit(demo, username);
      for (const [method, path] of PACE) {
        expect((await ask(demo.app, method, path, { token })).status).not.toBe(403);
      }
    }
  });

  test('refuses to list another unit, or a unit that does not exist', async () => {
    const demo = await useDemo();
    const [peter, amara] = [await visit(demo, 'peter'), await visit(demo, 'amara')];
    for (const path of ['/requests/', '/crates/', '/storage/']) {
      expect((await peter.get(`${path}?unit=2`)).status).toBe(403);
      expect((await amara.get(`${path}?unit=99`)).status).toBe(400);
    }
  });

  test('writes ids as strings', async () => {
    const demo = await useDemo();
    const [peter, amara] = [await visit(demo, 'peter'), await visit(demo, 'amara')];
    for (const path of ['/requests/', '/crates/', '/storage/']) {
      const own = (await peter.get(path)).body['results'] as { unit_id: string }[];
      const all = (await amara.get(path)).body['results'] as { unit_id: string }[];
      expect(new Set(own.map((row) => row.unit_id))).toEqual(new Set(['1']));
      expect(new Set(all.map((row) => row.unit_id))).toEqual(new Set(['1', '2', '3']));
    }
    expect((await peter.get('/units/')).body).toEqual([{ id: '1', name: 'Finance' }]);
    expect((await peter.get('/dashboard/kpis/')).body['unit_id']).toBe('1');
    expect((await amara.get('/dashboard/kpis/?unit=3')).body['unit_id']).toBe('3');
  });

  test('hides the location of a crate that stands in another unit’s room', async () => {
    const demo = await useDemo();
    const [amara, peter] = [await visit(demo, 'amara'), await visit(demo, 'peter')];
    const crate = await firstOf(peter, '/crates/');
    const place = await firstOf(amara, '/storage/?unit=2');
    const path = `/crates/${crate['id']}`;
    const moved = await amara.post(`${path}/relocate/`, { ...SIGNED, storage: place['id'] });
    expect(moved.body['storage']).toEqual(place);
    expect((await peter.get(`${path}/`)).body['storage']).toBe(null);
  });

  test('hides a crate that moved to another unit after a request about it was finished', async () => {
    const demo = await useDemo();
    const [amara, peter] = [await visit(demo, 'amara'), await visit(demo, 'peter')];
    const all: Data[] = (await amara.get('/requests/?unit=1')).body['results'];
    const gone = all.filter(({ crate }) => crate !== null && crate.unit_id !== '1');
    expect(gone.length).toBeGreaterThan(0); // the history of this seed contains such crates
    for (const { id } of gone) expect((await peter.get(`/requests/${id}/`)).body['crate']).toBe(null);
    const own: Data[] = (await peter.get('/requests/')).body['results'];
    expect(own.filter(({ crate }) => crate !== null && crate.unit_id !== '1')).toEqual([]);
  });

  test('says what is wrong: an unknown path, a body that is no JSON, a body that is too long', async () => {
    const demo = await useDemo();
    const leila = await visit(demo, 'leila');
    expect(await leila.get('/nothing/')).toEqual({ status: 404, body: { detail: 'Not found.' } });
    expect(await leila.post('/requests/storage/', '{"crate":')).toEqual({
      status: 400,
      body: { detail: 'The body is no JSON.' },
    });
    expect((await leila.post('/requests/storage/', { crate: 'x'.repeat(70_000) })).status).toBe(413);
  });
});
