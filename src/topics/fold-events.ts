/** Folds the events of a time to what happened to each thing. Pure: the events are those that a subscriber would get. */
import type { Entity, EventKind, LiveEvent } from '../events/kinds.ts';
import type { TopicEvent } from './log-tail.ts';

/** One event, as it concerns one thing. */
export interface Happening {
  readonly event: LiveEvent;
  readonly entity: Entity;
  /** It was appended at this time or before, by `performance.now()`. */
  readonly at: number;
}

/** What happened to each thing, by its id: in order, each event once. */
export type Happenings = ReadonlyMap<string, readonly Happening[]>;

/** What happened to one thing. */
export interface Fold {
  /** The events that count, oldest first; there is one at least. */
  readonly counted: readonly Happening[];
  readonly actions: readonly string[];
  readonly isNew: boolean;
  readonly isDeleted: boolean;
  /** The first event of its present life here, in this time. */
  readonly first: Happening;
  /** The newest event that shows it as it is; `undefined`: it was deleted. */
  readonly newest: Happening | undefined;
}

export interface FoldOptions {
  /** The events are of one unit: what moved out of it is there no more. Otherwise they are of all units. */
  readonly isOfOneUnit: boolean;
  /** What this user did does not count. `undefined`: everything counts. */
  readonly withoutUser: string | undefined;
}

/** The words of actions that say more than that something changed (contract, section 2). */
const DELETED = 'DELETED';
const MOVED_OUT = 'MOVED_OUT';
const ARRIVALS: ReadonlySet<string> = new Set(['CREATED', 'BULK_CREATED', 'MOVED_IN']);

/** @param events of this kind, in order. Those that break the contract are passed over. */
export function groupByThing(kind: EventKind, events: Iterable<TopicEvent>): Happenings {
  const groups = new Map<string, Happening[]>();
  for (const { event, appendedBy = Number.POSITIVE_INFINITY } of events) {
    if (event === undefined || event.kind !== kind.kind) continue;
    for (const entity of kind.entitiesOf(event.data)) {
      const happening = { event, entity, at: appendedBy };
      const group = groups.get(entity.id);
      if (group === undefined) groups.set(entity.id, [happening]);
      else if (group.at(-1)?.event !== event) group.push(happening);
    }
  }
  return groups;
}

/** The same event may be on two topics: then it counts once. */
export function mergeHappenings(one: Happenings, other: Happenings): Happenings {
  if (other.size === 0) return one;
  const merged = new Map(one);
  for (const [id, happenings] of other) {
    const known = merged.get(id) ?? [];
    const ids = new Set(known.map(({ event }) => event.data.id));
    const added = happenings.filter(({ event }) => !ids.has(event.data.id));
    merged.set(
      id,
      [...known, ...added].toSorted((a, b) => a.at - b.at),
    );
  }
  return merged;
}

/** @returns `undefined` if nothing of it is to be shown. */
export function foldThing(happenings: readonly Happening[], options: FoldOptions): Fold | undefined {
  const last = happenings.at(-1);
  if (last === undefined) return undefined;
  const { isOfOneUnit, withoutUser } = options;
  const counts = ({ event }: Happening): boolean =>
    withoutUser === undefined || actorOf(event)?.id !== withoutUser;
  const action = actionOf(last.event);
  if (action === MOVED_OUT && isOfOneUnit) return undefined;
  const isDeleted = action === DELETED;
  if (isDeleted && !counts(last)) return undefined;
  const present = presentLife(happenings, isOfOneUnit);
  const counted = present.filter(counts);
  const [first] = present;
  if (counted.length === 0 || first === undefined) return undefined;
  const actions = new Set(counted.map(({ event }) => actionOf(event)).filter((word) => word !== ''));
  return {
    counted,
    actions: isDeleted ? [DELETED] : [...actions],
    isNew: present.some(({ event }) => ARRIVALS.has(actionOf(event))),
    isDeleted,
    first,
    newest: isDeleted ? undefined : newestOf(present, last),
  };
}

/** What happened before a thing left, or was deleted, is over once it is there again. */
function presentLife(happenings: readonly Happening[], isOfOneUnit: boolean): readonly Happening[] {
  const end = happenings.findLastIndex(
    ({ event }, index) => index < happenings.length - 1 && isEnd(event, isOfOneUnit),
  );
  return happenings.slice(end + 1);
}

/** Whether a thing is gone after an event. For all units together nothing moves out. */
export function isEnd(event: LiveEvent, isOfOneUnit: boolean): boolean {
  const action = actionOf(event);
  return action === DELETED || (isOfOneUnit && action === MOVED_OUT);
}

/** An event by which a thing leaves a unit shows it as that unit last knew it. */
function newestOf(happenings: readonly Happening[], last: Happening): Happening {
  return happenings.findLast(({ event }) => actionOf(event) !== MOVED_OUT) ?? last;
}

/** `''`: the events of its kind do not say what happened. */
export function actionOf({ data }: LiveEvent): string {
  const action = data['action'];
  return typeof action === 'string' ? action : '';
}

/** Who did it; `undefined`: the system, or the events of its kind do not say it. */
export function actorOf({ data }: LiveEvent): { readonly id: unknown } | undefined {
  const actor = data['actor'];
  return typeof actor === 'object' && actor !== null && 'id' in actor ? actor : undefined;
}
