/** Versions order what events and answers say of one entity. `seen` waits until the page shows what a request has caused. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { shownEventsOf } from '../../client/src/connection/shown-events.ts';
import { ALL, request, row, useRequests } from './support/cache.ts';
import { sample } from './support/sample.ts';

// A fetch that is owed is tried again after a random wait.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.5));
afterEach(() => void vi.restoreAllMocks());

const withVersion = (version: number, ...rows: readonly object[]): readonly object[] =>
  rows.map((one) => ({ ...one, live_version: version }));

describe('an event with a version', () => {
  test('that is older than one about the same request changes nothing', async () => {
    const { live, pass, all } = await useRequests();
    live.request('UPDATED', request(2, 'SENT_BACK'), { version: 20 });
    live.request('UPDATED', request(2, 'APPROVED'), { version: 10, occurredAt: '2099-01-01T00:00:00Z' });
    await pass(100);
    expect([all.data, all.fetches]).toEqual([[row(1), row(2, 'Sent Back')], 1]);
  });

  test('is not ignored for ever if versions have gone back', async () => {
    const { live, pass, all } = await useRequests();
    live.request('UPDATED', request(2, 'SENT_BACK'), { version: 20 });
    await pass(300_000);
    live.request('UPDATED', request(2, 'APPROVED'), { version: 10 });
    expect(all.data).toEqual([row(1), row(2, 'Approved')]);
  });

  test('decides which state of a crate is newer, whatever the clocks say', async () => {
    const { live, pass, watch, bridge } = await useRequests();
    bridge.follow('crates', 5);
    const crateRow = { id: 301, status: 'Active', unit_id: 5 };
    const query = await watch(['requests', 'WITHDRAWAL', 'all', 5], [{ ...row(1), crate: crateRow }]);
    await pass(50);
    const crate = (status: 'ACTIVE' | 'WITHDRAWN') => sample.crate({ id: '301', status });
    live.crate('STATUS_CHANGED', crate('WITHDRAWN'), { version: 12, occurredAt: '2026-01-01T00:00:00Z' });
    live.request('UPDATED', { ...request(1), crate: crate('ACTIVE') }, { version: 11 });
    await pass(100);
    expect(query.data).toEqual([{ ...row(1), crate: { ...crateRow, status: 'Withdrawn' } }]);
    expect(query.fetches).toBe(1);
  });

  test('that the answer knows already changes nothing and fetches nothing', async () => {
    const { live, pass, watch } = await useRequests();
    const known = withVersion(30, row(1, 'Approved'));
    const query = await watch(['requests', 'WITHDRAWAL', 'all', 5], known);
    await pass(50);
    live.request('UPDATED', request(1), { version: 30 });
    live.request('CREATED', request(9), { version: 29 });
    await pass(100);
    expect([query.data, query.fetches]).toEqual([known, 1]);
    live.request('UPDATED', request(1, 'SENT_BACK'), { version: 31 });
    await pass(100);
    expect([query.data, query.fetches]).toEqual([withVersion(30, row(1, 'Sent Back')), 1]);
  });

  test('that data which the page has set know already is not forgotten if an older answer is under way', async () => {
    const { queryClient, live, pass, all } = await useRequests();
    all.refetch();
    queryClient.setQueryData(ALL, withVersion(20, row(1), row(2, 'Sent Back')));
    live.request('UPDATED', request(2, 'SENT_BACK'), { version: 20 });
    await pass(100);
    expect(all.data).toEqual([row(1), row(2, 'Sent Back')]);
    all.refetch();
    queryClient.setQueryData(ALL, withVersion(30, row(1), row(2, 'Sent Back'), row(3)));
    live.request('CREATED', request(3), { version: 30 });
    all.answer = withVersion(30, row(1), row(2, 'Sent Back'), row(3));
    await pass(100);
    expect(all.data).toEqual(all.answer);
  });
});

describe('an answer of a replica that is late', () => {
  test('does not overwrite an event, and is fetched again until it knows the event', async () => {
    const { live, pass, all, bridge } = await useRequests();
    live.request('UPDATED', request(2, 'SENT_BACK'), { version: 20 });
    live.request('CREATED', request(3), { version: 21 });
    all.answer = withVersion(19, row(1), row(2, 'Approved'));
    await pass(100);
    expect(all.data).toEqual(withVersion(19, row(1), row(2, 'Sent Back')));
    expect([bridge.isUpdating('requests'), bridge.isOutdated('requests')]).toEqual([true, true]);
    all.answer = withVersion(21, row(1), row(2, 'Sent Back'), row(3));
    await pass(5000);
    expect(all.data).toEqual(all.answer);
    expect([bridge.isUpdating('requests'), bridge.isOutdated('requests')]).toEqual([false, false]);
    const { fetches } = all;
    await pass(60_000);
    expect(all.fetches).toBe(fetches);
  });

  test('does not overwrite an event if its rows say when they changed', async () => {
    const { live, pass, all } = await useRequests({ constantFields: { request: ['updated_at'] } });
    const old = { ...row(2, 'Approved'), updated_at: new Date(Date.now() - 60_000).toISOString() };
    all.answer = [old];
    live.request('UPDATED', request(2, 'SENT_BACK'));
    all.refetch();
    await pass(50);
    expect(all.data).toEqual([{ ...old, status: 'Sent Back' }]);
  });

  test('overwrites what a mutation holds only after the mutation', async () => {
    const { live, pass, all, bridge } = await useRequests();
    const release = bridge.hold('request', 2);
    live.request('UPDATED', request(2, 'SENT_BACK'), { version: 20 });
    all.answer = withVersion(19, row(1), row(2, 'Approved'));
    all.refetch();
    await pass(100);
    expect(all.data).toEqual(all.answer);
    all.answer = withVersion(20, row(1), row(2, 'Sent Back'));
    release();
    await pass(5000);
    expect(all.data).toEqual(all.answer);
  });
});

describe('an answer that says no version', () => {
  test('and lacks a new row is fetched again until it has the row', async () => {
    const { live, pass, pending, bridge } = await useRequests();
    pending.answer = [];
    live.request('CREATED', request(3), { version: 20 });
    await pass(100);
    expect([pending.data, pending.fetches]).toEqual([[], 2]);
    expect([bridge.isUpdating('requests'), bridge.isOutdated('requests')]).toEqual([false, false]);
    pending.answer = [row(1), row(3)];
    await pass(5000);
    const { fetches } = pending;
    expect(pending.data).toEqual(pending.answer);
    await pass(600_000);
    expect(pending.fetches).toBe(fetches);
  });

  test.each([
    ['shows an old value', 'UPDATED', request(2, 'SENT_BACK')],
    ['shows a row that has left', 'APPROVED', request(1, 'APPROVED')],
    ['shows a row that is gone', 'MOVED_OUT', request(1)],
  ] as const)('and %s is fetched again', async (_what, action, entity) => {
    const { live, pass, pending, all } = await useRequests();
    live.request(action, entity, { version: 20 });
    await pass(100);
    all.refetch();
    pending.refetch();
    await pass(100);
    expect([all.data, pending.data]).toEqual([all.answer, pending.answer]);
    const fetches = all.fetches + pending.fetches;
    all.answer = pending.answer = [];
    await pass(3000);
    expect(all.fetches + pending.fetches).toBeGreaterThan(fetches);
  });

  test('is believed if it stays as it is, and then for a while', async () => {
    const { live, pass, pending } = await useRequests();
    for (let id = 10; id < 60; id += 1) {
      live.request('CREATED', request(id), { version: id });
      await pass(1000);
    }
    // Each event costs one fetch, the doubts of the first ten seconds some more.
    expect(pending.fetches).toBeGreaterThan(50);
    expect(pending.fetches).toBeLessThan(75);
    const { fetches } = pending;
    await pass(60_000);
    expect(pending.fetches).toBe(fetches);
  });

  test('is not fetched again if an event says that it was right', async () => {
    const { live, pass, all } = await useRequests();
    live.request('UPDATED', request(2, 'SENT_BACK'), { version: 20 });
    all.refetch();
    await pass(100);
    live.request('UPDATED', request(2, 'APPROVED'), { version: 21 });
    await pass(60_000);
    expect([all.data, all.fetches]).toEqual([all.answer, 2]);
  });

  test('is not doubted if a row may be on another page', async () => {
    const { live, pass, watch } = await useRequests();
    const page = { count: 80, next: '?page=2', results: [row(1)] };
    const query = await watch(['requests', 'WITHDRAWAL', 'all', 5], page);
    live.request('CREATED', request(3), { version: 20 });
    await pass(20_000);
    expect(query.fetches).toBe(2);
  });

  test('is not doubted for what a mutation holds', async () => {
    const { live, pass, all, bridge } = await useRequests();
    bridge.hold('request', 2);
    live.request('UPDATED', request(2, 'SENT_BACK'), { version: 20 });
    all.refetch();
    await pass(20_000);
    expect(all.fetches).toBe(2);
  });

  test('because the entity does not exist yet is asked for again', async () => {
    const { live, pass, watch } = await useRequests({}, { retry: false });
    live.request('CREATED', request(9), { version: 20 });
    await pass(100);
    const missing = Object.assign(new Error('No.'), { response: { status: 404 } });
    const detail = await watch(['request', 9], missing);
    const other = await watch(['request', 8], missing);
    await pass(100);
    detail.answer = row(9);
    await pass(5000);
    expect([detail.data, detail.fetches, other.fetches]).toEqual([row(9), 2, 1]);
    live.request('UPDATED', request(9), { version: 21 });
    const gone = await watch(['request', '9'], missing);
    await pass(60_000);
    const { fetches } = gone;
    await pass(600_000);
    expect(gone.fetches).toBe(fetches);
  });
});

test('an answer with older key figures does not overwrite a snapshot', async () => {
  const { live, pass, watch, bridge } = await useRequests();
  bridge.follow('kpis', 5);
  const figures = (pending: number, minute: number) => ({
    pending_approvals: pending,
    computed_at: `2026-01-01T00:0${minute}:00.000Z`,
  });
  const dashboard = await watch(['dashboard', 5], figures(1, 1));
  await pass(50);
  live.kpis(sample.kpis({ unitId: '5', pendingApprovals: 2, computedAt: '2026-01-01T00:02:00.000Z' }));
  dashboard.refetch();
  await pass(60_000);
  expect([dashboard.data, dashboard.fetches]).toEqual([figures(2, 2), 2]);
  dashboard.answer = figures(3, 3);
  dashboard.refetch();
  await pass(100);
  expect(dashboard.data).toEqual(dashboard.answer);
});

test('a page says the version of a list that has no rows', async () => {
  const { live, pass, watch, bridge } = await useRequests();
  const page = (version: number, ...results: object[]) => ({
    count: results.length,
    results,
    live_version: version,
  });
  const query = await watch(['requests', 'all', 'Approved', 5], page(10));
  const pages = await watch(['requests', 'all', ['Pending', 'Sent Back'], 5], {
    pages: [page(10, row(1)), page(30)],
    pageParams: [],
  });
  await pass(50);
  live.request('CREATED', request(3, 'APPROVED'), { version: 9 });
  live.request('UPDATED', request(1, 'SENT_BACK'), { version: 20 });
  await pass(100);
  expect([query.fetches, pages.fetches]).toEqual([1, 1]);
  expect(pages.data).toMatchObject({ pages: [page(10, row(1, 'Sent Back')), page(30)] });
  live.request('CREATED', request(4, 'APPROVED'), { version: 21 });
  await pass(100);
  expect([query.data, bridge.isOutdated('requests')]).toEqual([page(10), true]);
  query.answer = page(21, row(4, 'Approved'));
  await pass(5000);
  expect([query.data, bridge.isOutdated('requests')]).toEqual([query.answer, false]);
});

describe('seen', () => {
  const header = (id: string, topic = 'request:unit:5'): string => `${topic}=${id}, audit:unit:5=x`;

  async function useSeen() {
    const cache = await useRequests();
    const { seen } = shownEventsOf(cache.live.client);
    return { ...cache, seen };
  }

  test.each([
    ['a Response', (value: string) => new Response(null, { headers: { 'Dms-Live-Events': value } })],
    ['headers', (value: string) => new Headers({ 'dms-live-events': value })],
    ['an answer of Axios', (value: string) => ({ status: 200, headers: { 'dms-live-events': value } })],
    ['a value', (value: string) => value],
  ])('takes %s, and waits until the cache has the event', async (_what, answer) => {
    const { live, all, seen } = await useSeen();
    const data: unknown[] = [];
    const waiting = seen(answer(header('e2'))).then((outcome) => data.push(outcome, all.data));
    live.request('UPDATED', request(1, 'SENT_BACK'), { id: 'e1' });
    live.request('APPROVED', request(2, 'SENT_BACK'), { id: 'e2' }); // waits for the end of the frame
    await waiting;
    expect(data).toEqual([{ seen: true }, [row(1, 'Sent Back'), row(2, 'Sent Back')]]);
  });

  test('settles at once for an event that has come before', async () => {
    const { live, seen } = await useSeen();
    live.request('UPDATED', request(1), { id: 'e1' });
    expect(await seen(header('e1'))).toEqual({ seen: true });
  });

  test('settles at once if the answer names nothing that is followed', async () => {
    const { seen } = await useSeen();
    for (const answer of [
      header('e1', 'request:unit:7'),
      header('e1', 'crate:unit:5'),
      null,
      {},
      new Headers(),
      'nonsense',
    ])
      expect(await seen(answer)).toEqual({ seen: false });
  });

  test('ends after a time', async () => {
    const { pass, seen } = await useSeen();
    const outcomes: unknown[] = [];
    void seen(header('e1')).then((outcome) => outcomes.push(outcome));
    void seen(header('e1'), { timeoutMs: 100 }).then((outcome) => outcomes.push(outcome));
    await pass(100);
    expect(outcomes).toEqual([{ seen: false }]);
    await pass(2900);
    expect(outcomes).toEqual([{ seen: false }, { seen: false }]);
  });
});
