/** Rows with fields that no event has: after an event they are fetched, or the app says how they change. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { QueryBridgeOptions } from '../../client/src/index.ts';
import { ALL, PENDING, request, row, useCache } from './support/cache.ts';
import { sample } from './support/sample.ts';

/** What the console says to developers. */
function useWarnings() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  return () => warn.mock.calls.map(([text]) => String(text));
}

const derived = (id: number, status = 'Pending') => ({
  ...row(id, status),
  status_display: `It is ${status}`,
  unit_name: 'Legal',
});

/** A list whose server changes as the test says. */
async function useList(rows: unknown, options?: QueryBridgeOptions, key: readonly unknown[] = ALL) {
  const warnings = useWarnings();
  const cache = useCache(options);
  for (const kind of ['requests', 'crates', 'storage', 'kpis'] as const) cache.bridge.follow(kind, 5);
  const list = await cache.watch(key, rows);
  await cache.pass(50);
  return { ...cache, list, warnings };
}

describe('a row with a field that the server derives', () => {
  test.each([
    ['in a list', (rows: object[]) => rows],
    ['in a page', (rows: object[]) => ({ count: 2, next: null, results: rows })],
    ['in pages', (rows: object[]) => ({ pages: [{ count: 2, results: rows }], pageParams: [1] })],
  ])('%s is patched at once, and fetched', async (_name, form) => {
    const { list, live, pass, bridge } = await useList(form([derived(1), derived(2)]));
    list.answer = form([derived(1, 'Approved'), derived(2)]);
    live.request('APPROVED', request(1, 'APPROVED'));
    expect(list.data).toEqual(form([{ ...derived(1), status: 'Approved' }, derived(2)]));
    expect(bridge.isUpdating('requests')).toBe(true);
    await pass(100);
    expect(list.data).toEqual(list.answer);
    expect([list.fetches, bridge.isUpdating('requests')]).toEqual([2, false]);
  });

  test('is fetched once for a burst of events', async () => {
    const { list, live, pass } = await useList([derived(1), derived(2)]);
    for (let count = 0; count < 200; count += 1) live.request('UPDATED', request((count % 2) + 1));
    await pass(1000);
    expect(list.fetches).toBe(2);
  });

  test('is not fetched for an event about another row', async () => {
    const { list, live, pass } = await useList([derived(1), derived(2)], {}, PENDING);
    live.request('APPROVED', request(3, 'APPROVED'));
    await pass(1000);
    expect(list.fetches).toBe(1);
  });

  test('is not fetched if the app says that the field never changes, or derives it', async () => {
    const constant = await useList([derived(1)], {
      constantFields: { request: ['status_display', 'unit_name'] },
    });
    constant.live.request('APPROVED', request(1, 'APPROVED'));
    await constant.pass(1000);
    expect(constant.list.data).toEqual([{ ...derived(1), status: 'Approved' }]);

    const patched = await useList([derived(1)], {
      patches: { request: (before, { id }) => ({ ...before, ...derived(Number(id), 'Approved') }) },
    });
    patched.live.request('APPROVED', request(1, 'APPROVED'));
    await patched.pass(1000);
    expect(patched.list.data).toEqual([derived(1, 'Approved')]);
    expect([constant.list.fetches, patched.list.fetches]).toEqual([1, 1]);
    expect([...constant.warnings(), ...patched.warnings()]).toEqual([]);
  });

  test('is named to developers, each field once', async () => {
    const { live, warnings, watch, pass } = await useList([derived(1), derived(2)]);
    await watch(['request', '1'], { ...derived(1), notes: [] });
    await pass(50);
    for (const id of [1, 2, 1]) live.request('UPDATED', request(id));
    await pass(1000);
    expect(warnings()).toEqual([
      expect.stringContaining('"request" has status_display, unit_name,'),
      expect.stringContaining('"request" has notes,'),
    ]);
  });
});

describe('a row is fetched after an event', () => {
  const flat = (more: object) => [{ ...row(1), ...more }];

  test.each<[string, object]>([
    [
      'that changes a nested entity with other fields',
      { crate: { id: 301, status: 'Archived', label: 'A' } },
    ],
    [
      'about a nested entity, if it has other fields',
      { crate: { id: 301, status: 'Active' }, crate_state: 'in' },
    ],
    ['about an entity that it names by its id', { crate: 301, crate_status: 'Active' }],
    ['about an entity that it names by its id, with another name', { crate_id: 301, crate_status: 'Active' }],
    ['about an entity that it flattens', { crateStatus: 'Active' }],
    ['about an entity that it shows in words', { crate: 'Crate 301, active' }],
    ['about an entity that it nests without an id', { crate: { status: 'Active' } }],
  ])('%s', async (_name, more) => {
    const { list, live, pass } = await useList(flat(more));
    live.crate('STATUS_CHANGED', sample.crate({ status: 'WITHDRAWN' }));
    await pass(1000);
    expect(list.fetches).toBe(2);
  });

  test.each<[string, object]>([
    ['about another entity than the one it names', { crate: 302, crate_status: 'Active' }],
    ['about an entity, while it has none', { crate: null, crate_status: null }],
    ['about a nested entity, if it has no other fields', { crate: { id: 301, status: 'Active' } }],
  ])('but not after one %s', async (_name, more) => {
    const { list, live, pass } = await useList(flat(more));
    live.crate('STATUS_CHANGED', sample.crate({ status: 'WITHDRAWN' }));
    await pass(1000);
    expect(list.fetches).toBe(1);
  });

  test('about an entity that is nested deeper', async () => {
    const named = await useList(flat({ crate: 301, storage_name: 'R1' }));
    const nested = await useList(
      flat({ crate: { id: 301, storage: { id: 70, room_name: 'R1', floor: 2 } } }),
    );
    for (const { live, pass, list } of [named, nested]) {
      live.storage('UPDATED', [sample.storage({ roomName: 'R9' })]);
      await pass(1000);
      expect(list.fetches).toBe(2);
      live.storage('BULK_CREATED', [sample.storage({ id: '71' })]);
      await pass(1000);
      expect(list.fetches).toBe(2);
    }
  });
});

describe('a list is fetched after an event', () => {
  test('about any row of its unit, if there are totals around its rows', async () => {
    const { list, live, pass } = await useList(
      { count: 1, results: [row(1)], totals: { Pending: 1 } },
      {},
      PENDING,
    );
    live.request('APPROVED', request(3, 'APPROVED'));
    await pass(1000);
    live.request('APPROVED', sample.request({ id: '4', unitId: '7' }));
    await pass(1000);
    expect(list.fetches).toBe(2);
  });

  test('by which a row goes that others around it count', async () => {
    const { list, live, pass } = await useList({ total: 1, next: null, results: [row(1)] });
    live.request('UPDATED', request(1, 'SENT_BACK'));
    await pass(1000);
    expect(list.fetches).toBe(1);
    live.request('MOVED_OUT', request(1));
    await pass(1000);
    expect(list.fetches).toBe(2);
  });

  test('if its rows have no ids', async () => {
    const { list, live, pass } = await useList([{ pk: 1, status: 'Pending' }], {}, PENDING);
    live.request('APPROVED', request(1, 'APPROVED'));
    await pass(1000);
    expect(list.fetches).toBe(2);
  });

  test('about what its rows nest, if nobody knows where the rows are', async () => {
    const { list, live, pass } = await useList({ data: [{ ...row(1), crate: { id: 301 } }] });
    live.crate('STATUS_CHANGED', sample.crate({ status: 'WITHDRAWN' }));
    await pass(1000);
    expect(list.fetches).toBe(2);
  });
});

test('a dashboard with figures that no event has is fetched after each snapshot', async () => {
  const figures = { unit_id: 5, computed_at: '2026-11-22T09:00:00Z', pending_approvals: 3, trend: [1, 3] };
  const { list, live, pass } = await useList(figures, {}, ['dashboard', 5]);
  live.kpis(sample.kpis({ computedAt: '2026-11-22T10:00:00Z', pendingApprovals: 4 }));
  expect(list.data).toMatchObject({ pending_approvals: 4, trend: [1, 3] });
  await pass(1000);
  expect(list.fetches).toBe(2);
});

describe('figures that the server computes', () => {
  const COUNTS = { by_status: [{ status: 'Pending', count: 3 }], live_version: 10 };
  const key = ['request-figures', 5, 'counts', 'Storage', 'lease'];

  test('are fetched once for a burst of events of their unit, also for rows that no list shows', async () => {
    const { list, live, pass, bridge } = await useList(COUNTS, {}, key);
    list.answer = { ...COUNTS, by_status: [{ status: 'Pending', count: 4 }], live_version: 200 };
    for (let id = 100; id < 200; id += 1) live.request('CREATED', request(id), { version: id });
    expect([list.data, bridge.isUpdating('requests')]).toEqual([COUNTS, true]); // nothing is added up here
    await pass(1000);
    expect([list.data, list.fetches]).toEqual([list.answer, 2]);
  });

  test('are fetched at a random moment, so that hundreds of pages do not ask all at once', async () => {
    const { list, live, pass } = await useList(COUNTS, {}, key);
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    onTestFinished(() => random.mockRestore());
    list.answer = { ...COUNTS, live_version: 21 };
    live.request('CREATED', request(3), { version: 20 });
    await pass(390);
    live.request('CREATED', request(4), { version: 21 });
    expect(list.fetches).toBe(1);
    await pass(80);
    expect(list.fetches).toBe(2);
    await pass(1000);
    expect(list.fetches).toBe(2);
  });

  test('are fetched neither for another unit, nor for a nested entity, nor for what they count already', async () => {
    const { list, live, pass, watch, bridge } = await useList(COUNTS, {}, key);
    const crates = await watch(['crate-figures', 5], { by_status: [] });
    const together = await watch(['request-figures', '', 'trends', 7], { points: [] });
    bridge.follow('requests');
    live.request('CREATED', sample.request({ id: '8', unitId: '7' }), { version: 20 });
    live.request('APPROVED', request(2, 'APPROVED'), { version: 10 });
    await pass(1000);
    expect([list.fetches, crates.fetches, together.fetches]).toEqual([1, 1, 2]);
    live.crate('STATUS_CHANGED', sample.crate({ status: 'WITHDRAWN' }), { version: 21 });
    await pass(1000);
    expect([list.fetches, crates.fetches, together.fetches]).toEqual([1, 2, 2]);
  });

  test('that were being fetched when an event came are fetched again', async () => {
    const { list, live, pass } = await useList(COUNTS, {}, key);
    list.refetch();
    list.answer = { ...COUNTS, live_version: 20 };
    live.request('CREATED', request(3), { version: 20 });
    await pass(1000);
    expect(list.fetches).toBe(3);
  });
});
