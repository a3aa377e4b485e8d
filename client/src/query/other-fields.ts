import type { KINDS, LiveKind } from '../generated/kinds.ts';
import { LIVE_VERSION } from './answer-age.ts';
import type { Kind } from './kind.ts';
import { isRow, type Row } from './rows.ts';
import { keyIn, type Shape } from './shapes.ts';

/**
 * Fields of rows that no event has, but that never change, by entity. All other fields that no event has may be stale after an
 * event about their row, so the query is refetched. A name counts in a row, in the rows nested in it, and in the page around it.
 *
 * ```tsx
 * const constantFields: LiveConstantFields = { request: ['unit_name', 'created_by_name'] };
 * <LiveProvider client={client} constantFields={constantFields}>…</LiveProvider>
 * ```
 */
export type LiveConstantFields = {
  readonly [Name in LiveKind as (typeof KINDS)[Name]['entity']]?: readonly string[];
};

/** Knows what rows have that no event has. */
export interface OtherFields {
  /** The fields of a row, by their names there. */
  of(row: Row, kind: Kind): readonly string[];
  /** The fields of entities that are nested in a row and have changed: `crate.label`. */
  nestedIn(before: Row, after: Row, kind: Kind): readonly string[];
  /** The fields of the pages around the rows of a list: `totals`. */
  aroundRows(data: unknown, kind: Kind): readonly string[];
}

const NONE: readonly string[] = [];

export function createOtherFields(constantFields: LiveConstantFields): OtherFields {
  const constants = new Map(
    Object.entries(constantFields).map(([entity, names]) => [entity, new Set<string>(names)]),
  );
  const known = new WeakMap<Shape, WeakMap<Row, readonly string[]>>();

  function ofShape(row: Row, shape: Shape, kind: Kind): readonly string[] {
    const ofRows = known.get(shape) ?? new WeakMap<Row, readonly string[]>();
    known.set(shape, ofRows);
    const found = ofRows.get(row) ?? besides(row, shape);
    ofRows.set(row, found);
    return withoutConstants(found, kind);
  }

  function withoutConstants(names: readonly string[], { entity }: Kind): readonly string[] {
    const ofEntity = constants.get(entity);
    return ofEntity === undefined ? names : names.filter((name) => !ofEntity.has(name));
  }

  function nested(before: Row, after: Row, shape: Shape, kind: Kind): readonly string[] {
    if (before === after) return NONE;
    return Object.entries(shape).flatMap(([name, field]) => {
      const key = field.is === 'entity' || field.is === 'entities' ? keyIn(after, name) : undefined;
      if (key === undefined || !('shape' in field) || before[key] === after[key]) return NONE;
      const olds = entitiesIn(before[key]);
      return entitiesIn(after[key])
        .filter((entity) => !olds.includes(entity))
        .flatMap((entity) => {
          const old = olds.find(({ id }) => id === entity['id']) ?? {};
          return [...ofShape(entity, field.shape, kind), ...nested(old, entity, field.shape, kind)];
        })
        .map((other) => `${key}.${other}`);
    });
  }

  return {
    of: (row, kind) => ofShape(row, kind.subscription.shape, kind),
    nestedIn: (before, after, kind) => nested(before, after, kind.subscription.shape, kind),
    aroundRows: (data, kind) => withoutConstants(fieldsOfPages(data), kind),
  };
}

function besides(row: Row, shape: Shape): readonly string[] {
  const keys = new Set([LIVE_VERSION, ...Object.keys(shape)].map((name) => keyIn(row, name)));
  return Object.keys(row).filter((key) => !keys.has(key));
}

function entitiesIn(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.filter(isRow) : isRow(value) ? [value] : [];
}

/** What a page has besides its rows. Its place among the pages is the same after an event, as long as no row comes or goes. */
const PAGING: ReadonlySet<string> = new Set(
  [
    [
      'results',
      'count',
      'next',
      'previous',
      'links',
      'total',
      'total_count',
      'totalCount',
      'limit',
      'offset',
      'live_version',
      'liveVersion',
    ],
    ['page', 'page_size', 'pageSize', 'current_page', 'currentPage'],
    ['num_pages', 'numPages', 'page_count', 'pageCount', 'total_pages', 'totalPages'],
  ].flat(),
);

function fieldsOfPages(data: unknown): readonly string[] {
  if (!isRow(data)) return NONE;
  const pages: readonly unknown[] = Array.isArray(data['pages']) ? data['pages'] : [data];
  return [...new Set(pages.filter(isRow).flatMap((page) => Object.keys(page)))].filter(
    (key) => !PAGING.has(key),
  );
}
