import type { Peers } from './kind.ts';
import { patchCounts } from './patch-counts.ts';
import { type Patched, patchDate, patchId, patchPrimitive, patchWord, sure, unsure } from './patch-value.ts';
import { hasId, isRow, type Row } from './rows.ts';
import { type Field, keyIn, type Shape } from './shapes.ts';

export const noPeers: Peers = () => [];

/**
 * Writes an event's entity into a row: each field that the row has, as the row spells it. What does not change stays the same
 * object.
 *
 * `null` in an event may mean "nothing", "unknown" or "another unit's". So it overwrites nothing; where the row has a value it
 * makes the result unsure, and the row is refetched. `undefined` was not asked for, and says nothing.
 * @param promised fields that the event's action sets: if they are `null`, the result is unsure too.
 */
export function patchEntity(
  row: Row,
  given: Row,
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
      given[name],
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
  given: unknown,
  isPromised: boolean,
  peers: Peers,
): Patched {
  if (given === undefined) return sure(current);
  if (given === null)
    return (isNothing(current) || field.isSetOnce) && !isPromised ? sure(current) : unsure(current);
  switch (field.is) {
    case 'entity':
      return isRow(given) ? patchRelation(current, given, field.shape, peers) : unsure(current);
    case 'entities':
      return Array.isArray(given) ? patchEntities(current, given, field.shape, peers) : unsure(current);
    case 'counts':
      return Array.isArray(given) ? patchCounts(current, given, field) : unsure(current);
    case 'number':
      return typeof given === 'number' ? patchPrimitive(current, given) : unsure(current);
    case 'flag':
      return typeof given === 'boolean' ? patchPrimitive(current, given) : unsure(current);
    case 'other':
      return JSON.stringify(current) === JSON.stringify(given) ? sure(current) : unsure(current);
    default:
      return typeof given === 'string' ? patchString(field, current, given) : unsure(current);
  }
}

function patchString(field: Field, current: unknown, given: string): Patched {
  if (field.is === 'id') return patchId(current, given);
  if (field.is === 'date') return patchDate(current, given);
  if (field.is === 'word') return patchWord(current, given, field.words);
  return patchPrimitive(current, given);
}

const isNothing = (value: unknown): boolean =>
  value == null || value === '' || (Array.isArray(value) && value.length === 0);

/** An entity nested in a row: as an object, or by its id or name. */
function patchRelation(current: unknown, given: Row, shape: Shape, peers: Peers): Patched {
  const id = String(given['id']);
  if (hasId(current, id)) return patchEntity(current, given, shape, peers);
  if (isRow(current)) return copyOf(current, given, shape) ?? unsure(current);
  if (current == null) return fromPeers(given, shape, peers) ?? unsure(current);
  if (String(current) === id || current === given['name']) return sure(current);
  return typeof current === 'number' ? patchId(current, id) : unsure(current);
}

/** The entity, spelt like the first peer that is one. */
function fromPeers(given: Row, shape: Shape, peers: Peers): Patched | undefined {
  for (const peer of peers()) {
    if (typeof peer === 'number') return patchId(peer, String(given['id']));
    if (!isRow(peer)) continue;
    const copy = hasId(peer, String(given['id']))
      ? patchEntity(peer, given, shape)
      : copyOf(peer, given, shape);
    if (copy?.isSure === true) return copy;
  }
  return undefined;
}

/** The event's entity, with the fields of an example and spelt like it; `undefined`: the event does not have all of them. */
function copyOf(example: Row, given: Row, shape: Shape): Patched<Row> | undefined {
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape)) {
    const key = keyIn(example, name);
    if (key === undefined) continue;
    const value = given[name] ?? null;
    if (value === null && field.is === 'entities') return undefined; // a screen that maps over it would break
    const patched = value === null ? sure(null) : patchField(field, example[key], value, false, noPeers);
    if (!patched.isSure) return undefined;
    copy[key] = patched.value;
  }
  return Object.keys(example).every((key) => Object.hasOwn(copy, key)) ? sure(copy) : undefined;
}

/** A list of nested entities becomes the event's: known ones are patched, new ones are spelt like the known ones. */
function patchEntities(
  current: unknown,
  given: readonly unknown[],
  shape: Shape,
  peers: Peers,
): Patched<unknown> {
  if (!Array.isArray(current)) return unsure(current);
  const known: readonly unknown[] = current;
  const examples: Peers = function* () {
    yield* known;
    for (const peer of peers()) if (Array.isArray(peer)) yield* peer;
  };
  const patched = given.filter(isRow).map((entity) => {
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
