import type { UserFieldsFragment } from '../generated/operations.ts';
import { patchEntity } from '../query/patch-entity.ts';
import type { LivePatch, LivePatches } from '../query/patcher.ts';
import { isRow } from '../query/rows.ts';
import type { NotedChange } from './change-log.ts';

/** Something that was done while a component showed its object. */
export interface ChangeMeanwhile {
  /** As in the event: `APPROVED`, `RELOCATED`, … */
  readonly action: string;
  /** Who did it; `null`: the system. */
  readonly actor: UserFieldsFragment | null;
  /** When it was done, by the clock of the DMS, in Unix milliseconds. */
  readonly occurredAt: number;
  /** The user did it, in this window or in another one. */
  readonly isOwn: boolean;
}

/** What has changed since a component was opened. */
export interface ChangedMeanwhile<Row> {
  /** The row as it was when the component was opened. */
  readonly before: Row;
  /** The row as it is now, as far as the page knows. */
  readonly now: Row;
  /** The fields that differ, by their names in the row. */
  readonly fields: readonly (keyof Row & string)[];
  /**
   * What was done, the oldest first. It is empty until the server has said who the user is, and where the row was fetched again
   * without an event: then nobody knows who changed it.
   */
  readonly changes: readonly ChangeMeanwhile[];
  /** It was deleted, or belongs to another unit now. */
  readonly isGone: boolean;
}

/** What is known of a row while a component shows it. */
export interface Shown<Row> {
  readonly before: Row;
  /** What the component shows now; `undefined`: the app has no row any more. */
  readonly row: Row | undefined;
  readonly noted: readonly NotedChange[];
  /** Who the user is; `undefined`: not known yet. */
  readonly viewerId: string | undefined;
  readonly patches: LivePatches | undefined;
}

/**
 * Compares what was shown with what is known now; `undefined`: nothing has changed.
 *
 * After an interruption the server sends again what was missed. Some of that may be older than the row that was shown. For
 * example: the row was fetched as approved, and then the event of the approval comes. So everything up to the last event that
 * says just what was shown is no news.
 */
export function changedMeanwhile<Row extends object>(shown: Shown<Row>): ChangedMeanwhile<Row> | undefined {
  const { before, row, viewerId } = shown;
  const states = shown.noted.map((noted) => ({ ...noted, ...after(before, noted, shown.patches) }));
  const known = states.reduce((last, { isSame }, index) => (isSame ? index : last), -1);
  const news = states.slice(known + 1);
  const latest = news[news.length - 1];
  const isRowNew = row !== undefined && !isEqual(row, before);
  const now = isRowNew ? row : (latest?.value ?? before);
  const fields = fieldsThatDiffer(before, now);
  const isGone = latest !== undefined && isRemoval(latest);
  const isKnown = news.every(({ value }) => value !== undefined);
  if (fields.length === 0 && !isGone && isKnown) return undefined;
  const changes =
    viewerId === undefined
      ? []
      : news.map(({ change: { action, actor, occurredAt } }) => ({
          action,
          actor,
          occurredAt,
          isOwn: actor?.id === viewerId,
        }));
  return { before, now, fields, changes, isGone };
}

interface After<Row> {
  /** `undefined`: the app's own patch could not say it. */
  readonly value: Row | undefined;
  /** The change says just what the row says. */
  readonly isSame: boolean;
}

/** The row as a change would leave it. */
function after<Row extends object>(
  row: Row,
  noted: NotedChange,
  patches: LivePatches | undefined,
): After<Row> {
  // A removal says what was.
  if (isRemoval(noted) || !isRow(row)) return { value: row, isSame: false };
  const { kind } = noted.change;
  const patch = new Map<string, LivePatch<never>>(Object.entries(patches ?? {})).get(kind.entity);
  try {
    const { value, isSure } =
      patch === undefined
        ? patchEntity(row, noted.entity, kind.subscription.shape)
        : { value: patch(row, noted.entity as never), isSure: true }; // each patch gets entities of its own type
    return { value: value as Row | undefined, isSame: isSure && isEqual(value, row) }; // a patched row has the same shape
  } catch {
    return { value: undefined, isSame: false }; // the bridge reports what a patch throws
  }
}

const isRemoval = ({ change: { action } }: NotedChange): boolean =>
  action === 'DELETED' || action === 'MOVED_OUT';

function fieldsThatDiffer<Row extends object>(before: Row, now: Row): (keyof Row & string)[] {
  const fields = Object.keys({ ...before, ...now }) as (keyof Row & string)[]; // they are the keys of rows
  return fields.filter((field) => !isEqual(before[field], now[field]));
}

const isEqual = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);
