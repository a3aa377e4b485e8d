import { fitOf, fitsUnit } from './fit.ts';
import type { Applied, Apply, Change, KeyMatch, KindQuery, Patcher } from './kind.ts';
import { hasId, isRow, mapRows, type Row, readRows, removeRow } from './rows.ts';

/** A query of a list, a page or pages of rows. `key` is the DMS's: `list('crates', ':status', ':unitId')`. */
export const list = (...key: KindQuery['key']): KindQuery => ({ key, apply: eachEntity(applyToList) });

/** A query of one entity: `detail('crate', ':id')`. */
export const detail = (...key: KindQuery['key']): KindQuery => ({ key, apply: eachEntity(applyToDetail) });

type ApplyEntity = (match: KeyMatch, data: unknown, entity: Row, change: Change, patcher: Patcher) => Applied;

function eachEntity(apply: ApplyEntity): Apply {
  return (match, data, change, patcher) =>
    change.entities.reduce<Applied>(
      (before, entity) => {
        const after = apply(match, before.data, entity, change, patcher);
        return { data: after.data, needsFetch: before.needsFetch || after.needsFetch };
      },
      { data, needsFetch: false },
    );
}

/**
 * A row that is there is patched. The list is fetched if a row enters, or may leave; also if it is one page of several, and the
 * row may be on another. What moved to another unit leaves the lists of its old one; a list of all units keeps it.
 */
function applyToList(match: KeyMatch, data: unknown, entity: Row, change: Change, patcher: Patcher): Applied {
  const list = readRows(data);
  const isOfUnit = fitsUnit(match, unitOf(entity));
  if (list === undefined) return { data, needsFetch: isOfUnit };
  const id = String(entity['id']);
  const fit = isRemoval(change) ? 'out' : fitOf(match, entity);
  const hasTotals = patcher.needsFetchFor(patcher.others.aroundRows(data, change.kind), change.kind);
  if (!list.rows.some((row) => hasId(row, id))) {
    const mayBeThere = hasTotals || !list.isWhole || list.rows.some((row) => row['id'] == null);
    return { data, needsFetch: fit !== 'out' || (isOfUnit && mayBeThere) };
  }
  if (change.action === 'MOVED_OUT' && !('unitId' in match.filters)) return { data, needsFetch: true };
  if (isRemoval(change))
    return { data: removeRow(data, id), needsFetch: hasTotals || !list.isWhole || !list.isPlain };

  let isSure = !hasTotals;
  const patched = mapRows(data, (row) => {
    if (!hasId(row, id)) return row;
    const after = patcher.patch(row, entity, change, () => list.rows);
    if (!after.isSure) isSure = false;
    return after.value;
  });
  return { data: patched, needsFetch: !isSure || fit !== 'in' };
}

const isRemoval = ({ action }: Change): boolean => action === 'DELETED' || action === 'MOVED_OUT';

/** One entity, as its own query holds it. It is fetched if it has more than events say. */
function applyToDetail(
  match: KeyMatch,
  data: unknown,
  entity: Row,
  change: Change,
  patcher: Patcher,
): Applied {
  const id = String(entity['id']);
  if (!isRow(data) || !hasId(data, id))
    return { data, needsFetch: fitOf(match, { id }) === 'in' && 'id' in match.filters };
  if (isRemoval(change)) return { data, needsFetch: true };
  const { value, isSure } = patcher.patch(data, entity, change);
  return { data: value, needsFetch: !isSure };
}

function unitOf(entity: Row): string | undefined {
  return typeof entity['unitId'] === 'string' ? entity['unitId'] : undefined;
}
