import { fitOf } from '../query/fit.ts';
import type { Applied, Change, KeyMatch } from '../query/kind.ts';
import { patchEntity } from '../query/patch-entity.ts';
import { hasId, type Row, rowsOf } from '../query/rows.ts';
import type { IgnoreCode, Why } from './sentences.ts';

/** Why an event did to a query what it did; nothing where a row was simply patched. */
export function explain(
  change: Change,
  match: KeyMatch,
  before: unknown,
  { data, needsFetch }: Applied,
): readonly Why[] {
  if (needsFetch !== false) {
    if (needsFetch.code === 'unclear') return [{ code: 'unclear', fields: unclearFields(change, before) }];
    const filters = Object.keys(match.filters);
    return [needsFetch.code === 'leaves' ? { code: 'leaves', fields: filters } : needsFetch];
  }
  return data === before ? [{ code: whyIgnored(change, match, before) }] : [];
}

function whyIgnored({ kind, entities }: Change, match: KeyMatch, before: unknown): IgnoreCode {
  if (kind.subscription.isState) return 'state';
  if (!(match.name in kind.queries)) return 'not-nested';
  if (entities.some((entity) => rowOf(before, entity) !== undefined)) return 'same';
  return entities.every((entity) => fitOf(match, entity) === 'out') && !('id' in match.filters)
    ? 'filtered'
    : 'other-entity';
}

/** The fields whose values an event does not say. */
function unclearFields({ kind, entities, action }: Change, before: unknown): readonly string[] {
  const { shape } = kind.subscription;
  const promised = kind.promises?.[action];
  return entities.flatMap((entity) => {
    const row = kind.subscription.isState ? rowsOf(before)[0] : rowOf(before, entity);
    if (row === undefined) return [];
    return Object.entries(shape).flatMap(([name, field]) =>
      patchEntity(row, entity, { [name]: field }, undefined, promised).isSure ? [] : [name],
    );
  });
}

const rowOf = (data: unknown, entity: Row): Row | undefined =>
  rowsOf(data).find((row) => hasId(row, String(entity['id'])));
