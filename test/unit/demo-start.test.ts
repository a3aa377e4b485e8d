import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readDemoConfig } from '../../demo/server/src/start-demo.ts';
import { post, useStream } from '../support/clients.ts';
import { useDemo } from '../support/demo.ts';
import { useRedis } from '../support/redis.ts';

describe('The demo', () => {
  test('signs in the three people that it lists', async () => {
    const { app, users, greeting } = await useDemo();
    const viewers = await Promise.all(
      users.map(async ({ token }) => {
        expect(greeting).toContain(token);
        return (await post(app, '{ viewer { role unitId isAdmin } }', { token })).body.data?.['viewer'];
      }),
    );
    expect(viewers).toEqual([
      { role: 'System Admin', unitId: null, isAdmin: true },
      { role: 'Section Head', unitId: '1', isAdmin: false },
      { role: 'Store Head', unitId: '2', isAdmin: false },
    ]);
  });

  test('signs tokens that the server accepts, with any token settings', async () => {
    const settings = { JWT_ALGORITHMS: 'HS512', JWT_ISSUER: 'dms', JWT_AUDIENCE: 'live', CLAIM_UNIT: 'unit' };
    const { app, users } = await useDemo(settings);
    const { body } = await post(app, '{ viewer { unitId } }', { token: users[1]?.token ?? '' });
    expect(body.data).toEqual({ viewer: { unitId: '1' } });
  });

  test('has KPIs at once, and sends requests of its Section Head back', async () => {
    const { app, users } = await useDemo({ DEMO_PACE: 'busy' });
    const token = users[1]?.token ?? '';
    const { body } = await post(app, '{ dashboardKpis { unitId requestsByType { count } } }', { token });
    expect(body.data?.['dashboardKpis']).toMatchObject({ unitId: '1' });
    const query =
      'subscription { sendBackCreated(mine: true) { sendBack { request { createdBy { id } } } } }';
    const stream = await useStream(app, query, token);
    expect((await stream.next())?.data?.data).toEqual({
      sendBackCreated: { sendBack: { request: { createdBy: { id: '101' } } } },
    });
  });

  test('runs over a Redis, and shows how to publish there', async () => {
    const redis = await useRedis();
    const { app, users, greeting } = await useDemo({
      REDIS_URL: redis.url,
      TOPIC_PREFIX: 'demo',
      DEMO_PACE: '',
    });
    expect(greeting).toContain(`redis-cli -h 127.0.0.1 -p ${redis.port} PUBLISH demo:request:unit:1 `);
    const stream = await useStream(app, 'subscription { auditLogged { id } }', users[0]?.token);
    expect((await stream.next())?.event).toBe('next');
  });

  test('prints the addresses and the people to sign in as', async () => {
    const { app, greeting } = await useDemo();
    expect(greeting).toContain(`Open ${app.url} `);
    for (const username of ['amara', 'leila', 'noor'])
      expect(greeting).toMatch(new RegExp(`^  ${username} `, 'm'));
    expect(greeting).toContain(`${app.url}/graphql?as=store-head`);
  });

  test.each([
    ['DEMO_PACE', 'hectic'],
    ['DEMO_TOKEN_SECONDS', '0'],
    ['DEMO_SEED', '-1'],
  ])('refuses %s=%s with a message', (setting, value) => {
    expect(() => readDemoConfig({ [setting]: value })).toThrow(setting);
  });

  test.each(['JWT_PUBLIC_KEY', 'JWT_JWKS_URL', 'SCHEMA'])('cannot have %s, and prints why', (setting) => {
    expect(() => readDemoConfig({ [setting]: 'https://dms.example.org/keys' })).toThrow(setting);
  });
});

describe('The demo’s process', () => {
  function start(settings: Record<string, string>) {
    const child = spawn(process.execPath, ['demo/server/dist/main.js'], {
      env: { ...process.env, ...settings },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }

  test('reports a port that is in use in one line', async () => {
    const { app } = await useDemo();
    const { port } = new URL(app.url);
    const child = start({ PORT: port });
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(complaint).toBe(`Port ${port} is taken. Choose another: PORT=${Number(port) + 1} npm run demo\n`);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('exits cleanly on %s', async (signal) => {
    const child = start({ PORT: '0' });
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([0, null]);
  });
});
