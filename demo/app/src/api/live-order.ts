/** How the REST API sorts, for the bridge: so a row that changes stands at once where the next fetch would put it. */
import type { LiveOrder, LiveQueryKeys } from 'dms-live-react';
import { NEWEST } from '../place/ordering.ts';

type Row = Readonly<Record<string, unknown>>;

/** The keys of lists say how they are sorted, after their filters. */
export const LIVE_KEYS: LiveQueryKeys = {
  requests: ['requests', ':requestType', ':status', ':unitId', ':ordering'],
  crates: ['crates', ':status', ':unitId', ':ordering'],
};

/** The fields of a row that each name of the REST API sorts by, one after the other. */
type Orderings = Readonly<Record<string, readonly (readonly string[])[]>>;

const REQUESTS: Orderings = {
  id: [['id']],
  request_type: [['request_type']],
  status: [['status']],
  unit_id: [['unit_id']],
  crate: [['crate', 'id']],
  created_by: [['created_by', 'name']],
  approved_by: [['approved_by', 'name']],
  created_at: [['created_at']],
  expected_return_date: [['expected_return_date']],
};

const CRATES: Orderings = {
  id: [['id']],
  status: [['status']],
  unit_id: [['unit_id']],
  storage: ['room_name', 'rack_name', 'compartment_name', 'shelf_name'].map((name) => ['storage', name]),
  destruction_date: [['destruction_date']],
};

export const LIVE_ORDER: LiveOrder = {
  requests: (one, other, { ordering }) => compareRows(one, other, REQUESTS, ordering),
  crates: (one, other, { ordering }) => compareRows(one, other, CRATES, ordering),
};

function compareRows(one: Row, other: Row, orderings: Orderings, ordering: unknown): number {
  const terms = [...String(ordering ?? '').split(','), NEWEST];
  for (const term of terms) {
    const sign = term.startsWith('-') ? -1 : 1;
    for (const path of orderings[term.replace(/^-/, '')] ?? []) {
      const difference = compareValues(read(one, path), read(other, path), sign);
      if (difference !== 0) return difference;
    }
  }
  return 0;
}

function read(row: Row, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => Object(value)[name], row);
}

/** What has no value stands at the end in both directions. */
function compareValues(one: unknown, other: unknown, sign: number): number {
  if (one == null || other == null) return Number(one == null) - Number(other == null);
  const [a, b] = [comparable(one), comparable(other)];
  return a === b ? 0 : a < b ? -sign : sign;
}

/** Ids are numbers in one DMS, and strings of numbers in the other. */
function comparable(value: unknown): string | number {
  return /^\d+$/.test(String(value)) ? Number(value) : String(value);
}
