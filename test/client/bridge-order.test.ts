/** The order of a list after a row has changed. */
import { expect, test } from 'vitest';
import type { LiveOrder, QueryBridgeOptions } from '../../client/src/index.ts';
import { ALL, request, row, useCache } from './support/cache.ts';
import { sample } from './support/sample.ts';

async function useList(
  rows: readonly object[],
  order?: LiveOrder,
  form = (all: readonly object[]): unknown => all,
) {
  const cache = useCache(order && { order });
  cache.bridge.follow('requests', 5);
  const list = await cache.watch(ALL, form(rows));
  await cache.pass(50);
  cache.live.request('UPDATED', request(2, 'SENT_BACK'));
  await cache.pass(1000);
  return list;
}

const at = (hour: number, id: number) => ({ ...row(id), created_at: `2026-11-22T0${hour}:00:00Z` });

test.each([
  ['ids', [row(1), row(2), row(3)]],
  ['ids, the newest first', [row(10), row(9), row(2)]],
  ['dates of creation', [at(1, 7), at(2, 2), at(3, 5)]],
  ['nothing else, being alone', [row(2)]],
])('is kept if it is explained by %s', async (_what, rows) => {
  expect((await useList(rows)).fetches).toBe(1);
});

test.each([
  ['nothing that the rows show', [row(7), row(2), row(5)]],
  ['a field that has changed', [row(7, 'Approved'), row(2, 'Pending'), row(5, 'Returned')]],
])('is fetched if it is explained by %s', async (_what, rows) => {
  expect((await useList(rows)).fetches).toBe(2);
});

test('is kept or fetched as the app says', async () => {
  expect((await useList([row(7), row(2), row(5)], { requests: 'keep' })).fetches).toBe(1);
  expect((await useList([row(1), row(2)], { requests: 'fetch' })).fetches).toBe(2);
});

const byStatus: LiveOrder = {
  requests: (one, other) => String(one['status']).localeCompare(String(other['status'])),
};

test('follows the app’s comparator, if all rows are there', async () => {
  const rows = [row(7, 'Approved'), row(2), row(5, 'Returned')];
  const sorted = [row(7, 'Approved'), row(5, 'Returned'), row(2, 'Sent Back')];
  const list = await useList(rows, byStatus);
  expect([list.data, list.fetches]).toEqual([sorted, 1]);
  const page = await useList(rows, byStatus, (results) => ({ count: 3, results }));
  expect([page.data, page.fetches]).toEqual([{ count: 3, results: sorted }, 1]);
  const oneOfMany = await useList(rows, byStatus, (results) => ({ count: 9, results }));
  const pages = await useList(rows, byStatus, (results) => ({
    pages: [{ count: 3, results }],
    pageParams: [1],
  }));
  expect([oneOfMany.fetches, pages.fetches]).toEqual([2, 2]);
});

/** Lists of one app that are sorted differently: the key says how. */
const ORDERED = {
  queryKeys: { requests: ['requests', ':requestType', ':status', ':unitId', ':ordering'] },
  order: {
    requests: (one, other, { ordering }) =>
      ordering === 'status' ? String(one['status']).localeCompare(String(other['status'])) : 0,
  },
} satisfies QueryBridgeOptions;

test('follows what the query key says of it, and costs no fetch if the row stays where it is', async () => {
  const cache = useCache(ORDERED);
  cache.bridge.follow('requests', 5);
  const rows = [row(7, 'Approved'), row(2), row(5, 'Returned')];
  const byStatus = await cache.watch([...ALL, 'status'], rows);
  const newest = await cache.watch([...ALL, ''], { count: 9, results: rows });
  await cache.pass(50);
  cache.live.request('UPDATED', request(2, 'SENT_BACK'));
  await cache.pass(1000);
  const back = row(2, 'Sent Back');
  expect([byStatus.data, byStatus.fetches]).toEqual([[rows[0], rows[2], back], 1]);
  expect([newest.data, newest.fetches]).toEqual([{ count: 9, results: [rows[0], back, rows[2]] }, 1]);
});

test('is looked at by a comparator too where something nested in the rows has changed', async () => {
  const room = (crate: Readonly<Record<string, unknown>>) => String(Object(crate['storage'])['room_name']);
  const cache = useCache({ order: { crates: (one, other) => room(one).localeCompare(room(other)) } });
  cache.bridge.follow('storage', 5);
  const inRoom = (id: number, name: string) => ({
    id: 10 + id,
    status: 'Active',
    unit_id: 5,
    storage: { id, unit_id: 5, room_name: name },
  });
  const crates = await cache.watch(['crates', 'all', 5], [inRoom(1, 'A'), inRoom(2, 'B')]);
  await cache.pass(50);
  cache.live.storage('UPDATED', [sample.storage({ id: '1', unitId: '5', roomName: 'C' })]);
  await cache.pass(1000);
  expect([crates.data, crates.fetches]).toEqual([[inRoom(2, 'B'), inRoom(1, 'C')], 1]);
});
