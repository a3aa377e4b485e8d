import { patchCounts } from './patch-counts.ts';
import {
  type Patched,
  patchDate,
  patchId,
  patchNumber,
  patchText,
  patchWord,
  sure,
  unsure,
} from './patch-value.ts';
import { hasId, isRow, type Row } from './rows.ts';
import { type Field, keyIn, type Shape } from './shapes.ts';

/** Other values at the same place, to learn from how a value is spelt that is not there yet. */
export type Peers = () => Iterable<unknown>;

export const noPeers: Peers = () => [];

/**
 * Writes what an event tells of an entity into a row, where the row has the field, as the row spells it. What is the same
 * already stays the same object.
 *
 * `null` in an event may mean "nothing", "not told" or "another unit's". So it overwrites nothing; where the row knows a value it
 * makes the result unsure, and the row is fetched anew. `undefined` was not asked for, and says nothing.
 * @param promised fields that the event's action sets: if they are not told, the result is unsure too.
 */
export function patchEntity(
  row: Row,
  told: Row,
  shape: Shape,
  peers: Peers = noPeers,
  promised: readonly string[] = [],
): Patched<Row> {
  let isSure = true;
  const changes: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape)) {
    const key = keyIn(row, name);
    if (key === undefined) continue;
    const patched = patchField(
      field,
      row[key],
      told[name],
      promised.includes(name),
      peersOf(row, key, field, shape, peers),
    );
    if (!patched.isSure) isSure = false;
    if (patched.value !== row[key]) changes[key] = patched.value;
  }
  return { value: Object.keys(changes).length === 0 ? row : { ...row, ...changes }, isSure };
}

/** The values of fields of the same shape in this row (all its users), then of the same field in other rows. */
function peersOf(row: Row, key: string, field: Field, shape: Shape, peers: Peers): Peers {
  if (field.is !== 'entity' && field.is !== 'entities') return noPeers;
  return function* () {
    for (const [name, other] of Object.entries(shape)) {
      const otherKey = other.is === field.is && other.shape === field.shape ? keyIn(row, name) : undefined;
      if (otherKey !== undefined) yield row[otherKey];
    }
    for (const peer of peers()) if (isRow(peer)) yield peer[key];
  };
}

function patchField(
  field: Field,
  current: unknown,
  told: unknown,
  isPromised: boolean,
  peers: Peers,
): Patched {
  if (told === undefined) return sure(current);
  if (told === null) {
    const isConstant = 'isConstant' in field;
    return (isNothing(current) || isConstant) && !isPromised ? sure(current) : unsure(current);
  }
  switch (field.is) {
    case 'entity':
      return isRow(told) ? patchRelation(current, told, field.shape, peers) : unsure(current);
    case 'entities':
      return Array.isArray(told) ? patchEntities(current, told, field.shape, peers) : unsure(current);
    case 'counts':
      return Array.isArray(told) ? patchCounts(current, told, field) : unsure(current);
    case 'number':
      return typeof told === 'number' ? patchNumber(current, told) : unsure(current);
    default:
      return typeof told === 'string' ? patchString(field, current, told) : unsure(current);
  }
}

function patchString(field: Field, current: unknown, told: string): Patched {
  if (field.is === 'id') return patchId(current, told);
  if (field.is === 'date') return patchDate(current, told);
  if (field.is === 'word') return patchWord(current, told, field.words);
  return patchText(current, told);
}

const isNothing = (value: unknown): boolean =>
  value == null || value === '' || (Array.isArray(value) && value.length === 0);

/** An entity nested in a row: as an object, or by its id or name. */
function patchRelation(current: unknown, told: Row, shape: Shape, peers: Peers): Patched {
  const id = String(told['id']);
  if (hasId(current, id)) return patchEntity(current, told, shape, peers);
  if (isRow(current)) return copyOf(current, told, shape) ?? unsure(current);
  if (current == null) return fromPeers(told, shape, peers) ?? unsure(current);
  if (String(current) === id || current === told['name']) return sure(current);
  return typeof current === 'number' ? patchId(current, id) : unsure(current);
}

/** The entity as the first peer that is one is written. */
function fromPeers(told: Row, shape: Shape, peers: Peers): Patched | undefined {
  for (const peer of peers()) {
    if (typeof peer === 'number') return patchId(peer, String(told['id']));
    if (!isRow(peer)) continue;
    const copy = hasId(peer, String(told['id'])) ? patchEntity(peer, told, shape) : copyOf(peer, told, shape);
    if (copy?.isSure === true) return copy;
  }
  return undefined;
}

/** The entity told, with the fields of an example and spelt like it; `undefined` if the event cannot tell all of them. */
function copyOf(example: Row, told: Row, shape: Shape): Patched<Row> | undefined {
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape)) {
    const key = keyIn(example, name);
    if (key === undefined) continue;
    const value = told[name] ?? null;
    if (value === null && field.is === 'entities') return undefined; // a screen that maps over it would break
    const patched = value === null ? sure(null) : patchField(field, example[key], value, false, noPeers);
    if (!patched.isSure) return undefined;
    copy[key] = patched.value;
  }
  return Object.keys(example).every((key) => Object.hasOwn(copy, key)) ? sure(copy) : undefined;
}

/** A list of nested entities becomes the one told: those known are patched, new ones are written like those known. */
function patchEntities(
  current: unknown,
  told: readonly unknown[],
  shape: Shape,
  peers: Peers,
): Patched<unknown> {
  if (!Array.isArray(current)) return unsure(current);
  const known: readonly unknown[] = current;
  const examples: Peers = function* () {
    yield* known;
    for (const peer of peers()) if (Array.isArray(peer)) yield* peer;
  };
  const patched = told.filter(isRow).map((entity) => {
    const before = known.find((value) => hasId(value, String(entity['id'])));
    return patchRelation(before, entity, shape, examples);
  });
  if (patched.some(({ value }) => value == null)) return unsure(current);
  const isSame =
    patched.length === known.length && patched.every(({ value }, index) => value === known[index]);
  return {
    value: isSame ? current : patched.map(({ value }) => value),
    isSure: patched.every(({ isSure }) => isSure),
  };
}
