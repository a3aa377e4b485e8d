import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { startDjangoDemo } from '../../demo/server/src/django/start-django-demo.ts';
import { ConfigError } from '../../src/config/config.ts';
import { useChromium } from '../browser/browser.ts';
import { sit } from '../client/support/seat.ts';
import { post, subscribed, useClient } from '../support/clients.ts';
import { useDjangoOffice } from './support/office.ts';
import { signIn } from './support/person.ts';

const chromium = useChromium();

const SETTINGS = { PORT: '0', HOST: '127.0.0.1', SHUTDOWN_SECONDS: '1', LOG_LEVEL: 'silent' };

test('the demo with Django: sign in, work and watch at one address; its colleagues work too; no process is left', async () => {
  const demo = await startDjangoDemo(SETTINGS);
  let isOver = false;
  const close = async (): Promise<void> => {
    if (!isOver) await demo.close();
    isOver = true;
  };
  onTestFinished(close);
  const { app, users, greeting } = demo;
  expect(greeting).toContain(`Open ${app.url} `);

  const [keeper, admin] = [await signIn(app, 'peter'), await signIn(app, 'amara')];
  const client = useClient(app, admin.token);
  const events = await subscribed(client, 'subscription { storageUpdated { locations { roomName } } }');
  const rack = { room_name: 'Vault', rack_name: 'K', compartments: 1, shelves: 1 };
  await keeper.postMany('storage/bulk-create/', rack);
  expect(await events.data()).toEqual({ storageUpdated: { locations: [{ roomName: 'Vault' }] } });

  const audit = client.run('subscription { auditLogged { entry { user { id } } } }');
  expect(Object.keys((await audit.data())['auditLogged'].entry)).toEqual(['user']); // an entry of a colleague

  const { body } = await post(app, '{ viewer { name role } }', { token: users[1]?.token ?? '' });
  expect(body.data).toEqual({ viewer: { name: 'Leila Haddad', role: 'Section Head' } });
  expect((await fetch(`${app.url}/admin/login/`)).status).toBe(200);

  const port = Number(/Redis at 127\.0\.0\.1:(\d+)/.exec(greeting)?.[1]);
  await close();
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  await expect(redis.connect()).rejects.toThrow();
  await expect(fetch(app.url)).rejects.toThrow('fetch failed');
}, 120_000);

test('the demo app works on Django as on the simulated DMS: an approval by one user is shown to the other', async () => {
  const { app } = await useDjangoOffice(); // the test above starts a whole demo, which takes long
  const head = await sit(chromium, app, 'leila');
  const store = await sit(chromium, app, 'peter');
  const { results } = await (await signIn(app, 'leila')).get('requests/?status=Pending');
  const id = `${results[0].id}`;
  await store.page.getByRole('button', { name: id, exact: true }).click();
  await store.page.getByRole('button', { name: 'Approve', exact: true }).click();
  const dialog = store.page.getByRole('dialog', { name: `Approve request ${id}` });
  await dialog.getByLabel('Digital signature').fill('demo');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await head.row(id).getByText('Approved', { exact: true }).waitFor();
  await head.row(id).getByText('Peter Osei', { exact: true }).waitFor({ state: 'attached' }); // narrow pages hide the column
  expect(head.asked).toEqual([]); // the event contained everything
}, 120_000);

test('the demo with Django refuses settings that its DMS would not know', async () => {
  await expect(startDjangoDemo({ ...SETTINGS, JWT_ISSUER: 'dms' })).rejects.toThrow(ConfigError);
});
