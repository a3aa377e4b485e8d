import type { Query } from '@tanstack/react-query';
import { KINDS, type LiveKind } from '../generated/kinds.ts';
import type { LiveFilters } from './filters.ts';
import { fitsUnit } from './fit.ts';
import type { HeldEntity } from './holds.ts';
import type { Followed, KeyMatch } from './kind.ts';
import type { OtherFields } from './other-fields.ts';
import { createKeyReader, type LiveQueryKeys } from './query-keys.ts';
import { ALL_KINDS, shows } from './rules.ts';

/** What queries are about, by their keys and by the rows that they show. */
export interface QuerySubjects {
  /** Which queries of the kinds it is. A key is read once. */
  matchesOf(query: Query): readonly KeyMatch[];
  /** It is one of the kind's own queries. */
  isOf(kind: LiveKind, query: Query): boolean;
  /** Events of what is followed may change what the query shows. */
  isConcerned(query: Query, followed: Followed): boolean;
  /** The query shows this entity, as a row of its own or nested in one. */
  showsEntity(query: Query, entity: HeldEntity): boolean;
}

export function createQuerySubjects(
  { queryKeys = {}, filters }: { readonly queryKeys?: LiveQueryKeys; readonly filters?: LiveFilters },
  others: OtherFields,
): QuerySubjects {
  const readKey = createKeyReader(queryKeys, filters);
  const matches = new WeakMap<Query, readonly KeyMatch[]>();

  function matchesOf(query: Query): readonly KeyMatch[] {
    const known = matches.get(query) ?? readKey(query.queryKey);
    matches.set(query, known);
    return known;
  }

  return {
    matchesOf,
    isOf: (kind, query) => matchesOf(query).some(({ name }) => name in KINDS[kind].queries),
    isConcerned: (query, { kind, unitAsked }) =>
      matchesOf(query).some(
        (match) => fitsUnit(match, unitAsked) && shows(kind, match.name, query.state.data, others),
      ),
    showsEntity(query, { entity, id }) {
      const kind = ALL_KINDS.find((one) => one.entity === entity);
      if (kind === undefined) return false;
      return matchesOf(query).some(({ name }) => shows(kind, name, query.state.data, others, id));
    },
  };
}
