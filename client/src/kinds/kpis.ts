import { dashboardKpis } from '../generated/subscriptions.ts';
import { because } from '../query/fetch-reasons.ts';
import { fitOf } from '../query/fit.ts';
import { isLater } from '../query/instants.ts';
import type { Applied, Change, ChangeFilter, KeyMatch, Kind, Patcher } from '../query/kind.ts';
import { isRow, type Row } from '../query/rows.ts';
import { keyIn } from '../query/shapes.ts';

/**
 * Keeps `['dashboard', unitId]` live: each snapshot of figures is written into it. See {@link useLiveRequests}.
 *
 * ```tsx
 * function Dashboard({ unitId }: { unitId: number }) {
 *   useLiveKpis(unitId);
 *   const { data } = useQuery({ queryKey: ['dashboard', unitId], queryFn: fetchKpis });
 *   return <Figures pending={data?.pending_approvals} overdue={data?.overdue_withdrawals} />;
 * }
 * ```
 */
export const kpis = {
  subscription: dashboardKpis,
  entity: 'kpis',
  queries: {
    /** Default: `['dashboard', ':unitId']`. */
    dashboard: { key: ['dashboard', ':unitId'], apply: applyKpis },
  },
  createFilter: createNewestKpis,
} as const satisfies Kind;

/**
 * Drops a snapshot that is older than one of the same unit that was received before: two connections, or two publishers, may
 * overtake each other, and what a query shows does not always say when it was computed.
 */
function createNewestKpis(): ChangeFilter {
  const newest = new Map<string, string>();
  return (change) => {
    const [snapshot] = change.entities;
    const computedAt = snapshot?.['computedAt'];
    if (change.kind.entity !== 'kpis' || typeof computedAt !== 'string') return change;
    const unit = String(snapshot?.['unitId'] ?? '');
    const known = newest.get(unit);
    if (known !== undefined && isLater(known, computedAt)) return undefined;
    newest.set(unit, computedAt);
    return change;
  };
}

/** A snapshot replaces the figures that the dashboard has; an older one than those replaces nothing. */
function applyKpis(match: KeyMatch, data: unknown, change: Change, patcher: Patcher): Applied {
  const [snapshot] = change.entities;
  const isMeant = snapshot === undefined ? false : isOfUnit(match, data, snapshot, change);
  if (snapshot === undefined || isMeant === false || isNewer(data, snapshot))
    return { data, needsFetch: false };
  if (isMeant === 'unknown' || !isRow(data) || !hasFigures(data))
    return { data, needsFetch: because('unknown-form') };
  const { value, needsFetch } = patcher.patch(data, snapshot, change);
  return { data: value, needsFetch };
}

/**
 * Whether a query shows the unit that a snapshot is about: as its key says, or else as its data says. If neither names a unit, the
 * query shows what a subscription without a unit delivers.
 */
function isOfUnit(match: KeyMatch, data: unknown, snapshot: Row, change: Change): boolean | 'unknown' {
  const unitId = snapshot['unitId'] ?? null;
  if ('unitId' in match.filters) {
    const fit = fitOf(match, { unitId });
    return fit === 'unknown' ? fit : fit === 'in';
  }
  const key = isRow(data) ? keyIn(data, 'unitId') : undefined;
  if (isRow(data) && key !== undefined) return (data[key] == null ? null : String(data[key])) === unitId;
  return change.unitAsked === undefined ? true : 'unknown';
}

function isNewer(data: unknown, { computedAt }: Row): boolean {
  const key = isRow(data) ? keyIn(data, 'computedAt') : undefined;
  if (!isRow(data) || key === undefined || typeof computedAt !== 'string') return false;
  return isLater(String(data[key]), computedAt);
}

function hasFigures(row: Row): boolean {
  return Object.keys(dashboardKpis.shape).some((name) => name !== 'unitId' && keyIn(row, name) !== undefined);
}
