import { because, type NeedsFetch } from './fetch-reasons.ts';
import { type Fit, fitOf, fitsUnit } from './fit.ts';
import type { Applied, Apply, Change, KeyMatch, KindQuery, Patcher } from './kind.ts';
import { hasId, isRow, mapRows, type Row, type RowList, readRows, removeRow } from './rows.ts';

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
  if (list === undefined) return { data, needsFetch: isOfUnit && because('unknown-form') };
  const id = String(entity['id']);
  const fit = isRemoval(change) ? 'out' : fitOf(match, entity);
  const totals = patcher.needsFetchFor(patcher.others.aroundRows(data, change.kind), change.kind);
  if (!list.rows.some((row) => hasId(row, id))) {
    if (fit !== 'out') return { data, needsFetch: because(fit === 'in' ? 'enters' : 'unknown-filter') };
    return { data, needsFetch: isOfUnit && (totals || mayHide(list)) };
  }
  if (change.action === 'MOVED_OUT' && !('unitId' in match.filters))
    return { data, needsFetch: because('moved') };
  if (isRemoval(change))
    return {
      data: removeRow(data, id),
      needsFetch: totals || ((!list.isWhole || !list.isPlain) && because('page-shrinks')),
    };

  let needsFetch = unlessFit(fit) || totals;
  const patched = mapRows(data, (row) => {
    if (!hasId(row, id)) return row;
    const after = patcher.patch(row, entity, change, () => list.rows);
    needsFetch ||= after.needsFetch;
    return after.value;
  });
  const ordered = patcher.order(match, data, patched);
  return { data: ordered.data, needsFetch: needsFetch || ordered.needsFetch };
}

/** Of an entity that does not belong to the list for sure. */
const unlessFit = (fit: Fit): NeedsFetch =>
  fit !== 'in' && because(fit === 'out' ? 'leaves' : 'unknown-filter');

/** Whether the list may have the row all the same, where it cannot be seen. */
function mayHide(list: RowList): NeedsFetch {
  if (!list.isWhole) return because('other-page');
  return list.rows.some((row) => row['id'] == null) && because('no-ids');
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
    return {
      data,
      needsFetch: fitOf(match, { id }) === 'in' && 'id' in match.filters && because('other-entity'),
    };
  if (isRemoval(change)) return { data, needsFetch: because('removed') };
  const { value, needsFetch } = patcher.patch(data, entity, change);
  return { data: value, needsFetch };
}

function unitOf(entity: Row): string | undefined {
  return typeof entity['unitId'] === 'string' ? entity['unitId'] : undefined;
}
