/** The effect of an event on cached queries: its data are written, and missing data are fetched. */
import { describe, expect, test } from 'vitest';
import { ALL, PENDING, request, row, useCache, useRequests } from './support/cache.ts';
import { sample } from './support/sample.ts';

describe('an event', () => {
  test('about a row that stays in its lists is only written', async () => {
    const { live, pass, all, pending } = await useRequests();
    const other = (all.data as object[])[0];
    live.request('UPDATED', request(2, 'SENT_BACK'));
    expect(all.data).toEqual([row(1), row(2, 'Sent Back')]);
    expect((all.data as object[])[0]).toBe(other);
    await pass(5000);
    expect([all.fetches, pending.fetches]).toEqual([1, 1]);
  });

  test('without a change keeps the same data object', async () => {
    const { live, all } = await useRequests();
    const before = all.data;
    live.request('UPDATED', request(1));
    expect(all.data).toBe(before);
  });

  test('about a row that leaves or enters a list refetches the list once', async () => {
    const { live, pass, all, pending, bridge } = await useRequests();
    live.request('APPROVED', request(1, 'APPROVED'));
    expect(pending.data).toEqual([row(1, 'Approved')]); // meanwhile the page shows the new status
    expect(bridge.isUpdating('requests')).toBe(true);
    pending.answer = [];
    await pass(100);
    expect(pending.data).toEqual([]);
    expect(bridge.isUpdating('requests')).toBe(false);
    live.request('UPDATED', request(2));
    await pass(100);
    expect([all.fetches, pending.fetches]).toEqual([1, 3]);
  });

  test('about a request in no list refetches the lists that may contain it', async () => {
    const { live, pass, all, pending } = await useRequests();
    live.request('CREATED', request(3, 'SENT_BACK'));
    await pass(100);
    expect([all.fetches, pending.fetches]).toEqual([2, 1]);
  });

  test('about another unit’s request refetches nothing', async () => {
    const { live, pass, all, pending } = await useRequests();
    live.request('CREATED', sample.request({ id: '3', unitId: '7' }));
    await pass(100);
    expect([all.fetches, pending.fetches]).toEqual([1, 1]);
  });

  test('about a request that moved away removes it at once', async () => {
    const { live, pass, all, pending } = await useRequests();
    live.request('MOVED_OUT', request(1));
    expect([all.data, pending.data]).toEqual([[row(2, 'Approved')], []]);
    await pass(100);
    expect([all.fetches, pending.fetches]).toEqual([1, 1]);
  });

  test('is written again into a pending answer that lacks it', async () => {
    const { live, pass, all } = await useRequests();
    all.refetch();
    live.request('UPDATED', request(2, 'SENT_BACK'));
    await pass(5000);
    expect(all.data).toEqual([row(1), row(2, 'Sent Back')]);
    expect(all.fetches).toBe(2);
  });

  test('refetches a query whose first answer is older than the event', async () => {
    const { live, pass, watch, bridge } = useCache();
    bridge.follow('requests', 5);
    const all = await watch(ALL, [row(1)], 200);
    live.request('CREATED', request(2));
    all.answer = [row(2), row(1)];
    await pass(5000);
    expect(all.data).toEqual([row(2), row(1)]);
    expect(all.fetches).toBe(2);
  });

  test('marks a query without observers as stale, even if it is written into it', async () => {
    const { live, pass, pending } = await useRequests();
    pending.leave();
    live.request('CREATED', request(3));
    expect(pending.isInvalidated).toBe(true);
    live.request('UPDATED', sample.request({ id: '1', requestType: 'STORAGE' }));
    await pass(20);
    expect(pending.data).toEqual([{ ...row(1), request_type: 'Storage' }]);
    expect(pending.isInvalidated).toBe(true);
    await pass(5000);
    expect(pending.fetches).toBe(1);
  });

  test('about a request refetches that request’s own query only if the query has more fields than the event', async () => {
    const { live, pass, watch } = await useRequests();
    const plain = await watch(['request', 1], row(1));
    const more = await watch(['request', '2'], { ...row(2), send_backs: [] });
    await pass(50);
    live.request('SENT_BACK', request(1, 'SENT_BACK'));
    live.request('SENT_BACK', request(2, 'SENT_BACK'));
    await pass(20);
    expect([plain.data, more.data]).toEqual([
      row(1, 'Sent Back'),
      { ...row(2, 'Sent Back'), send_backs: [] },
    ]);
    await pass(100);
    expect([plain.fetches, more.fetches]).toEqual([1, 2]);
  });
});

describe('a page of a list', () => {
  const page = { count: 5, next: '?page=2', results: [row(1), row(2)] };

  test('is refetched if the event may concern another page', async () => {
    const { live, pass, watch } = await useRequests();
    const paged = await watch([...PENDING, 1], page);
    await pass(50);
    live.request('APPROVED', request(9, 'APPROVED'));
    await pass(100);
    expect(paged.fetches).toBe(2);
  });

  test('loses a row and is refetched to get the next one', async () => {
    const { live, pass, watch } = await useRequests();
    const paged = await watch([...PENDING, 1], page);
    const infinite = await watch([...ALL, 'infinite'], { pages: [page, { ...page, results: [row(3)] }] });
    await pass(50);
    live.request('MOVED_OUT', request(1));
    expect(paged.data).toEqual({ ...page, count: 4, results: [row(2)] });
    expect(infinite.data).toEqual({
      pages: [
        { ...page, count: 4, results: [row(2)] },
        { ...page, count: 4, results: [row(3)] },
      ],
    });
    await pass(100);
    expect([paged.fetches, infinite.fetches]).toEqual([2, 2]);
  });
});

describe('nested data', () => {
  const crateRow = { id: 301, status: 'Active', unit_id: 5, storage: { id: 70, room_name: 'R1' } };

  test('a crate in a request follows the crate’s events, and a location in a crate follows the location’s events', async () => {
    const { live, pass, watch, bridge } = useCache();
    bridge.follow('crates', 5);
    bridge.follow('storage', 5);
    const requests = await watch(ALL, [
      { ...row(1), crate: crateRow },
      { ...row(2), crate: null },
    ]);
    const crates = await watch(['crates', 'all', 5], [crateRow]);
    await pass(50);
    live.crate('STATUS_CHANGED', sample.crate({ status: 'WITHDRAWN' }));
    live.storage('UPDATED', [sample.storage({ roomName: 'R9' })]);
    await pass(100);
    const expected = { ...crateRow, status: 'Withdrawn', storage: { id: 70, room_name: 'R9' } };
    expect(requests.data).toEqual([
      { ...row(1), crate: expected },
      { ...row(2), crate: null },
    ]);
    expect(crates.data).toEqual([expected]);
    expect([requests.fetches, crates.fetches]).toEqual([1, 1]);
  });

  test('a crate in a late event of a request does not replace a newer crate', async () => {
    const { live, pass, watch, bridge } = useCache();
    bridge.follow('crates', 5);
    bridge.follow('requests', 5);
    const requests = await watch(ALL, [{ ...row(1), crate: crateRow }]);
    await pass(50);
    const at = (second: number) => ({ occurredAt: new Date(second * 1000).toISOString() });
    live.crate('STATUS_CHANGED', sample.crate({ status: 'WITHDRAWN' }), at(60));
    live.request('UPDATED', sample.request({ id: '1', status: 'APPROVED' }), at(50));
    await pass(100);
    expect(requests.data).toEqual([{ ...row(1, 'Approved'), crate: { ...crateRow, status: 'Withdrawn' } }]);
    expect(requests.fetches).toBe(1);
  });

  test('a crate that differs between events of the same time is refetched, also the next time', async () => {
    const { live, pass, watch, bridge } = useCache();
    bridge.follow('crates', 5);
    bridge.follow('requests', 5);
    const withdrawn = { ...crateRow, status: 'Withdrawn' };
    const requests = await watch(ALL, [
      { ...row(1), crate: withdrawn },
      { ...row(2), crate: withdrawn },
    ]);
    await pass(50);
    const now = { occurredAt: '2026-11-22T10:00:00Z' };
    live.crate('STATUS_CHANGED', sample.crate({ status: 'WITHDRAWN' }), now);
    for (const [count, id] of ['1', '2'].entries()) {
      live.request('UPDATED', sample.request({ id }), now);
      await pass(100);
      expect(requests.fetches).toBe(2 + count);
      expect(requests.data).toEqual(requests.answer);
    }
  });
});

describe('KPIs', () => {
  const snapshot = sample.kpis({ computedAt: '2026-11-22T10:00:00Z', pendingApprovals: 4 });
  const figures = { unit_id: 5, computed_at: '2026-11-22T09:00:00Z', pending_approvals: 3 };

  test('are written into the dashboards of their unit', async () => {
    const { live, pass, watch, bridge } = useCache();
    bridge.follow('kpis');
    const own = await watch(['dashboard'], figures);
    const named = await watch(['dashboard', 5], { pendingApprovals: 3 });
    const other = await watch(['dashboard', 7], { ...figures, unit_id: 7 });
    const all = await watch(['dashboard', 'all'], { ...figures, unit_id: null });
    await pass(50);
    live.kpis(snapshot);
    await pass(100);
    expect(own.data).toEqual({ ...figures, computed_at: '2026-11-22T10:00:00Z', pending_approvals: 4 });
    expect(named.data).toEqual({ pendingApprovals: 4 });
    expect([other.data, all.data]).toEqual([other.answer, all.answer]);
    expect([own, named, other, all].map(({ fetches }) => fetches)).toEqual([1, 1, 1, 1]);
  });

  test('replace nothing if they are older than the cached ones', async () => {
    const { live, pass, watch, bridge } = useCache();
    bridge.follow('kpis', 5);
    const newer = { ...figures, computed_at: '2026-11-22T11:00:00Z' };
    const dashboard = await watch(['dashboard', 5], newer);
    await pass(50);
    live.kpis(snapshot);
    await pass(100);
    expect(dashboard.data).toEqual(newer);
    expect(dashboard.fetches).toBe(1);
  });

  test.each([
    ['by a microsecond', '2026-11-22T10:00:00.000001Z', '2026-11-22T10:00:00Z'],
    ['in any time zone', '2026-11-22T15:30:01+05:30', '2026-11-22T10:00:00.9Z'],
  ])('replace nothing if they are older: %s', async (_what, there, older) => {
    const { live, pass, watch, bridge } = useCache();
    bridge.follow('kpis', 5);
    const dashboard = await watch(['dashboard', 5], { ...figures, computed_at: there });
    await pass(50);
    live.kpis({ ...snapshot, computedAt: older });
    await pass(100);
    expect(dashboard.data).toEqual({ ...figures, computed_at: there });
    live.kpis({ ...snapshot, computedAt: '2026-11-22T10:00:02Z' });
    await pass(100);
    expect(dashboard.data).toMatchObject({ pending_approvals: 4 });
  });

  test('replace nothing if they are older than received ones, even if the cached ones have no time', async () => {
    const { live, pass, watch, bridge } = useCache();
    bridge.follow('kpis', 5);
    const dashboard = await watch(['dashboard', 5], { pendingApprovals: 3 });
    await pass(50);
    live.kpis(snapshot);
    live.kpis({ ...snapshot, id: 'older', computedAt: '2026-11-22T09:59:59.9Z', pendingApprovals: 9 });
    await pass(100);
    expect(dashboard.data).toEqual({ pendingApprovals: 4 });
    live.kpis({ ...snapshot, id: 'as new', pendingApprovals: 5 }); // of two with the same time the later one wins
    await pass(100);
    expect(dashboard.data).toEqual({ pendingApprovals: 5 });
  });
});

describe('an app’s own function', () => {
  test('for patches is used, and may request a refetch', async () => {
    const { live, pass, watch, bridge } = useCache({
      patches: {
        request: (before, { status }) => (status === 'APPROVED' ? { ...before, state: 'ok' } : undefined),
      },
    });
    bridge.follow('requests', 5);
    const all = await watch(ALL, [{ id: 1, state: 'new' }]);
    await pass(50);
    live.request('APPROVED', request(1, 'APPROVED'));
    expect(all.data).toEqual([{ id: 1, state: 'ok' }]);
    await pass(100);
    expect(all.fetches).toBe(1);
    live.request('SENT_BACK', request(1, 'SENT_BACK'));
    await pass(100);
    expect(all.fetches).toBe(2);
  });

  test('for query keys is used, also for queries that no event can be written into', async () => {
    const { live, pass, watch, bridge } = useCache({
      queryKeys: { requests: [['list', ':status'], ['reports']] },
    });
    bridge.follow('requests', 5);
    const list = await watch(['list', 'Pending'], [row(1)]);
    const report = await watch(['reports', 2026], { total: 3 });
    const dms = await watch(ALL, []);
    await pass(50);
    live.request('UPDATED', sample.request({ id: '1', requestType: 'STORAGE' }));
    await pass(100);
    expect(list.data).toEqual([{ ...row(1), request_type: 'Storage' }]);
    expect([list, report, dms].map(({ fetches }) => fetches)).toEqual([1, 2, 1]);
  });
});
