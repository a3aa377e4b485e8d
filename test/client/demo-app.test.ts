import { readFile } from 'node:fs/promises';
import type { Page, Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useChromium } from '../browser/browser.ts';
import { SHELF } from '../demo/support/rows.ts';
import { type Data, Queue } from '../support/clients.ts';
import { SIGNED, useDemo, type Visitor, visit } from '../support/demo.ts';
import { useRedis } from '../support/redis.ts';
import { approve, makeRequest, makeRequests, newCrate, newPlace, sendBack } from './support/demo-work.ts';
import { type Seat, sit } from './support/seat.ts';

const chromium = useChromium();

/** A demo over its own Redis. */
async function useDemoOverRedis() {
  const redis = await useRedis();
  return useDemo({ REDIS_URL: redis.url });
}

/** Approves a request as a person does: opens it, presses the button, signs. */
async function approveByHand(page: Page, id: string, whileAsked = async () => {}): Promise<void> {
  await page.getByRole('button', { name: id, exact: true }).click();
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Approve request ${id}` });
  await whileAsked();
  await dialog.getByLabel('Digital signature').fill('demo');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await dialog.waitFor({ state: 'detached' });
}

async function eachInTurn(keys: readonly string[], press: (key: string) => Promise<void>): Promise<void> {
  for (const key of keys) await press(key);
}

/** Records what alerts say. The returned function gives what they have said since its last call. */
async function watchAlerts(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const said = new Set<string>();
    const listen = () => {
      for (const { textContent } of document.querySelectorAll('form [role="alert"]'))
        if (textContent) said.add(textContent);
    };
    new MutationObserver(listen).observe(document, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { said });
  });
  return () =>
    page.evaluate(() => {
      const said = Reflect.get(window, 'said');
      const words = [...said];
      said.clear();
      return words;
    });
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

/** However wide the page is, its toast stands over no button and no field, but for those of the rows. */
async function coversNothing({ page, toast }: Seat): Promise<void> {
  const shown = toast(/./).first();
  await shown.hover(); // it stays for as long
  for (const width of [390, 768, 1024, 1440, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
    const box = await shown.boundingBox();
    if (box === null) throw new Error('there is no toast');
    const controls = page
      .locator('header, nav, main')
      .locator('a, button:not([data-row-button]), input, select');
    for (const control of await controls.and(page.locator(':visible')).all()) {
      const other = await control.boundingBox();
      if (other !== null)
        expect(overlap(box, other), `${width}: ${await control.ariaSnapshot()}`).toBe(false);
    }
  }
}

/** As an auditor does: filters, opens an entry and what it is about, and exports. */
async function readTrail(seat: Seat, peter: Visitor): Promise<void> {
  const { page } = seat;
  const newest = page.getByRole('row').nth(1);
  await page.getByLabel('Who', { exact: true }).selectOption('Peter Osei');
  await page.getByLabel('Action', { exact: true }).selectOption('Storage created');
  await page.getByText('New entries appear at the top.').waitFor();
  await seat.quiet();
  seat.forget();
  // An entry that does not fit fetches nothing; one that fits comes in at the top.
  await peter.post('/storage/bulk-create/', { room_name: 'A', rack_name: 'R', compartments: 1, shelves: 2 });
  const { body: place } = await peter.post('/storage/', SHELF);
  await newest.filter({ hasText: `Storage place ${place['id']}` }).waitFor();
  await seat.quiet();
  expect(seat.asked).toEqual(['GET /api/audit/']);

  await newest.getByRole('button').click();
  const sheet = page.getByRole('dialog', { name: 'Audit entry' });
  await sheet.getByText('10.0.1.4').waitFor();
  await sheet.getByRole('link', { name: `Storage place ${place['id']}` }).waitFor();
  await peter.remove(`/storage/${place['id']}/`);
  await sheet.getByText(`Storage place ${place['id']} (does not exist any more)`).waitFor();

  await sheet.getByRole('button', { name: 'Close' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const name = (await download).suggestedFilename();
  expect(name).toMatch(/^audit-trail_.*_all-units_user-104_storage-created\.csv$/);
  const lines = (await readFile(await (await download).path(), 'utf8')).trimEnd().split('\r\n');
  expect(lines).toContain('"Who","Peter Osei"');

  // A period that is over says so, and is not called live.
  await page.getByLabel('To', { exact: true }).fill('2020-01-31');
  await page.getByText('The period is over, so no new entries appear.').waitFor();
  await page.getByText('No entries fit these filters').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).first().click();
  await newest.filter({ hasText: 'Audit trail exported' }).filter({ hasText: 'Amara Okafor' }).waitFor();
  const older = page.getByRole('button', { name: /^(Load older entries|Loading…)$/ }); // until they are there
  await older.click();
  await older.waitFor({ state: 'detached' });
  const [, entries] =
    /^(\d+) entries$/.exec((await page.getByText(/^\d+ entries$/).textContent()) ?? '') ?? [];
  expect(await page.getByRole('row').count()).toBe(1 + Number(entries)); // the whole trail, each entry once
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

    const face = (what: string) => ({ name: `Peter Osei is ${what} this` });
    await approveByHand(store.page, id, async () => {
      for (const { row } of [head, admin]) await row(id).getByRole('img', face('approving')).waitFor();
    });
    for (const { row } of [head, admin]) await row(id).getByRole('img', face('looking at')).waitFor();
    expect(await store.page.getByRole('img', { name: 'Peter Osei' }).count()).toBe(0); // nobody sees the own face
    for (const { row } of [head, store, admin]) {
      await row(id).getByText('Approved', { exact: true }).waitFor();
      await row(id).getByText('Peter Osei', { exact: true }).waitFor({ state: 'attached' }); // narrow pages hide the column
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

  test('a dialog says at once what colleagues did meanwhile, keeps what was typed, and never reports the own action', async () => {
    const demo = await useDemoOverRedis();
    const [leila, amara] = [await visit(demo, 'leila'), await visit(demo, 'amara')];
    const [id = '', other = '', lost = ''] = await makeRequests(leila, 3);
    const path = `/#/requests?status=Pending&open=${id}`;
    const mayLog = /status of 404|net::ERR_|WebSocket connection to/;
    const { page, ...seat } = await sit(chromium, demo.app, 'peter', { path, mayLog });
    const alerts = await watchAlerts(page);

    await page.getByRole('button', { name: 'Reject' }).click();
    const dialog = page.getByRole('dialog', { name: `Reject request ${id}` });
    await dialog.getByText('This cannot be undone.').waitFor();
    await dialog.getByLabel('Digital signature').fill('demo');
    await dialog.getByLabel('Reason').fill('We keep it.');
    await approve(amara, id); // its row leaves the list
    await dialog.getByText(/^Approved by Amara Okafor at \d\d:\d\d$/).waitFor();
    await dialog.getByText('It can no longer be rejected.').waitFor();
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('We keep it.');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('reason');
    seat.forget();
    await dialog.getByLabel('Digital signature').press('Enter');
    await dialog.getByRole('button', { name: 'Reject' }).click({ force: true });
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });
    expect(seat.asked.filter((call) => call.startsWith('POST'))).toEqual([]);
    expect(await alerts()).toEqual([expect.stringContaining('Approved by Amara Okafor')]);

    await page.getByRole('button', { name: 'Close' }).click();
    await approveByHand(page, other);
    expect(await alerts()).toEqual([]);

    // Its crate is moved, the page is offline, and then the answer of what it sends is lost.
    const place = await newPlace(amara);
    const { crate } = (await amara.get(`/requests/${lost}/`)).body;
    await seat.row(lost).getByRole('button', { name: lost, exact: true }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    const approval = page.getByRole('dialog', { name: `Approve request ${lost}` });
    await approval.getByLabel('Digital signature').fill('demo');
    const hanging = new Queue<Route>();
    await page.route('**/approve/', (route) => hanging.push(route));
    await approval.getByRole('button', { name: 'Approve' }).click();
    const hung = await hanging.next();
    await approval.getByRole('button', { name: 'Cancel' }).click();
    await hung.abort();
    await seat
      .toast(`Request ${lost}`)
      .getByText(/We do not know whether it was saved\./)
      .waitFor();
    await page.unroute('**/approve/');
    await page.getByRole('button', { name: 'Approve' }).click();
    await approval.getByLabel('Digital signature').fill('demo');
    await amara.post(`/crates/${crate.id}/relocate/`, { ...SIGNED, storage: await newPlace(amara) });
    await approval.getByText(/^Relocated by Amara Okafor at/).waitFor();
    await page.context().setOffline(true);
    await approval.getByRole('button', { name: 'Approve' }).click();
    await approval.getByText('You are offline. Nothing was sent.').waitFor();
    await page.context().setOffline(false);
    await page.route('**/approve/', (route) => route.abort());
    await approval.getByRole('button', { name: 'Approve' }).click();
    await approval.getByText(/We do not know whether it was saved\./).waitFor();
    await page.unroute('**/approve/');
    await approve(amara, lost);
    await approval.getByText('It can no longer be approved.').waitFor();
    expect(await approval.getByText(/We do not know/).count()).toBe(0);
    await approval.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Close' }).click();

    // A crate that is deleted, and a place that somebody takes.
    const [gone, rival] = [await newCrate(leila), await newCrate(leila)];
    await seat.goTo('Crates');
    await page.getByRole('button', { name: gone, exact: true }).click();
    await page.getByRole('button', { name: 'Relocate' }).click();
    const relocate = page.getByRole('dialog', { name: `Relocate crate ${gone}` });
    await relocate.getByLabel('Storage place').selectOption(place);
    await amara.post(`/crates/${rival}/relocate/`, { ...SIGNED, storage: place });
    await relocate.getByText(`Crate ${rival} stands there now, relocated by Amara Okafor at`).waitFor();
    expect(await relocate.getByLabel('Storage place').inputValue()).toBe(place);
    const refused = page.waitForResponse((answer) => answer.status() === 404); // the sheet fetches the crate
    await amara.remove(`/crates/${gone}/`);
    await relocate.getByText(/^Deleted by Amara Okafor at/).waitFor();
    await refused;
    expect(await relocate.getByRole('button', { name: 'Relocate' }).getAttribute('aria-disabled')).toBe(
      'true',
    );
    await relocate.getByRole('button', { name: 'Close' }).last().click();
    await page.goto(`${demo.app.url}/#/crates`);

    // What was done although its answer was lost is known by its event, and by nothing else.
    await page.getByRole('button', { name: rival, exact: true }).click();
    await page.getByRole('button', { name: 'Relocate' }).click();
    const move = page.getByRole('dialog', { name: `Relocate crate ${rival}` });
    await move.getByLabel('Storage place').selectOption(await newPlace(amara));
    await move.getByLabel('Digital signature').fill('demo');
    const unanswered = new Queue<Route>();
    await page.route('**/relocate/', (route) => unanswered.push(route));
    await move.getByRole('button', { name: 'Relocate' }).click();
    const done = await unanswered.next();
    await done.fetch();
    await done.abort();
    await move.getByText(/^Relocated by you at/).waitFor();
    expect(await move.getByText(/We do not know/).count()).toBe(0);
  });

  test('a dialog that is sent twice at once, as by a double click on a busy page, is sent once', async () => {
    const demo = await useDemo();
    const id = await makeRequest(await visit(demo, 'leila'));
    const seat = await sit(chromium, demo.app, 'peter', { path: `/#/requests?open=${id}` });
    const { page, toast } = seat;
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Approve request ${id}` });
    await dialog.getByLabel('Digital signature').fill('demo');
    await dialog.getByRole('button', { name: 'Approve' }).evaluate((button) => {
      for (const _click of ['first', 'second'])
        button.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    });
    await toast(`Request ${id} approved`).waitFor();
    await seat.quiet();
    expect(seat.asked.filter((call) => call.endsWith('/approve/'))).toHaveLength(1);
  });

  test('only the creator of a request is notified that it was sent back', async () => {
    const demo = await useDemoOverRedis();
    const [leila, grace] = [await visit(demo, 'leila'), await visit(demo, 'grace')];
    const [id, own] = [await makeRequest(leila), await makeRequest(await visit(demo, 'tomas'))];
    const [head, clerk] = [await sit(chromium, demo.app, 'leila'), await sit(chromium, demo.app, 'tomas')];

    await sendBack(grace, id, 'Which year is it?');
    await head.toast(`Request ${id} was sent back to you`).getByText('Which year is it?').waitFor();
    await coversNothing(head);
    await clerk.row(id).getByText('Sent Back', { exact: true }).waitFor();

    // This one is the clerk's. It shows that the first one did not arrive here.
    await sendBack(grace, own, 'Whose is it?');
    await clerk.toast(`Request ${own} was sent back to you`).waitFor();
    expect(await clerk.toast(`Request ${id}`).count()).toBe(0);
    await head.row(own).getByText('Sent Back', { exact: true }).waitFor();
    expect(await head.toast(`Request ${own}`).count()).toBe(0);
    // A notice that opens something closes the question that was open.
    await head.page.getByRole('button', { name: 'New request' }).click();
    await head.page.getByRole('dialog', { name: 'New request' }).waitFor();
    await head.toast(`Request ${id}`).getByRole('button', { name: 'Open' }).click();
    await head.page.getByRole('dialog', { name: `Request ${id}` }).waitFor();
    expect(await head.page.getByRole('dialog', { name: 'New request' }).count()).toBe(0);

    // The inbox has both: what was sent back to her, and what happened to the other request. After an absence a line says so.
    await head.page.evaluate(() => {
      for (const place of Object.keys(localStorage))
        if (place.startsWith('dms-live:seen:')) localStorage.setItem(place, `${Date.now() - 3_600_000}`);
    });
    await head.page.goto(`${demo.app.url}/#/requests`);
    await head.page.reload();
    await head.page.getByRole('button', { name: /^While you were away: \d+ requests changed$/ }).click();
    const inbox = head.page.getByRole('dialog', { name: 'Inbox' });
    const entry = inbox.getByRole('region', { name: 'Sent back to you' }).getByRole('button');
    await entry.getByText('Which year is it?').waitFor();
    await inbox.getByRole('button', { name: `Request ${own}` }).waitFor();
    await entry.click();
    await head.page.getByRole('dialog', { name: `Request ${id}` }).waitFor();
    await head.page.goto(`${demo.app.url}/#/requests`);
    await head.page.getByRole('button', { name: /^Inbox, \d+ unread$/ }).click();
    await inbox.getByRole('button', { name: 'Mark all read' }).click();
    await head.page.reload();
    await head.page.getByRole('button', { name: 'Inbox', exact: true }).waitFor();
  });

  test('the table is one tab stop: keys go from row to row, the focus stays on its row, and headings sort', async () => {
    const demo = await useDemo();
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const ids = await makeRequests(leila, 11);
    const { page, receives, row, quiet } = await sit(chromium, demo.app, 'leila');
    const focused = () => page.locator(':focus').innerText();
    const press = (...keys: readonly string[]) => eachInTurn(keys, (key) => page.keyboard.press(key));
    const statuses = () => page.locator('tr[data-row] td:nth-child(4)').allInnerTexts();

    await page.getByRole('region', { name: 'Requests' }).focus();
    await press('Tab');
    expect(await focused()).toBe(ids.at(-1));
    expect(await page.locator('table [tabindex="0"]').count()).toBe(1);
    await press('ArrowDown', 'ArrowDown');
    expect(await focused()).toBe(ids.at(-3));
    const newest = await makeRequest(leila);
    await receives(`"${newest}"`);
    await quiet();
    expect(await focused()).toBe(ids.at(-3)); // whatever was put above it
    await press('Home', 'PageDown', 'PageUp', 'ArrowUp');
    expect(await focused()).toBe('Request');

    await press('ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter');
    await page
      .getByRole('columnheader', { name: 'Status', exact: true })
      .and(page.locator('[aria-sort="ascending"]'))
      .waitFor();
    expect(page.url()).toContain('ordering=status');
    await quiet();
    expect(await statuses()).toEqual((await statuses()).toSorted());
    expect(await focused()).toBe('Status');

    // A row that changes stands where it belongs at once, without a fetch, and the focus goes with it.
    await row(newest).getByRole('button').focus();
    await approve(peter, newest);
    await row(newest).getByText('Approved', { exact: true }).waitFor();
    expect(await focused()).toBe(newest);
    await press('Enter');
    await page.getByRole('dialog', { name: `Request ${newest}` }).waitFor();
    await press('Escape');
    expect(await focused()).toBe(newest);
    expect(await statuses()).toEqual((await statuses()).toSorted());
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
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Requests');
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
    // Shelves stay in their places under the pointer: a new one waits, and one that goes is marked.
    const peter = await visit(demo, 'peter');
    const shelf = clerk.page.getByRole('region', { name: 'Cellar' }).getByRole('listitem').first();
    for (const x of [10, 20, 30]) await shelf.hover({ position: { x, y: 10 } }); // one that only rests holds nothing
    const places = (await peter.get('/storage/?limit=1000')).body['results'];
    await peter.remove(`/storage/${places.find((row: Data) => row['rack_name'] === 'Long')['id']}/`);
    await clerk.page.getByText('gone', { exact: true }).waitFor();
    await peter.post('/storage/', { ...SHELF, room_name: 'Attic' });
    await clerk.page.getByRole('button', { name: '1 new' }).click();
    await clerk.page.getByRole('region', { name: 'Attic' }).waitFor();
    expect(await clerk.page.getByText('gone', { exact: true }).count()).toBe(0);
    await readTrail(admin, peter);
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

  test('each figure of the dashboard opens as many rows as it says, and counts beside filters follow the work of others', async () => {
    const demo = await useDemoOverRedis();
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const seat = await sit(chromium, demo.app, 'peter', { path: '/#/dashboard' });
    const { page } = seat;
    await page.locator('main [data-figure]').nth(20).waitFor();
    const figures = await page
      .locator('main a:has([data-figure]), main a[data-figure]')
      .evaluateAll((links) =>
        links.map((link) => ({
          href: link.getAttribute('href') ?? '',
          count: link.querySelector('[data-figure]')?.textContent ?? link.textContent,
        })),
      );
    expect(figures.length).toBeGreaterThan(20); // cards, statuses and types, and the time in status
    for (const [href, count] of new Map(figures.map((figure) => [figure.href, figure.count]))) {
      await page.evaluate((to) => location.assign(to), href);
      await page.locator('h1 + span').getByText(String(count), { exact: true }).waitFor();
    }
    for (const { href, count } of figures)
      expect(count, href).toBe(figures.find((other) => other.href === href)?.count);

    await seat.goTo('Requests');
    const pending = page.getByRole('radio', { name: /^Pending/ });
    const countOf = async (): Promise<number> => Number((await pending.innerText()).replace(/\D+/, ''));
    const shows = (count: number) => pending.getByText(String(count), { exact: true }).waitFor();
    const all = await countOf();
    const id = await makeRequest(leila);
    await shows(all + 1);
    await page.getByLabel('Search requests').fill('Haddad');
    const found = (await leila.get('/requests/counts/?search=haddad')).body['by_status'][0].count;
    await shows(found);
    await approve(peter, id);
    await shows(found - 1);
  });
});
