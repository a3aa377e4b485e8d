import type { Applied } from './applied.ts';
import type { Change } from './change.ts';
import { fitOf } from './fit.ts';
import { isLater } from './instants.ts';
import type { Patcher } from './patcher.ts';
import type { KeyMatch } from './query-keys.ts';
import { isRow, type Row } from './rows.ts';
import { KPIS, keyIn } from './shapes.ts';

/** A snapshot replaces the figures that the dashboard has; an older one than those replaces nothing. */
export function applyKpis(match: KeyMatch, data: unknown, change: Change, patcher: Patcher): Applied {
  const snapshot = change.entities[0];
  const isMeant = snapshot === undefined ? false : isOfUnit(match, data, snapshot, change);
  if (snapshot === undefined || isMeant === false || isNewer(data, snapshot))
    return { data, needsFetch: false };
  if (isMeant === 'unknown' || !isRow(data) || !hasFigures(data)) return { data, needsFetch: true };
  const { value, isSure } = patcher.patch(data, snapshot, change);
  return { data: value, needsFetch: !isSure };
}

/**
 * Whether a query shows the unit that a snapshot is about: as its key says, or else as its data says. A key without a unit and
 * data without one mean what a subscription without one means.
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
  return Object.keys(KPIS).some((name) => name !== 'unitId' && keyIn(row, name) !== undefined);
}
