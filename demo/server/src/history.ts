import type { RequestRecord } from './records.ts';

/** All offsets of time zones are multiples of it, so that every hour and day of every zone consists of whole ones. */
const QUARTER_MS = 15 * 60_000;
const KEPT_MS = 31 * 86_400_000;

/** What happened to requests in some time. */
export interface Flow {
  /** How many were made. */
  readonly opened: number;
  /** How many were approved or rejected. */
  readonly decided: number;
  /** How many more were pending at its end than at its beginning. */
  readonly pending: number;
}

/**
 * What happened to requests in the last month, also to those that are forgotten by now. It keeps numbers for each quarter of an hour,
 * so it stays small however busy the people are.
 */
export interface History {
  /** @param at Unix milliseconds. */
  note(at: number, before: RequestRecord | undefined, after: RequestRecord): void;
  /** From `from` on, and before `to`; both are full quarters of an hour. */
  flow(unitId: string | null, from: number, to: number): Flow;
  /** When the first thing happened in a unit, or in any; `undefined`: nothing has happened yet. */
  since(unitId: string | null): number | undefined;
}

const NOTHING: Flow = { opened: 0, decided: 0, pending: 0 };

export function createHistory(): History {
  const quarters = new Map<string, Map<number, Flow>>();
  const firsts = new Map<string, number>();

  function add(unitId: string, quarter: number, flow: Flow): void {
    const ofUnit = quarters.get(unitId) ?? new Map<number, Flow>();
    quarters.set(unitId, ofUnit);
    ofUnit.set(quarter, sum(ofUnit.get(quarter) ?? NOTHING, flow));
    for (const oldest of ofUnit.keys()) {
      if (oldest >= quarter - KEPT_MS) break;
      ofUnit.delete(oldest);
    }
  }

  return {
    note(at, before, after) {
      for (const { unitId } of [before ?? after, after]) if (!firsts.has(unitId)) firsts.set(unitId, at);
      const quarter = Math.floor(at / QUARTER_MS) * QUARTER_MS;
      const pending = Number(after.status === 'PENDING');
      if (before === undefined || before.unitId === after.unitId)
        add(after.unitId, quarter, {
          opened: Number(before === undefined),
          decided: Number(isDecided(after) && !(before !== undefined && isDecided(before))),
          pending: pending - Number(before?.status === 'PENDING'),
        });
      else {
        add(before.unitId, quarter, { ...NOTHING, pending: -Number(before.status === 'PENDING') });
        add(after.unitId, quarter, { ...NOTHING, pending });
      }
    },
    flow(unitId, from, to) {
      let flow = NOTHING;
      for (const [id, ofUnit] of quarters) {
        if (unitId !== null && unitId !== id) continue;
        for (const [quarter, more] of ofUnit) if (quarter >= from && quarter < to) flow = sum(flow, more);
      }
      return flow;
    },
    since: (unitId) => (unitId === null ? [...firsts.values()].sort((a, b) => a - b)[0] : firsts.get(unitId)),
  };
}

const isDecided = ({ status, approvalDate }: RequestRecord): boolean =>
  status === 'REJECTED' || approvalDate !== null;

function sum(one: Flow, other: Flow): Flow {
  return {
    opened: one.opened + other.opened,
    decided: one.decided + other.decided,
    pending: one.pending + other.pending,
  };
}
