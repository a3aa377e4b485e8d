import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { useDemo, visit } from '../support/demo.ts';
import { useRedis } from '../support/redis.ts';
import { approve, makeRequest, sendBack } from './support/demo-work.ts';
import { sit } from './support/seat.ts';

const chromium = useChromium();

/** A demo over a Redis of its own. */
async function useDemoOverRedis() {
  const redis = await useRedis();
  return useDemo({ REDIS_URL: redis.url });
}

/** Approves a request as a person does: opens it, presses the button, signs. */
async function approveByHand(page: Page, id: string): Promise<void> {
  await page.getByRole('button', { name: id, exact: true }).click();
  await page.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog', { name: `Approve request ${id}` });
  await dialog.getByLabel('Digital signature').fill('demo');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** Several pages at once: on a busy machine that takes its time. */
describe('In the demo app', { timeout: 90_000 }, () => {
  test('people of one unit see each other’s work at once, those of another nothing, an admin everything', async () => {
    const demo = await useDemoOverRedis();
    const [leila, ravi, noor] = [
      await visit(demo, 'leila'),
      await visit(demo, 'ravi'),
      await visit(demo, 'noor'),
    ];
    const id = await makeRequest(leila);
    const elsewhere = await makeRequest(ravi);
    const [head, store, stranger, admin] = await Promise.all(
      ['leila', 'peter', 'noor', 'amara'].map((username) => sit(chromium, demo.app, username)),
    );
    if (!head || !store || !stranger || !admin) throw new Error('somebody is missing');

    await approveByHand(store.page, id);
    for (const { row } of [head, store, admin]) {
      await row(id).getByText('Approved', { exact: true }).waitFor();
      await row(id).getByText('Peter Osei', { exact: true }).waitFor();
    }
    // When the next thing of their own unit has arrived, all that came before it would have.
    await approve(noor, elsewhere);
    for (const { row } of [stranger, admin]) {
      await row(elsewhere).getByText('Approved', { exact: true }).waitFor();
    }
    expect(stranger.received.filter((frame) => frame.includes(`"${id}"`))).toEqual([]);
    expect(stranger.received.filter((frame) => frame.includes('Peter Osei'))).toEqual([]);
    expect(head.received.filter((frame) => frame.includes(`"${elsewhere}"`))).toEqual([]);
    expect(await stranger.row(id).count()).toBe(0);
    // Whoever did it has asked for what was opened, and once for the list: the event is no second reason.
    await store.quiet();
    expect([...store.asked].sort()).toEqual([
      'GET /api/requests/',
      `GET /api/requests/${id}/`,
      `GET /api/requests/${id}/send-backs/`,
      `POST /api/requests/${id}/approve/`,
    ]);
    // A change of rows that are there was told by the event: nobody who only watched asked for anything.
    for (const { asked } of [head, stranger, admin]) expect(asked).toEqual([]);
  });

  test('a request sent back is notified to whoever made it, and to nobody else', async () => {
    const demo = await useDemoOverRedis();
    const [leila, grace] = [await visit(demo, 'leila'), await visit(demo, 'grace')];
    const [id, own] = [await makeRequest(leila), await makeRequest(await visit(demo, 'tomas'))];
    const [head, clerk] = [await sit(chromium, demo.app, 'leila'), await sit(chromium, demo.app, 'tomas')];

    await sendBack(grace, id, 'Which year is it?');
    await head.toast(`Request ${id} was sent back to you`).getByText('Which year is it?').waitFor();
    await clerk.row(id).getByText('Sent Back', { exact: true }).waitFor();

    // The next one is the clerk's: only now is it certain that the first did not come.
    await sendBack(grace, own, 'Whose is it?');
    await clerk.toast(`Request ${own} was sent back to you`).waitFor();
    expect(await clerk.toast(`Request ${id}`).count()).toBe(0);
    await head.row(own).getByText('Sent Back', { exact: true }).waitFor();
    expect(await head.toast(`Request ${own}`).count()).toBe(0);
    await head.toast(`Request ${id}`).getByRole('button', { name: 'Open' }).click();
    await head.page.getByRole('dialog', { name: `Request ${id}` }).waitFor();
  });

  test('a rack that is added appears at once in the store, asked for once, and in the audit trail', async () => {
    const demo = await useDemoOverRedis();
    const [store, clerk, admin] = [
      await sit(chromium, demo.app, 'peter', { path: '/#/storage' }),
      await sit(chromium, demo.app, 'tomas', { path: '/#/storage' }),
      await sit(chromium, demo.app, 'amara', { path: '/#/audit' }),
    ];
    await store.page.getByRole('button', { name: 'Add a rack' }).click();
    const dialog = store.page.getByRole('dialog', { name: 'Add a rack' });
    await dialog.getByLabel('Room').fill('Cellar');
    await dialog.getByLabel('Rack').fill('Long');
    await dialog.getByLabel('Compartments').fill('10');
    await dialog.getByLabel('Shelves in each').fill('12');
    await dialog.getByRole('button', { name: 'Add 120 places' }).click();

    for (const { page } of [store, clerk]) {
      await page.getByRole('region', { name: 'Cellar' }).getByText('120 places').waitFor();
    }
    await clerk.quiet();
    expect(clerk.asked).toEqual(['GET /api/storage/']);
    const newest = admin.page.getByRole('row').nth(1);
    await newest.filter({ hasText: 'Storage bulk created' }).filter({ hasText: 'Peter Osei' }).waitFor();
  });

  test('the dashboard counts along, without asking', async () => {
    const demo = await useDemoOverRedis();
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const before = Number((await leila.get('/dashboard/kpis/')).body['pending_approvals']);
    const seat = await sit(chromium, demo.app, 'leila', { path: '/#/dashboard' });
    const waiting = seat.page.getByRole('link', { name: /^Waiting for approval/ });
    const id = await makeRequest(leila);
    await waiting.getByText(String(before + 1), { exact: true }).waitFor();
    await approve(peter, id);
    await waiting.getByText(String(before), { exact: true }).waitFor();
    await seat.quiet();
    expect(seat.asked.filter((call) => call.includes('kpis'))).toEqual([]);
  });
});
