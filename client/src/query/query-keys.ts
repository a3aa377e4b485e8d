import type { KINDS, LiveKind } from '../generated/kinds.ts';
import { createAppFilters, type LiveFilters } from './filters.ts';
import type { KeyMatch } from './kind.ts';
import { isRow } from './rows.ts';
import { ALL_KINDS } from './rules.ts';

/**
 * What a kind of query key looks like. A text of the form `:name` stands for any value; the names `:id`, `:unitId` and those of
 * fields with words (`:requestType`, `:status`) are understood as filters, other names only if the app's `filters` have them.
 * Anything else has to be there as it is. Filters may also
 * stand in an object: `['requests', { status: ':status' }]`. A key may be shorter (it does not filter then), or longer.
 */
export type QueryKeyTemplate = readonly unknown[];

/** A first element, with the DMS's filters after it; one template; or several of them, if several keys are of that kind. */
export type QueryKeyOption = string | QueryKeyTemplate | readonly QueryKeyTemplate[];

/**
 * The query keys of an app, where they differ from the DMS's (the defaults). To have another query refetched whenever
 * something of a kind happens, name it beside the kind's own:
 *
 * ```tsx
 * const queryKeys: LiveQueryKeys = {
 *   crates: 'boxes', // ['boxes', status, unitId]
 *   requests: [
 *     ['requests', { type: ':requestType', status: ':status', unit: ':unitId', page: ':page' }],
 *     ['reports', 'requests-per-month'],
 *   ],
 * };
 * <LiveProvider client={client} queryKeys={queryKeys}>…</LiveProvider>
 * ```
 */
export type LiveQueryKeys = { readonly [Name in keyof KindQueries]?: QueryKeyOption };

/** The queries of all kinds in one object, with their comments. */
type KindQueries = (
  LiveKind extends infer Name
    ? Name extends LiveKind
      ? (queries: (typeof KINDS)[Name]['queries']) => void
      : never
    : never
) extends (queries: infer All) => void
  ? All
  : never;

/** Reads query keys: what they may stand for, usually one thing or none. */
export function createKeyReader(
  keys: LiveQueryKeys,
  filters: LiveFilters = {},
): (queryKey: readonly unknown[]) => readonly KeyMatch[] {
  const own = new Map<string, QueryKeyOption>(Object.entries(keys));
  const judgeOf = createAppFilters(filters);
  const templates = ALL_KINDS.flatMap(({ queries }) => Object.entries(queries)).flatMap(([name, { key }]) =>
    templatesOf(own.get(name), key).map((template) => ({ name, template })),
  );
  return (queryKey) =>
    templates.flatMap(({ name, template }) => {
      const match = matchSegment(template, queryKey);
      return match === undefined ? [] : [{ name, ...match, judge: judgeOf(name) }];
    });
}

/** @param key the DMS's. */
function templatesOf(
  option: QueryKeyOption | undefined,
  key: readonly string[],
): readonly QueryKeyTemplate[] {
  if (option === undefined) return [key];
  if (typeof option === 'string') return [[option, ...key.slice(1)]];
  return isListOfTemplates(option) ? option : [option];
}

function isListOfTemplates(
  option: QueryKeyTemplate | readonly QueryKeyTemplate[],
): option is readonly QueryKeyTemplate[] {
  return option.length > 0 && option.every((template) => Array.isArray(template));
}

type SegmentMatch = Pick<KeyMatch, 'filters' | 'hasMore'>;

function matchSegment(template: unknown, segment: unknown): SegmentMatch | undefined {
  const slot = slotOf(template);
  if (slot !== undefined) return { filters: isNoFilter(segment) ? {} : { [slot]: segment }, hasMore: false };
  if (Array.isArray(template)) return Array.isArray(segment) ? matchParts(template, segment) : undefined;
  if (isRow(template))
    return isRow(segment) || segment == null ? matchParts(template, segment ?? {}) : undefined;
  return template === segment ? { filters: {}, hasMore: false } : undefined;
}

function slotOf(template: unknown): string | undefined {
  return typeof template === 'string' && template.startsWith(':') ? template.slice(1) : undefined;
}

/** An array's elements, or an object's properties. */
function matchParts(template: object, segment: object): SegmentMatch | undefined {
  const parts = new Map(Object.entries(segment));
  const matches = Object.entries(template).map(([at, part]) => matchSegment(part, parts.get(at)));
  if (!matches.every((match) => match !== undefined)) return undefined;
  const more = [...parts].filter(([at]) => !Object.hasOwn(template, at));
  return {
    filters: Object.assign({}, ...matches.map(({ filters }) => filters)),
    hasMore: matches.some(({ hasMore }) => hasMore) || more.some(([, part]) => isFilter(part)),
  };
}

/** The ways to say "all of them". */
function isNoFilter(segment: unknown): boolean {
  if (typeof segment === 'string') return segment === '' || segment.toLowerCase() === 'all';
  return segment == null || (Array.isArray(segment) && segment.length === 0);
}

/** Whether an element that no template names may narrow down the rows. A number is a page or its size, `false` is off. */
function isFilter(segment: unknown): boolean {
  if (isRow(segment)) return Object.values(segment).some(isFilter);
  return !isNoFilter(segment) && typeof segment !== 'number' && segment !== false;
}
