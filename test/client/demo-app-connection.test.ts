import type { Page, Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Demo } from '../../demo/server/src/start-demo.ts';
import { connectPublisher, type Publishable } from '../../src/publisher.ts';
import { useChromium } from '../browser/browser.ts';
import { type Data, Queue } from '../support/clients.ts';
import { useDemo, visit } from '../support/demo.ts';
import { freePort, type TestRedis, until, useRedis } from '../support/redis.ts';
import { approve, entityOf, makeRequest, makeRequests, sendBack } from './support/demo-work.ts';
import { type Seat, sit } from './support/seat.ts';
import { useUpgradeRefusal } from './support/upgrade-refusal.ts';

const chromium = useChromium();

/** Messages that Chromium itself logs when a server cannot be reached. */
const UNREACHABLE = /net::ERR_|WebSocket connection to/;

async function untilApproved({ row }: Seat, ids: readonly string[]): Promise<void> {
  for (const id of ids) await row(id).getByText('Approved', { exact: true }).waitFor();
}

/** Opens the details of the indicator. */
async function openDetails({ page }: Seat): Promise<void> {
  await page.getByRole('button', { name: 'Connection details' }).click();
}

async function signOut({ page }: Seat): Promise<void> {
  await page.getByRole('button', { name: /Leila Haddad/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
}

const signInScreen = ({ page }: Seat): Promise<void> =>
  page.getByRole('heading', { name: 'As somebody of the demo' }).waitFor();

describe('A page of the demo app after an interruption', () => {
  test('receives all events that it missed offline, and fetches nothing', async () => {
    const redis = await useRedis();
    const demo = await useDemo({ REDIS_URL: redis.url });
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const ids = await makeRequests(leila, 10);
    const seat = await sit(chromium, demo.app, 'leila', { mayLog: UNREACHABLE });

    await seat.page.context().setOffline(true);
    await seat.inPhase('offline');
    for (const id of ids) await approve(peter, id);
    expect(await seat.page.getByText('Approved by Peter Osei').count()).toBe(0);
    await seat.page.context().setOffline(false);
    await untilApproved(seat, ids);
    await seat.quiet();
    expect(seat.asked).toEqual([]);
  });

  test('of the REST API keeps its rows, says that they are old, and catches up by itself', async () => {
    const redis = await useRedis();
    const demo = await useDemo({ REDIS_URL: redis.url });
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const [first = '', second = ''] = await makeRequests(leila, 2);
    const seat = await sit(chromium, demo.app, 'leila', {
      path: '/#/requests?status=Pending',
      mayLog: /502/,
    });
    await seat.page.route('**/api/requests/**', (route) => route.fulfill({ status: 502 }));
    await approve(peter, first);
    await seat.page.getByText(/Not up to date: as of \d\d:\d\d\./).waitFor();
    await seat.page.getByText('Not live', { exact: true }).waitFor();
    await seat.row(second).getByText('Pending', { exact: true }).waitFor();
    await seat.inPhase('live');
    await seat.page.unroute('**/api/requests/**');
    await seat.row(first).waitFor({ state: 'detached' });
    await seat.page.getByText('Not up to date').waitFor({ state: 'detached' });
    await seat.page.locator('[data-phase]').getByText('Live', { exact: true }).waitFor();
    expect(await seat.row(second).count()).toBe(1);
  });

  test('that was longer than the server’s memory fetches each visible query once', async () => {
    const redis = await useRedis();
    const demo = await useDemo({ REDIS_URL: redis.url, HISTORY_EVENTS: '1', RECENT_BYTES: '0' });
    const [leila, peter] = [await visit(demo, 'leila'), await visit(demo, 'peter')];
    const ids = await makeRequests(leila, 4);
    const [first = ''] = ids;
    const seat = await sit(chromium, demo.app, 'leila');
    await seat.row(first).getByRole('button').click();
    await seat.page.getByRole('dialog', { name: `Request ${first}` }).waitFor();
    await openDetails(seat);
    await seat.page.getByRole('button', { name: 'Cut connection' }).click();
    await seat.inPhase('offline');
    await seat.quiet();
    seat.forget();

    for (const id of ids) await approve(peter, id);
    await seat.page.getByRole('button', { name: 'Reconnect' }).click();
    await untilApproved(seat, ids);
    await seat.quiet();
    expect([...seat.asked].sort()).toEqual(['GET /api/requests/', `GET /api/requests/${first}/`]);
  });

  test('of the dashboard’s code says that it could not be loaded, and shows it once it comes', async () => {
    const demo = await useDemo();
    const { page } = await sit(chromium, demo.app, 'leila', { mayLog: UNREACHABLE });
    await page.route(/dashboard-screen/, (route) => route.abort(), { times: 2 });
    await page.getByRole('navigation').getByRole('link', { name: 'Dashboard' }).click();
    await page.getByText('This screen could not be loaded').waitFor();
    await page.getByRole('list', { name: 'What waits' }).waitFor();
  });

  test('by a restart of the server continues from its position', async () => {
    const redis = await useRedis();
    const settings = {
      REDIS_URL: redis.url,
      PORT: String(await freePort()),
      JWT_SECRET: 'the same before and after the restart',
    };
    const demo = await useDemo(settings);
    const peter = await visit(demo, 'peter');
    const { body } = await peter.get('/requests/?status=Pending');
    const [row] = body['results'];
    const seat = await sit(chromium, demo.app, 'peter', { mayLog: UNREACHABLE });

    await demo.close();
    await seat.inPhase('reconnecting');
    await publishApproval(redis, row);
    await useDemo(settings);
    await untilApproved(seat, [row.id]);
    await seat.quiet();
    expect(seat.asked).toEqual([]);
  });
});

/** Publishes an approval, as Django would while the live server is down. */
async function publishApproval(redis: TestRedis, row: Data): Promise<void> {
  const publisher = connectPublisher({ redisUrl: redis.url });
  const [actor, occurredAt] = [{ id: 104, name: 'Peter Osei', role: 'Store Head' }, new Date().toISOString()];
  const approval = { status: 'Approved', approvedBy: actor, approvalDate: occurredAt };
  const request = { ...entityOf(row), ...approval };
  const event = { id: crypto.randomUUID(), action: 'APPROVED', occurredAt, actor, request };
  await publisher.publish({ kind: 'request', unitId: '1' }, event as Publishable<'request'>);
  await publisher.close();
}

describe('A session of the demo app', () => {
  test('is renewed on the open socket before its token expires, without a visible change', async () => {
    const demo = await useDemo({ DEMO_TOKEN_SECONDS: '3' });
    const seat = await sit(chromium, demo.app, 'leila');
    const phases = await watchPhases(seat);
    for (let renewals = 0; renewals < 2; ) {
      if ((await seat.sent.next()).includes('renewSession')) renewals += 1;
    }
    const id = await makeRequest(await visit(demo, 'leila'));
    await seat.row(id).waitFor();
    expect(seat.sockets.filter((socket) => !socket.isClosed())).toHaveLength(1);
    expect(await phases()).toEqual([]);
  });

  test('ends with a sign-out, and its socket closes', async () => {
    const demo = await useDemo();
    const seat = await sit(chromium, demo.app, 'leila', { path: '/#/requests?search=Haddad' });
    const [socket] = seat.sockets.filter((one) => !one.isClosed());
    const closed = socket?.waitForEvent('close');
    await signOut(seat);
    await signInScreen(seat);
    await closed;
    await until(() => demo.app.stats().sessions === 0);
    expect(seat.sockets.every((one) => one.isClosed())).toBe(true);
    expect(await seat.page.evaluate('JSON.stringify({ ...sessionStorage })')).toBe('{}');
    expect(await seat.page.evaluate('location.hash')).toBe('#/requests');
  });

  test('that is revoked leads to the sign-in page, which shows the reason', async () => {
    const redis = await useRedis();
    const demo = await useDemo({ REDIS_URL: redis.url });
    const seat = await sit(chromium, demo.app, 'leila', { mayLog: /401/ });
    await redis.client.set('dms:session:revoked:user:101', Math.floor(Date.now() / 1000), 'EX', 60);
    await redis.client.publish('dms:session', JSON.stringify({ action: 'REVOKED', userId: 101 }));
    await signInScreen(seat);
    await seat.page.getByRole('status').filter({ hasText: 'Your session has ended' }).waitFor();
    await until(() => demo.app.stats().sessions === 0);
  });

  test('of one person leaves nothing to the next one in the same tab: no toast, and no answer that comes late', async () => {
    const demo = await useDemo();
    const seat = await sit(chromium, demo.app, 'leila', { mayLog: /status of (401|502)/ });
    const { page, toast } = seat;
    const id = await makeRequest(await visit(demo, 'leila'));
    await sendBack(await visit(demo, 'grace'), id, 'Which year is it?');
    await toast('was sent back to you').waitFor();

    // Her page asks for a new token, and she signs out.
    const refreshed = await holdNext(page, '**/api/token/refresh/');
    await page.route('**/api/crates/*', (route) => route.fulfill({ status: 401, json: {} }), { times: 1 });
    await page.getByRole('navigation').getByRole('link', { name: 'Crates' }).click();
    const token = await refreshed.next();
    await signOut(seat);
    await enterAs(page, 'Peter Osei');
    await token();
    await isAtWork(page, 'Peter Osei');
    expect(await toast(/./).count()).toBe(0);

    // His page asks who he is, and he signs out.
    await page.route('**/api/me/', (route) => route.fulfill({ status: 502, body: '' }), { times: 1 });
    await page.reload();
    await page.getByText('The records cannot be opened now').waitFor();
    const asked = await holdNext(page, '**/api/me/');
    await page.getByRole('button', { name: 'Try again' }).click();
    const me = await asked.next();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await enterAs(page, 'Leila Haddad');
    await me();
    await isAtWork(page, 'Leila Haddad');
  });
});

/** Lets the DMS answer the next call of this kind, and keeps the answer until what `next` gives is called. */
async function holdNext(page: Page, url: string): Promise<Queue<() => Promise<void>>> {
  const held = new Queue<() => Promise<void>>();
  const hold = async (route: Route): Promise<void> => {
    const response = await route.fetch();
    held.push(() => route.fulfill({ response }));
  };
  await page.route(url, hold, { times: 1 });
  return held;
}

async function enterAs(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).click();
  await page.getByRole('button', { name: /Account menu/ }).waitFor();
}

/** Also after a reload. */
async function isAtWork(page: Page, name: string): Promise<void> {
  const menu = page.getByRole('button', { name: /Account menu/ });
  expect(await menu.innerText()).toContain(name);
  await page.reload();
  await menu.waitFor();
  expect(await menu.innerText()).toContain(name);
}

/** Records every phase of the indicator other than “live”. */
async function watchPhases({ page }: Seat): Promise<() => Promise<unknown>> {
  await page.evaluate(`
    window.phases = [];
    new MutationObserver((changes) => {
      for (const { target } of changes) window.phases.push(target.dataset.phase);
    }).observe(document.querySelector('[data-phase]'), { attributeFilter: ['data-phase'] });
  `);
  return () => page.evaluate('window.phases');
}

test('If WebSockets are blocked, the demo app uses SSE, and shows it', async () => {
  const demo: Demo = await useDemo();
  const url = await useUpgradeRefusal(demo.app.url);
  const seat = await sit(chromium, { url }, 'leila', { mayLog: UNREACHABLE });
  const id = await makeRequest(await visit(demo, 'leila'));
  await seat.row(id).waitFor();
  await seat.page.getByTitle(/server-sent events/).waitFor();
  await openDetails(seat);
  await seat.page.getByText('Server-sent events', { exact: true }).waitFor();
  await seat.quiet(); // what the details show is fetched, too
  seat.forget();
  await approve(await visit(demo, 'peter'), id);
  await untilApproved(seat, [id]);
  expect(seat.asked).toEqual([]);
});
