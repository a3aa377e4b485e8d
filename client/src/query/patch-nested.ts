import type { Peers } from './kind.ts';
import { type Patched, sure } from './patch-value.ts';
import { hasId, isRow, type Row } from './rows.ts';
import { keyIn } from './shapes.ts';

/** Patches the entity that the fields of a path lead to, if it is the event's. */
export function patchNested(
  row: Row,
  [name, ...path]: readonly string[],
  entity: Row,
  rows: readonly Row[],
  patch: (nested: Row, peers: Peers) => Patched<Row>,
): Patched<Row> {
  const key = name === undefined ? undefined : keyIn(row, name);
  const nested = key === undefined ? undefined : row[key];
  if (key === undefined || !isRow(nested)) return sure(row);
  if (path.length === 0 && !hasId(nested, String(entity['id']))) return sure(row);
  const others = rows.map((other) => other[key]).filter(isRow);
  const { value, isSure } =
    path.length === 0 ? patch(nested, () => others) : patchNested(nested, path, entity, others, patch);
  return { value: value === nested ? row : { ...row, [key]: value }, isSure };
}
