import { because, type NeedsFetch } from './fetch-reasons.ts';
import type { Apply, Change, Kind, PatchedRow, Patcher, Peers } from './kind.ts';
import type { OtherFields } from './other-fields.ts';
import { hasId, isRow, mapRows, type Row, readRows, rowsOf } from './rows.ts';
import { keyIn, toSnakeCase } from './shapes.ts';

/** The names of the fields that lead from a row to an entity nested in it: `['crate', 'storage']`. */
export type Path = readonly string[];

/** How a row shows a nested entity: as a row, by its id, or in words that do not say which entity it is. */
type Shown =
  | { readonly as: 'row'; readonly row: Row }
  | { readonly as: 'id'; readonly id: string }
  | { readonly as: 'words' };

const WORDS: Shown = { as: 'words' };

/** Writes entities into the rows of another kind that nest them. */
export function nestedAt(path: Path, outer: Kind): Apply {
  return (match, data, change, patcher) => {
    const list = readRows(data);
    if (list === undefined && !isRow(data)) return { data, needsFetch: false };
    if (list === undefined && isRow(data) && data['id'] === undefined)
      return { data, needsFetch: because('unknown-form') };
    const rows = list?.rows ?? [];
    let needsFetch: NeedsFetch = false;
    const patchRow = (row: Row): Row =>
      (change.nested ?? change.entities).reduce((before, entity) => {
        const patched = patchInRow(before, path, entity, change, { outer, rows, patcher });
        needsFetch ||= patched.needsFetch;
        return patched.value;
      }, row);
    if (list === undefined && isRow(data)) return { data: patchRow(data), needsFetch };
    const ordered = patcher.order(match, data, mapRows(data, patchRow), true);
    return { data: ordered.data, needsFetch: needsFetch || ordered.needsFetch };
  };
}

/** Whether some row shows an entity at the end of a path: this one, or any. */
export function isShownAt(path: Path, outer: Kind, data: unknown, others: OtherFields, id?: string): boolean {
  return rowsOf(data).some((row) => {
    const shown = findShown(row, path, outer, others);
    if (shown === undefined || id === undefined || shown.as === 'words') return shown !== undefined;
    return shown.as === 'id' ? shown.id === id : hasId(shown.row, id);
  });
}

interface Surroundings {
  readonly outer: Kind;
  /** The rows beside this one. */
  readonly rows: readonly Row[];
  readonly patcher: Patcher;
}

function patchInRow(
  row: Row,
  path: Path,
  entity: Row,
  change: Change,
  { outer, rows, patcher }: Surroundings,
): PatchedRow {
  const shown = findShown(row, path, outer, patcher.others);
  const id = String(entity['id']);
  if (shown === undefined) return untouched(row);
  const others = (): NeedsFetch => patcher.needsFetchFor(patcher.others.of(row, outer), outer);
  if (shown.as === 'words' || (shown.as === 'id' && isLabel(shown.id, id)))
    return { value: row, needsFetch: !isCreation(change) && because('nested-in-words') }; // what has just been made is in no other row yet
  if (shown.as === 'id') return { value: row, needsFetch: shown.id === id && others() };
  if (!hasId(shown.row, id)) return untouched(row);
  const { value, needsFetch } = patchAt(row, path, rows, (nested, peers) =>
    change.action === 'DELETED' || change.action === 'MOVED_OUT'
      ? { value: nested, needsFetch: because('removed') }
      : patcher.patch(nested, entity, change, peers),
  );
  return { value, needsFetch: needsFetch || others() };
}

const untouched = (row: Row): PatchedRow => ({ value: row, needsFetch: false });

const isCreation = ({ action }: Change): boolean => action === 'CREATED' || action === 'BULK_CREATED';

/** `R1 / A / 2`, where ids are numbers. */
const isLabel = (text: string, id: string): boolean => /^\d+$/.test(id) && !/^\d+$/.test(text);

/** Patches the entity that the fields of a path lead to. */
function patchAt(
  row: Row,
  [name, ...path]: Path,
  rows: readonly Row[],
  patch: (nested: Row, peers: Peers) => PatchedRow,
): PatchedRow {
  const key = name === undefined ? undefined : keyIn(row, name);
  const nested = key === undefined ? undefined : row[key];
  if (key === undefined || !isRow(nested)) return untouched(row);
  const others = rows.map((other) => other[key]).filter(isRow);
  const { value, needsFetch } =
    path.length === 0 ? patch(nested, () => others) : patchAt(nested, path, others, patch);
  return { value: value === nested ? row : { ...row, [key]: value }, needsFetch };
}

type ShownIn = WeakMap<Row, { readonly shown: Shown | undefined }>;

/** A row never changes, so what it shows is found once, and not again for each event. */
const found = new WeakMap<OtherFields, WeakMap<Path, ShownIn>>();

function findShown(row: Row, path: Path, outer: Kind, others: OtherFields): Shown | undefined {
  const ofPaths = found.get(others) ?? new WeakMap<Path, ShownIn>();
  found.set(others, ofPaths);
  const ofRows: ShownIn = ofPaths.get(path) ?? new WeakMap();
  ofPaths.set(path, ofRows);
  const known = ofRows.get(row);
  if (known !== undefined) return known.shown;
  const shown = follow(row, path) ?? (isFlattened(row, path, others.of(row, outer)) ? WORDS : undefined);
  ofRows.set(row, { shown });
  return shown;
}

function follow(row: Row, [name = '', ...path]: Path): Shown | undefined {
  const value = row[keyIn(row, name) ?? keyIn(row, `${name}Id`) ?? name];
  if (value === undefined || value === null || value === '') return undefined;
  if (isRow(value)) {
    if (path.length > 0) return follow(value, path);
    return value['id'] === undefined ? WORDS : { as: 'row', row: value };
  }
  if (typeof value !== 'string' && typeof value !== 'number') return WORDS;
  return path.length === 0 ? { as: 'id', id: String(value) } : undefined;
}

/** Whether other fields of a row are about what it nests: `crate_status`, `storageName`. */
function isFlattened(row: Row, path: Path, others: readonly string[]): boolean {
  return others.some(
    (key) =>
      row[key] != null &&
      path.some((name) => key.startsWith(`${toSnakeCase(name)}_`) || isCamelOf(key, name)),
  );
}

const isCamelOf = (key: string, name: string): boolean =>
  key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length));
