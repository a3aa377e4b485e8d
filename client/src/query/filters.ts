import type { KINDS, LiveKind } from '../generated/kinds.ts';
import { createFaultReporter } from './app-faults.ts';
import type { Fit } from './fit.ts';
import { compareInstants } from './instants.ts';
import type { EntityOf } from './patcher.ts';
import type { LiveQueryKeys } from './query-keys.ts';
import { isRow, type Row } from './rows.ts';

/**
 * Whether an entity of an event belongs to a query whose key has `asked` at a place of its template.
 * `undefined`: no event says it, so the query is fetched.
 */
export type LiveFilter<Entity = Row> = (entity: Entity, asked: unknown) => boolean | undefined;

/** The kind whose query has this name. */
type KindOf<Name> = {
  [Kind in LiveKind]: Name extends keyof (typeof KINDS)[Kind]['queries'] ? Kind : never;
}[LiveKind];

/**
 * How lists are filtered by other things than words, units and ids: by the names of `queryKeys`, then by those of the places in
 * their templates. An event about an entity that does not belong to a list causes no fetch of that list. A place without a value
 * (`undefined`, `''`, `'all'`) is no filter, and its function is not called.
 *
 * ```tsx
 * const queryKeys: LiveQueryKeys = {
 *   audit: ['audit', ':unitId', { from: ':from', until: ':until', user: ':user', search: ':search' }],
 * };
 * const filters: LiveFilters = {
 *   audit: {
 *     from: isNotBefore('at'), // the key has an instant: '2026-11-20T00:00:00+01:00'
 *     until: isBefore('at'),
 *     user: ({ user }, asked) => user?.id === String(asked),
 *     search: () => undefined, // only the server can say
 *   },
 * };
 * <LiveProvider client={client} queryKeys={queryKeys} filters={filters}>…</LiveProvider>
 * ```
 */
export type LiveFilters = {
  readonly [Name in keyof LiveQueryKeys]?: Readonly<Record<string, LiveFilter<EntityOf<KindOf<Name>>>>>;
};

/** Judges an entity by the app's own filters; `undefined`: there is none for this place. */
export type JudgeByApp = (place: string, entity: Row, asked: unknown) => Fit | undefined;

/** Gives the filters of a query by its name. */
export function createAppFilters(filters: LiveFilters): (name: string) => JudgeByApp | undefined {
  const own = new Map<string, Readonly<Record<string, LiveFilter<never>>>>(Object.entries(filters));
  const reportFault = createFaultReporter('Let it return whether the entity belongs to the list.');

  function judge(name: string, place: string, entity: Row, asked: unknown): Fit | undefined {
    const filter = own.get(name)?.[place];
    if (filter === undefined) return undefined;
    try {
      // The name of the query is the key of `filters`: each function gets entities of its own type.
      const fits = filter(entity as never, asked);
      return fits === undefined ? 'unknown' : fits ? 'in' : 'out';
    } catch (error) {
      reportFault(`filters.${name}.${place}`, error);
      return 'unknown';
    }
  }

  return (name) => (own.has(name) ? (place, entity, asked) => judge(name, place, entity, asked) : undefined);
}

/** For {@link LiveFilters}: the entity's instant is the one in the key, or later. */
export function isNotBefore(field: string): LiveFilter<object> {
  return compared(field, (order) => order >= 0);
}

/** For {@link LiveFilters}: the entity's instant is earlier than the one in the key. */
export function isBefore(field: string): LiveFilter<object> {
  return compared(field, (order) => order < 0);
}

/** What is no instant with a time zone cannot be compared, so the server has to say. */
function compared(field: string, fits: (order: number) => boolean): LiveFilter<object> {
  return (entity, asked) => {
    const value = isRow(entity) ? entity[field] : undefined;
    const order = compareInstants(value, asked);
    return order === undefined ? undefined : fits(order);
  };
}
