/** What a field of an event holds, and so how it is written into a row. */
export type Field = FieldType & {
  /** The value never changes after it was set. So `null` can only mean that the event does not say it. */
  readonly isSetOnce?: true;
};

type FieldType =
  | { readonly is: 'id' | 'text' | 'date' | 'number' | 'flag' }
  | { readonly is: 'word'; readonly words: readonly string[] }
  | { readonly is: 'entity' | 'entities'; readonly shape: Shape }
  /** Counts by word: `[{ status, count }]`. */
  | { readonly is: 'counts'; readonly by: string; readonly words: readonly string[] }
  /** Anything else is only compared: where it differs, the row is fetched. */
  | { readonly is: 'other' };

/** The fields of an entity as events name them. `npm run generate` writes one for each type. */
export type Shape = Readonly<Record<string, Field>>;

/** A shape with exactly the fields of a fragment. */
export type ShapeOf<Fragment> = Readonly<Record<keyof Fragment, Field>>;

/** Other names that rows have for a field. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { unitId: ['unit'], requestType: ['type'] };

/** What a row calls a field: as the event does, in snake_case, or by an alias; `undefined` if it has no such field. */
export function keyIn(row: object, name: string): string | undefined {
  const names = [name, toSnakeCase(name), ...(ALIASES[name] ?? [])];
  return names.find((candidate) => Object.hasOwn(row, candidate));
}

const snakeCases = new Map<string, string>();

/** `requestType` → `request_type`. The names are those of the schema, so that few are remembered. */
export function toSnakeCase(name: string): string {
  const known = snakeCases.get(name) ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  snakeCases.set(name, known);
  return known;
}

/**
 * The fields by which entities of one shape are nested in rows of another: of a storage location in a request,
 * `[['crate', 'storage']]`. Entities in lists are not among them.
 */
export function pathsTo(nested: Shape, outer: Shape): readonly (readonly string[])[] {
  return Object.entries(outer).flatMap(([name, field]) => {
    if (field.is !== 'entity') return [];
    if (field.shape === nested) return [[name]];
    return pathsTo(nested, field.shape).map((path) => [name, ...path]);
  });
}
