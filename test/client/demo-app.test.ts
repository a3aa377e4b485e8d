import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { useDemo, visit } from '../support/demo.ts';
import { useRedis } from '../support/redis.ts';
import { approve, makeRequest, sendBack } from './support/demo-work.ts';
import { sit } from './support/seat.ts';

const chromium = useChromium();

/** A demo over its own Redis. */
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

/** Several pages at once take long on a busy machine. */
describe('In the demo app', { timeout: 90_000 }, () => {
  test('people of a unit see each other’s work at once, people of another unit see nothing, and an admin sees everything', async () => {
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
    // When the next event of their own unit has arrived, all earlier events have arrived too.
    await approve(noor, elsewhere);
    for (const { row } of [stranger, admin]) {
      await row(elsewhere).getByText('Approved', { exact: true }).waitFor();
    }
    expect(stranger.received.filter((frame) => frame.includes(`"${id}"`))).toEqual([]);
    expect(stranger.received.filter((frame) => frame.includes('Peter Osei'))).toEqual([]);
    expect(head.received.filter((frame) => frame.includes(`"${elsewhere}"`))).toEqual([]);
    expect(await stranger.row(id).count()).toBe(0);
    // The person who approved has fetched the opened request. The list has seen the event of the approval, so it is not fetched.
    await store.quiet();
    expect([...store.asked].sort()).toEqual([
      `GET /api/requests/${id}/`,
      `GET /api/requests/${id}/send-backs/`,
      `POST /api/requests/${id}/approve/`,
    ]);
    // The event has all data of the changed row, so pages that only watch fetch nothing.
    for (const { asked } of [head, stranger, admin]) expect(asked).toEqual([]);
  });

  test('only the creator of a request is notified that it was sent back', async () => {
    const demo = await useDemoOverRedis();
    const [leila, grace] = [await visit(demo, 'leila'), await visit(demo, 'grace')];
    const [id, own] = [await makeRequest(leila), await makeRequest(await visit(demo, 'tomas'))];
    const [head, clerk] = [await sit(chromium, demo.app, 'leila'), await sit(chromium, demo.app, 'tomas')];

    await sendBack(grace, id, 'Which year is it?');
    await head.toast(`Request ${id} was sent back to you`).getByText('Which year is it?').waitFor();
    await clerk.row(id).getByText('Sent Back', { exact: true }).waitFor();

    // This one is the clerk's. It shows that the first one did not arrive here.
    await sendBack(grace, own, 'Whose is it?');
    await clerk.toast(`Request ${own} was sent back to you`).waitFor();
    expect(await clerk.toast(`Request ${id}`).count()).toBe(0);
    await head.row(own).getByText('Sent Back', { exact: true }).waitFor();
    expect(await head.toast(`Request ${own}`).count()).toBe(0);
    await head.toast(`Request ${id}`).getByRole('button', { name: 'Open' }).click();
    await head.page.getByRole('dialog', { name: `Request ${id}` }).waitFor();
  });

  test('rows stay in their places while somebody points at them: new ones wait, and one that leaves is marked', async () => {
    const demo = await useDemoOverRedis();
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const [first, second] = [await makeRequest(leila), await makeRequest(leila)];
    const { page, row } = await sit(chromium, demo.app, 'tomas', { path: '/#/requests?status=Pending' });
    const top = page.getByRole('row').nth(1);
    await row(second).hover();
    await row(second).hover({ position: { x: 300, y: 20 } }); // a pointer that only rests holds nothing
    await approve(peter, second);
    await row(second).getByText('Approved by Peter Osei – no longer in this list').waitFor();
    const third = await makeRequest(leila);
    const pill = page.getByRole('button', { name: '1 new' });
    await pill.waitFor();
    expect([await row(third).count(), await top.innerText()]).toEqual([0, expect.stringContaining(second)]);
    await pill.click();
    await top.getByText(third, { exact: true }).waitFor();
    expect([await row(second).count(), await pill.count()]).toEqual([0, 0]);
    // Without a pointer they come and go as ever.
    await page.mouse.move(0, 0);
    await approve(peter, third);
    await row(third).waitFor({ state: 'detached' });
    expect(await row(first).count()).toBe(1);
  });

  test('a new rack appears at once in the store after one fetch, and in the audit trail', async () => {
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

  test('the dashboard updates its counts without a fetch, and the panel of `?devtools` says so', async () => {
    const demo = await useDemoOverRedis();
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const before = Number((await leila.get('/dashboard/kpis/')).body['pending_approvals']);
    const seat = await sit(chromium, demo.app, 'leila', { path: '/?devtools#/dashboard' });
    const waiting = seat.page.getByRole('link', { name: /^Waiting for approval/ });
    const id = await makeRequest(leila);
    await waiting.getByText(String(before + 1), { exact: true }).waitFor();
    await approve(peter, id);
    await waiting.getByText(String(before), { exact: true }).waitFor();
    await seat.quiet();
    expect(seat.asked.filter((call) => call.includes('kpis'))).toEqual([]);
    await seat.page.getByRole('button', { name: 'Live devtools: live' }).click();
    const panel = seat.page.getByRole('dialog', { name: 'Live devtools' });
    await panel
      .getByText(/"dashboard".*: patched\./)
      .first()
      .waitFor();
  });
});
