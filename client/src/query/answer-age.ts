import type { Query } from '@tanstack/react-query';
import type { HeldEntity } from './holds.ts';
import type { Change, KeyMatch } from './kind.ts';
import { type NewestEntities, type NewestEntity, SKEW_MS } from './newest-entities.ts';
import type { QueryWriter, Received } from './query-writer.ts';
import { isRow, pagesOf, type Row, rowsOf } from './rows.ts';
import { ALL_KINDS, ruleOf } from './rules.ts';
import { keyIn } from './shapes.ts';

/** The field of rows, or of the page around them, that says up to which event the database that answered knew everything. */
export const LIVE_VERSION = 'liveVersion';

const versions = new WeakMap<object, number | undefined>();

/** Up to which event the answer that a query shows knows everything; `undefined`: it does not say it of all its rows. */
export function liveVersionOf(data: unknown): number | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  if (versions.has(data)) return versions.get(data);
  const known = pagesOf(data).flatMap((page) => {
    const ofPage = isRow(page) ? versionIn(page) : Number.NaN;
    return Number.isNaN(ofPage) ? rowsOf(page).map(versionIn) : [ofPage];
  });
  const version = known.length === 0 ? undefined : Math.min(...known);
  const readable = Number.isSafeInteger(version) ? version : undefined;
  versions.set(data, readable);
  return readable;
}

const versionIn = (row: Row): number => Number(row[keyIn(row, LIVE_VERSION) ?? ''] ?? Number.NaN);

export interface AnswerSurroundings {
  readonly newest: NewestEntities;
  /** The newest states that were received. */
  states(): readonly Received[];
  readonly writer: Pick<QueryWriter, 'complete' | 'lacks'>;
  matchesOf(query: Query): readonly KeyMatch[];
  held(): readonly HeldEntity[];
}

/**
 * Writes into answers what they lack although it was received before their fetch began: they are from a replica that is late.
 * @returns whether another fetch may bring more.
 */
export function createAnswerCompleter({ newest, states, writer, matchesOf, held }: AnswerSurroundings) {
  /** Figures say when they were computed. Older ones replace no newer ones; but that is no reason to fetch, for a DMS may cache them. */
  function completeFigures(query: Query, beganAt: number): void {
    const { data } = query.state;
    if (!isRow(data) || keyIn(data, 'computedAt') === undefined) return;
    const known = states().filter(({ moment }) => moment <= beganAt);
    writer.complete(
      query,
      known.map(({ change }) => change),
    );
  }

  return (query: Query, beganAt: number): boolean => {
    const matches = matchesOf(query);
    completeFigures(query, beganAt);
    const version = liveVersionOf(query.state.data);
    const later =
      version === undefined ? laterByClock(query.state.data, matches, newest) : newest.after(version);
    const isHeld = new Set(held().map(keyOfHeld));
    const lacking = later
      .filter(({ moment }) => moment <= beganAt)
      .filter(({ kind }) => matches.some(({ name }) => ruleOf(kind, name) !== undefined))
      .filter(
        ({ kind, entity }) => !isHeld.has(keyOfHeld({ entity: kind.entity, id: String(entity['id']) })),
      );
    const { hasChanged, needsFetch } = writer.complete(query, lacking.map(toChange));
    // Clocks may be wrong: they alone are no reason to fetch.
    return hasChanged || (version !== undefined && needsFetch);
  };
}

export const keyOfHeld = ({ entity, id }: HeldEntity): string => `${entity}:${id}`;

/** The entities of rows whose `updated_at` is older than what was received of them. */
function laterByClock(data: unknown, matches: readonly KeyMatch[], newest: NewestEntities): NewestEntity[] {
  const kinds = ALL_KINDS.filter(({ queries }) => matches.some(({ name }) => name in queries));
  return rowsOf(data).flatMap((row) => {
    const updatedAt = Date.parse(String(row[keyIn(row, 'updatedAt') ?? '']));
    if (!isRow(row) || Number.isNaN(updatedAt)) return [];
    const known = kinds.flatMap((kind) => newest.get(kind, String(row['id'])) ?? []);
    return known.filter(({ occurredAt }) => occurredAt > updatedAt + SKEW_MS);
  });
}

export const toChange = ({ kind, entity, action, version, occurredAt }: NewestEntity): Change => ({
  kind,
  unitAsked: undefined,
  id: '',
  action,
  actor: null,
  occurredAt,
  version,
  entities: [entity],
});
