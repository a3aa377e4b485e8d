/** Counts beside filters, trends, and how long requests have been in their status. */
import { expect, test } from 'vitest';
import type { Data } from '../../support/clients.ts';
import { SIGNED, type Visitor, visit } from '../../support/demo.ts';
import type { Dms } from '../support/dms.ts';
import { idOf, listOf, newRequest, unitOf } from '../support/rows.ts';

const STATUSES = ['Pending', 'Sent Back', 'Approved', 'Issued', 'Returned', 'Rejected', 'Completed'];
const REASON = { ...SIGNED, reason: 'Which year?', sendback_type: 'Correction' };

export function testFigures(dms: Dms): void {
  test('the counts beside filters are the numbers of rows that the filters list', async () => {
    const [leila, amara] = [await visit(dms, 'leila'), await visit(dms, 'amara')];
    await newRequest(leila);
    for (const [visitor, query] of [
      [leila, ''],
      [leila, 'type=Withdrawal'],
      [leila, 'search=haddad&type=Storage'],
      [leila, 'search=nothing-like-this'],
      [amara, ''],
      [amara, 'unit=2&type=Withdrawal'],
    ] as const) {
      const { body } = await visitor.get(`/requests/counts/?${query}`);
      const rows = await listOf(visitor, `/requests/?${query}`);
      expect(body['by_status'], query).toEqual(
        STATUSES.map((status) => ({ status, count: rows.filter((row) => row['status'] === status).length })),
      );
      expect(body['overdue'], query).toBe((await listOf(visitor, `/requests/?${query}&overdue=true`)).length);
    }
  });

  test('a list of overdue requests has those that are issued and due', async () => {
    const amara = await visit(dms, 'amara');
    const late = await listOf(amara, '/requests/?overdue=true');
    const isLate = ({ status, expected_return_date: due }: Data): boolean =>
      status === 'Issued' && Date.parse(due) < Date.now();
    expect(late.length).toBeGreaterThan(0);
    expect(late.map(idOf)).toEqual((await listOf(amara, '/requests/')).filter(isLate).map(idOf));
  });

  test('trends follow each step of a request, and end with what is pending now', async () => {
    const [leila, grace, peter] = [
      await visit(dms, 'leila'),
      await visit(dms, 'grace'),
      await visit(dms, 'peter'),
    ];
    const before = await trendOf(leila, '');
    const difference = async () => {
      const now = await trendOf(leila, '');
      const { body } = await leila.get('/dashboard/kpis/');
      expect(now.pending).toBe(body['pending_approvals']);
      return [now.opened - before.opened, now.decided - before.decided, now.pending - before.pending];
    };
    const { id } = await newRequest(leila);
    expect(await difference()).toEqual([1, 0, 1]);
    await grace.post(`/requests/${id}/send-back/`, REASON);
    expect(await difference()).toEqual([1, 0, 0]);
    await leila.put(`/requests/storage/${id}/`, {});
    expect(await difference()).toEqual([1, 0, 1]);
    await peter.post(`/requests/${id}/approve/`, SIGNED);
    expect(await difference()).toEqual([1, 1, 0]);
    const other = await newRequest(leila);
    await peter.post(`/requests/${other['id']}/reject/`, REASON);
    expect(await difference()).toEqual([2, 2, 0]);
  });

  test('trends are of one unit or of all, and begin with the hours and days of a time zone', async () => {
    const [leila, amara] = [await visit(dms, 'leila'), await visit(dms, 'amara')];
    const units = await Promise.all(['1', '2', '3'].map((unit) => trendOf(amara, `unit=${unit}`)));
    const all = await trendOf(amara, '');
    expect(await trendOf(leila, '')).toEqual(units[0]);
    for (const name of ['opened', 'decided', 'pending'] as const)
      expect(all[name]).toBe(units.reduce((sum, unit) => sum + unit[name], 0));
    for (const [days, count, minutes] of [
      [1, 24, 60],
      [7, 7, 1440],
      [30, 30, 1440],
    ] as const) {
      const { body } = await leila.get(`/dashboard/trends/?days=${days}&zone=Asia/Kolkata`);
      const starts: number[] = body['points'].map(({ at }: Data) => Date.parse(at) / 60_000);
      expect(new Set(starts.map((start) => (start + 330) % minutes))).toEqual(new Set([0]));
      expect(starts).toHaveLength(count);
      expect(starts.at(-1)).toBe(Math.max(...starts));
    }
    expect((await leila.get('/dashboard/trends/?zone=Nowhere')).status).toBe(400);
    expect((await leila.get('/dashboard/trends/?days=3')).status).toBe(400);
  });

  test('ages say how many requests are in each status, and since when the middle and the first of them', async () => {
    const [leila, grace, amara] = [
      await visit(dms, 'leila'),
      await visit(dms, 'grace'),
      await visit(dms, 'amara'),
    ];
    const { id } = await newRequest(leila);
    await grace.post(`/requests/${id}/send-back/`, REASON);
    for (const visitor of [leila, amara]) {
      const { body } = await visitor.get('/dashboard/ages/');
      expect(body['by_status'].map(({ status }: Data) => status)).toEqual(STATUSES.slice(0, 5));
      const rows = await listOf(visitor, '/requests/');
      expect(ageIn(body, 'Pending')).toEqual(ageOf(rows, 'Pending', 'created_at'));
      expect(ageIn(body, 'Approved')).toEqual(ageOf(rows, 'Approved', 'approval_date'));
      expect(ageIn(body, 'Issued')).toEqual(ageOf(rows, 'Issued', 'issue_date'));
      expect(ageIn(body, 'Sent Back').count).toBe(rows.filter(({ status }) => status === 'Sent Back').length);
      const due = rows
        .filter(({ status }) => status === 'Issued')
        .map((row) => Date.parse(row['expected_return_date']));
      expect(body['overdue'].count).toBe(due.filter((at) => at < Date.now()).length);
      const ahead = due.filter((at) => at >= Date.now());
      expect(Date.parse(body['next_due'] ?? '')).toBe(ahead.length === 0 ? Number.NaN : Math.min(...ahead));
    }
    expect(unitOf((await leila.get('/dashboard/ages/')).body)).toBe('1');
  });
}

interface Trend {
  readonly opened: number;
  readonly decided: number;
  readonly pending: number;
}

/** The sums of a month, and how many are pending at its end. */
async function trendOf(visitor: Visitor, query: string): Promise<Trend> {
  const { body } = await visitor.get(`/dashboard/trends/?days=30&${query}`);
  const points: Trend[] = body['points'];
  const sum = (name: 'opened' | 'decided'): number => points.reduce((all, point) => all + point[name], 0);
  expect(body['pending_before']).toBe(0); // nothing is older than a month
  return { opened: sum('opened'), decided: sum('decided'), pending: points.at(-1)?.pending ?? 0 };
}

/** Times in milliseconds: one DMS writes microseconds. */
function ageIn(body: Data, asked: string) {
  const age: Data = body['by_status'].find(({ status }: Data) => status === asked);
  return {
    count: age['count'],
    median: Date.parse(age['median_since']),
    longest: Date.parse(age['longest_since']),
    longestId: String(age['longest_id']),
  };
}

function ageOf(rows: readonly Data[], asked: string, date: string) {
  const sorted = rows
    .filter(({ status }) => status === asked)
    .sort((one, other) => compare(one[date], other[date]) || one['id'] - other['id']);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  return {
    count: sorted.length,
    median: Date.parse(middle?.[date]),
    longest: Date.parse(sorted[0]?.[date]),
    longestId: String(sorted[0]?.['id'] ?? null),
  };
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
