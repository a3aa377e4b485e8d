/** Behaviour of the simulated DMS only. Its behaviour in common with Django's DMS is tested in `test/demo`. */
import { describe, expect, test } from 'vitest';
import { useSignedInRawClient } from '../support/clients.ts';
import { ask, useDemo, visit } from '../support/demo.ts';
import { useRedis } from '../support/redis.ts';

describe('Signing in to the simulated DMS', () => {
  test('gives a token that the REST API and the live server accept, with the lifetime of the setting', async () => {
    const demo = await useDemo({ DEMO_TOKEN_SECONDS: '60' });
    const { access } = await visit(demo, 'leila');
    const { iat, exp } = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString());
    expect(exp - iat).toBe(60);
    await useSignedInRawClient(demo.app, access);
  });

  test('is renewed by a refresh token, for the same user and unit; an empty refresh token is refused', async () => {
    const demo = await useDemo();
    const { refresh } = await visit(demo, 'leila');
    const renewed = await ask(demo.app, 'POST', '/token/refresh/', { body: { refresh } });
    const me = await ask(demo.app, 'GET', '/me/', { token: renewed.body['access'] });
    expect(me.body).toMatchObject({ username: 'leila', unit_id: '1' });
    const { status } = await ask(demo.app, 'POST', '/token/refresh/', { body: { refresh: '' } });
    expect(status).toBe(401);
  });

  test('slows the simulated colleagues down, unless a pace was chosen', async () => {
    const demo = await useDemo({ DEMO_PACE: '' });
    const visitor = await visit(demo, 'leila');
    expect((await visitor.get('/demo/pace/')).body).toEqual({ pace: 'calm' });
    expect((await visitor.post('/demo/pace/', { pace: 'busy' })).body).toEqual({ pace: 'busy' });
    await visit(demo, 'noor');
    expect((await visitor.get('/demo/pace/')).body).toEqual({ pace: 'busy' });
    expect((await visitor.post('/demo/pace/', { pace: 'hectic' })).status).toBe(400);
  });
});

describe.each(['memory', 'redis'])('Logging out, over %s', (bus) => {
  test('ends every token and every open socket of the session, and no other session’s', async () => {
    const demo = await useDemo(bus === 'redis' ? { REDIS_URL: (await useRedis()).url } : {});
    const { refresh, access, post, get } = await visit(demo, 'leila');
    const other = await visit(demo, 'leila');
    const { body } = await ask(demo.app, 'POST', '/token/refresh/', { body: { refresh } });
    const sockets = [
      await useSignedInRawClient(demo.app, access),
      await useSignedInRawClient(demo.app, body['access']),
    ];
    await useSignedInRawClient(demo.app, other.access);

    expect((await post('/logout/', { refresh })).status).toBe(205);
    for (const socket of sockets) expect((await socket.closed).code).toBe(4401);
    expect((await get('/me/')).status).toBe(401);
    expect((await ask(demo.app, 'GET', '/me/', { token: body['access'] })).status).toBe(401);
    expect((await ask(demo.app, 'POST', '/token/refresh/', { body: { refresh } })).status).toBe(401);
    expect((await other.get('/me/')).status).toBe(200);
    expect(demo.app.stats().sessions).toBe(1);
  });
});

test('A user cannot log another user out', async () => {
  const demo = await useDemo();
  const [leila, noor] = [await visit(demo, 'leila'), await visit(demo, 'noor')];
  expect((await leila.post('/logout/', { refresh: noor.refresh })).status).toBe(401);
  expect((await noor.get('/me/')).status).toBe(200);
});
