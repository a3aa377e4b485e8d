/** Sign-in and sign-out. */
import { expect, test } from 'vitest';
import { ask, visit } from '../../support/demo.ts';
import type { Dms } from '../support/dms.ts';
import { unitOf } from '../support/rows.ts';

export function testSessions(dms: Dms): void {
  test('all people sign in with their first name and the same password', async () => {
    const { body: people } = await ask(dms.app, 'GET', '/demo-users/');
    expect(people).toHaveLength(13);
    for (const person of people as Record<string, string>[]) {
      const visitor = await visit(dms, person['username'] ?? '');
      expect((await visitor.get('/me/')).body).toMatchObject(person);
    }
  });

  test('each person has a name, a role and a unit', async () => {
    const { body } = await (await visit(dms, 'leila')).get('/me/');
    expect(body).toMatchObject({ username: 'leila', name: 'Leila Haddad', role: 'Section Head' });
    expect(unitOf(body)).toBe('1');
  });

  test.each([
    { username: 'leila', password: 'wrong' },
    { username: 'nobody', password: 'demo' },
  ])('sign-in is refused for $username with $password', async (credentials) => {
    const { status, body } = await ask(dms.app, 'POST', '/token/', { body: credentials });
    expect([status, body]).toEqual([401, { detail: 'No active account found with the given credentials' }]);
  });

  test('only the refresh token renews a session', async () => {
    const { refresh, access } = await visit(dms, 'leila');
    const renewed = await ask(dms.app, 'POST', '/token/refresh/', { body: { refresh } });
    const me = await ask(dms.app, 'GET', '/me/', { token: renewed.body['access'] });
    expect(me.body).toMatchObject({ username: 'leila' });
    expect(unitOf(me.body)).toBe('1');
    for (const wrong of [access, 'no token']) {
      const { status } = await ask(dms.app, 'POST', '/token/refresh/', { body: { refresh: wrong } });
      expect(status).toBe(401);
    }
    expect((await ask(dms.app, 'GET', '/me/', { token: refresh })).status).toBe(401);
  });

  test('sign-out ends the refresh token, and other sessions continue', async () => {
    const { refresh, post } = await visit(dms, 'leila');
    const other = await visit(dms, 'leila');
    expect((await post('/logout/', { refresh })).status).toBe(205);
    expect((await ask(dms.app, 'POST', '/token/refresh/', { body: { refresh } })).status).toBe(401);
    expect((await other.get('/me/')).status).toBe(200);
    const { status } = await ask(dms.app, 'POST', '/token/refresh/', { body: { refresh: other.refresh } });
    expect(status).toBe(200);
  });
}
