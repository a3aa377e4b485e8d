import { isOverdue } from '../kpis.ts';
import type { Records, RequestRecord } from '../records.ts';
import { beginningsOf } from '../time-zone.ts';
import type { UnitId } from '../users.ts';
import { readUnit } from './access.ts';
import { type Call, type Office, ok, type Reply } from './endpoint.ts';
import { badRequest } from './rest-error.ts';
import { inWords } from './rows.ts';

/** By the number of days that are asked for. */
const STEPS: ReadonlyMap<string, { readonly step: 'hour' | 'day'; readonly count: number }> = new Map([
  ['1', { step: 'hour', count: 24 }],
  ['7', { step: 'day', count: 7 }],
  ['30', { step: 'day', count: 30 }],
]);

/** What a dashboard shows beside the KPIs: how requests come and go, and how long they have been in their status. */
export function createFigureHandlers(office: Office) {
  const { records, now } = office;
  const requestsOf = (unitId: UnitId | null): RequestRecord[] =>
    [...records.requests.values()].filter((row) => unitId === null || row.unitId === unitId);

  return {
    /** In each hour or day how many were opened and decided, and how many were pending at its end. */
    trends({ person, query }: Call): Reply {
      const { step, count } = STEPS.get(query.get('days') ?? '1') ?? refuse('days: one of 1, 7, 30.');
      const starts = readStarts(step, count, query.get('zone') ?? 'UTC', now());
      const unitId = readUnit(person, query.get('unit'));
      const { history } = records;
      let pending = requestsOf(unitId).filter(({ status }) => status === 'PENDING').length;
      const points = starts.map((at, index) => ({
        at: new Date(at).toISOString(),
        ...history.flow(unitId, at, starts[index + 1] ?? Number.POSITIVE_INFINITY),
      }));
      const shown = points.reverse().map(({ at, opened, decided, pending: more }) => {
        const point = { at, opened, decided, pending };
        pending -= more;
        return point;
      });
      return ok({
        unit_id: unitId,
        computed_at: new Date(now()).toISOString(),
        known_since: timeOf(history.since(unitId)),
        pending_before: pending,
        points: shown.reverse(),
        live_version: office.version,
      });
    },

    /** Of each status under way: how many requests are in it, since when the middle one of them, and the one that came first. */
    ages({ person, query }: Call): Reply {
      const unitId = readUnit(person, query.get('unit'));
      const requests = requestsOf(unitId);
      const dues = requests.flatMap(({ status, expectedReturnDate: due }) =>
        status === 'ISSUED' && due !== null && Date.parse(due) >= now() ? Date.parse(due) : [],
      );
      return ok({
        unit_id: unitId,
        computed_at: new Date(now()).toISOString(),
        next_due: timeOf(dues.length === 0 ? undefined : Math.min(...dues)),
        by_status: UNDER_WAY.map((status) =>
          ageOf(
            status,
            requests.filter((row) => row.status === status),
            records,
          ),
        ),
        overdue: ageOfOverdue(requests.filter((row) => isOverdue(row, now()))),
        live_version: office.version,
      });
    },
  };
}

const UNDER_WAY = ['PENDING', 'SENT_BACK', 'APPROVED', 'ISSUED', 'RETURNED'] as const;
type UnderWay = (typeof UNDER_WAY)[number];

function ageOf(status: UnderWay, requests: readonly RequestRecord[], records: Records) {
  return { status: inWords(status), ...sinceOf(requests, (row) => enteredAt(status, row, records)) };
}

const ageOfOverdue = (requests: readonly RequestRecord[]) =>
  sinceOf(requests, ({ expectedReturnDate }) => expectedReturnDate ?? null);

/** When a request came into its status, as far as the DMS keeps that. It does not keep when one was corrected. */
function enteredAt(status: UnderWay, row: RequestRecord, records: Records): string | null {
  if (status === 'SENT_BACK') return records.sendBacksOf(row.id)[0]?.createdAt ?? row.createdAt ?? null;
  const dates = {
    PENDING: row.createdAt,
    APPROVED: row.approvalDate,
    ISSUED: row.issueDate,
    RETURNED: row.returnDate,
  };
  return dates[status] ?? null;
}

function sinceOf(requests: readonly RequestRecord[], at: (row: RequestRecord) => string | null) {
  const sorted = requests
    .map((row) => ({ id: row.id, since: at(row) }))
    .sort(
      (one, other) =>
        Date.parse(one.since ?? '') - Date.parse(other.since ?? '') || Number(one.id) - Number(other.id),
    );
  const [longest] = sorted;
  return {
    count: sorted.length,
    median_since: sorted[Math.floor((sorted.length - 1) / 2)]?.since ?? null,
    longest_since: longest?.since ?? null,
    longest_id: longest?.id ?? null,
  };
}

function readStarts(step: 'hour' | 'day', count: number, zone: string, now: number): number[] {
  try {
    return beginningsOf(step, count, zone, now);
  } catch (error) {
    if (error instanceof RangeError) return refuse(`zone: there is no ${zone}.`);
    throw error;
  }
}

function refuse(detail: string): never {
  throw badRequest(detail);
}

const timeOf = (at: number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();
