/** Lists, searches and counts. */
import { expect, test } from 'vitest';
import type { Data } from '../../support/clients.ts';
import { type Visitor, visit } from '../../support/demo.ts';
import type { Dms } from '../support/dms.ts';
import { idOf, listOf, newPlace, newRequest, unitOf } from '../support/rows.ts';

export function testLists(dms: Dms): void {
  test('requests are filtered by type, status and search words, the newest first', async () => {
    const leila = await visit(dms, 'leila');
    const target = await newRequest(leila);
    const list = (query: string): Promise<Data[]> => listOf(leila, `/requests/${query}`);
    const all = await list('');
    const ids = all.map((row) => Number(row['id']));
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    for (const [name, field] of [
      ['type', 'request_type'],
      ['status', 'status'],
    ] as const) {
      for (const value of new Set(all.map((row) => row[field]))) {
        const wanted = all.filter((row) => row[field] === value);
        expect(await list(`?${name}=${encodeURIComponent(value)}`)).toEqual(wanted);
      }
    }
    const pending = all.filter((row) => row['request_type'] === 'Storage' && row['status'] === 'Pending');
    expect(await list('?type=Storage&status=Pending')).toEqual(pending);

    const number: string = target['crate'].documents[0].document_number;
    const part = number.slice(1).toLowerCase();
    expect((await list(`?search=${part}`)).map(idOf)).toEqual([idOf(target)]);
    const hers = all.filter((row) => row['created_by'].name === 'Leila Haddad');
    expect(await list('?search=haddad')).toEqual(hers);
    expect(await list('?search=leila%20had')).toEqual(hers);
    expect((await list(`?search=${idOf(target).slice(1)}`)).map(idOf)).toContain(idOf(target));
    expect(await list('?search=nothing-like-this')).toEqual([]);
    expect(await list('?type=all&status=all')).toEqual(all); // as in query keys
  });

  test('what no filter can mean is refused, and nothing that is asked for is a fault of the server', async () => {
    const amara = await visit(dms, 'amara');
    const statusOf = async (path: string): Promise<number> => (await amara.get(path)).status;
    for (const path of [
      '/requests/?type=Unknown',
      '/requests/counts/?type=Unknown',
      '/requests/?status=Unknown',
      '/crates/?status=Unknown',
      '/crates/?unit=9223372036854775808',
      '/audit/?unit=9223372036854775808',
      '/audit/?before=9223372036854775808000',
      '/audit/?before=1e3',
      '/audit/?before=-1',
      '/dashboard/trends/?days=constructor',
    ])
      expect(await statusOf(path), path).toBe(400);
    for (const path of [
      '/audit/?user=9223372036854775808',
      '/audit/?from=0001-01-01T00:00:00%2B14:00',
      '/requests/?search=99999999999999999999',
      '/requests/?search=%00',
      '/audit/?search=%00',
      '/audit/?action=%00',
    ])
      expect(await statusOf(path), path).toBeLessThan(500);
    const all = (await amara.get('/requests/?limit=1000')).body;
    expect((await amara.get('/requests/?limit=99999999999')).body).toEqual(all);
  });

  test('crates are filtered by status', async () => {
    const peter = await visit(dms, 'peter');
    const all = await listOf(peter, '/crates/');
    for (const status of ['Active', 'Withdrawn', 'Archived', 'Destroyed']) {
      const wanted = all.filter((row) => row['status'] === status);
      expect(await listOf(peter, `/crates/?status=${status}`)).toEqual(wanted);
    }
  });

  test('lists are sorted as `ordering` says, the whole of them before they are cut to `limit`', async () => {
    const [amara, leila] = [await visit(dms, 'amara'), await visit(dms, 'leila')];
    for (const made of [1, 2, 3]) await newRequest(made === 2 ? await visit(dms, 'tomas') : leila);
    const all = await listOf(amara, '/requests/?limit=1000');
    const crates = await listOf(amara, '/crates/?limit=1000');
    const byStatus = ordered(all, ({ status }) => status);
    expect(await listOf(amara, '/requests/?ordering=status&limit=1000')).toEqual(byStatus);
    expect(await listOf(amara, '/requests/?ordering=status&limit=3')).toEqual(byStatus.slice(0, 3));
    expect(await listOf(amara, '/requests/?ordering=id&limit=2')).toEqual(all.toReversed().slice(0, 2));
    expect(await listOf(amara, '/requests/?ordering=request_type,-created_by&limit=1000')).toEqual(
      ordered(
        ordered(all, (row) => row['created_by'].name, -1),
        (row) => row['request_type'],
      ),
    );
    // Rows without a value stand at the end in both directions.
    for (const sign of [1, -1] as const) {
      const asked = (name: string): string => `${sign === 1 ? '' : '-'}${name}&limit=1000`;
      expect(await listOf(amara, `/requests/?ordering=${asked('approved_by')}`)).toEqual(
        ordered(all, (row) => row['approved_by']?.name ?? null, sign),
      );
      expect(await listOf(amara, `/requests/?ordering=${asked('expected_return_date')}`)).toEqual(
        ordered(all, (row) => row['expected_return_date'], sign),
      );
      expect(await listOf(amara, `/crates/?ordering=${asked('storage')}`)).toEqual(
        ordered(
          crates,
          ({ storage: at }) => at && [at.room_name, at.rack_name, at.compartment_name, at.shelf_name].join(),
          sign,
        ),
      );
    }
    expect(await listOf(amara, '/requests/?ordering=password,__proto__&limit=nonsense')).toEqual(
      all.slice(0, 200),
    );
  });

  test('KPIs count only the rows that the viewer sees, even if there are none', async () => {
    const [leila, amara] = [await visit(dms, 'leila'), await visit(dms, 'amara')];
    for (const [visitor, query] of [
      [leila, ''],
      [amara, ''],
      [amara, '?unit=2'],
    ] as const) {
      await expectFigures(visitor, query);
    }
    const before = (await leila.get('/dashboard/kpis/')).body['pending_approvals'];
    await newRequest(leila);
    expect((await leila.get('/dashboard/kpis/')).body['pending_approvals']).toBe(before + 1);
  });

  test('the audit trail lists the newest entries first, only for a System Admin', async () => {
    const [amara, peter] = [await visit(dms, 'amara'), await visit(dms, 'peter')];
    const place = await newPlace(peter);
    const entries = await listOf(amara, '/audit/?unit=1');
    expect(entries[0]).toMatchObject({ user: { name: 'Peter Osei', role: 'Store Head' } });
    expect(entries[0]?.['action'].toLowerCase()).toBe('storage created');
    expect(String(entries[0]?.['object_id'])).toBe(idOf(place));
    expect(entries.length).toBeLessThanOrEqual(200);
    expect(new Set(entries.map(unitOf))).toEqual(new Set(['1']));
    expect((await peter.get('/audit/')).status).toBe(403);
  });
}

/** Sorted by a value; what is equal stays in its order, and `null` is at the end. */
function ordered(rows: readonly Data[], readValue: (row: Data) => string | null, sign: 1 | -1 = 1): Data[] {
  return rows.toSorted((one, other) => {
    const [a, b] = [readValue(one), readValue(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return a === b ? 0 : a < b ? -sign : sign;
  });
}

const REQUEST_STATUSES = ['Pending', 'Sent Back', 'Approved', 'Issued', 'Returned', 'Rejected', 'Completed'];

/** Compares the KPIs with the lists. */
async function expectFigures(visitor: Visitor, query: string): Promise<void> {
  const figures = (await visitor.get(`/dashboard/kpis/${query}`)).body;
  const [requests, crates] = [
    await listOf(visitor, `/requests/${query}`),
    await listOf(visitor, `/crates/${query}`),
  ];
  const count = (rows: readonly Data[], field: string, value: string): number =>
    rows.filter((row) => row[field] === value).length;
  expect(inAnyOrder(figures['requests_by_status'])).toEqual(
    inAnyOrder(REQUEST_STATUSES.map((status) => ({ status, count: count(requests, 'status', status) }))),
  );
  expect(inAnyOrder(figures['requests_by_type'])).toEqual(
    inAnyOrder(
      ['Storage', 'Withdrawal', 'Destruction'].map((type) => ({
        request_type: type,
        count: count(requests, 'request_type', type),
      })),
    ),
  );
  expect(inAnyOrder(figures['crates_by_status'])).toEqual(
    inAnyOrder(
      ['Active', 'Withdrawn', 'Archived', 'Destroyed'].map((status) => ({
        status,
        count: count(crates, 'status', status),
      })),
    ),
  );
  expect(figures['pending_approvals']).toBe(count(requests, 'status', 'Pending'));
  const overdue = requests.filter(
    ({ status, expected_return_date: due }) => status === 'Issued' && Date.parse(due) < Date.now(),
  );
  expect(figures['overdue_withdrawals']).toBe(overdue.length);
}

function inAnyOrder(rows: readonly Data[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).toSorted())).toSorted();
}
