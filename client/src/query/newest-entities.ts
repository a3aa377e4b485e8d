import type { Change, Kind } from './kind.ts';
import { isRow, type Row } from './rows.ts';
import { ALL_KINDS } from './rules.ts';
import type { Shape } from './shapes.ts';

/** The newest state of an entity that events have said. */
export interface NewestEntity {
  /** Its own kind. */
  readonly kind: Kind;
  readonly entity: Row;
  /** What happened to it; `UPDATED` where it was nested in another. */
  readonly action: string;
  readonly version: number | null;
  readonly occurredAt: number;
  /** The kind of the event that said it. */
  readonly source: Kind;
  /** Two kinds of events without versions disagreed at about the same time, so that nobody knows which is newer. */
  readonly isContested: boolean;
  /** When it was received, as the bridge counts. */
  readonly moment: number;
  /** The same by the monotonic clock. */
  readonly receivedAt: number;
}

/**
 * An entity may be in events of several kinds: a crate is in its own and in those of its requests. They may overtake each other on
 * their way, and an answer of the REST API may be older than they are.
 */
export interface NewestEntities {
  /**
   * Gives a change the newest state of each entity in it, so that an older state never replaces a newer one. `undefined`: all of it
   * is older than what was received before. Where nobody can know which state is newer, the change is contested, and the
   * queries that it concerns are refetched.
   */
  renew(change: Change, moment: number): Change | undefined;
  /** What was received of an entity lately. */
  get(kind: Kind, id: string): NewestEntity | undefined;
  /** Everything that was received lately and has a later version. */
  after(version: number): readonly NewestEntity[];
  /** Everything that was received after this moment, as the bridge counts. */
  since(moment: number): readonly NewestEntity[];
  forget(): void;
}

/** Events about more entities than this will hardly overtake each other. */
const KEPT = 1000;
/** After this a version is forgotten. So a publisher whose versions have gone back by mistake is ignored no longer than this. */
const KEPT_MS = 300_000;
/** How far apart the clocks of two publishers may be, in milliseconds. */
export const SKEW_MS = 2000;

type Source = Pick<
  NewestEntity,
  'version' | 'occurredAt' | 'source' | 'isContested' | 'moment' | 'receivedAt'
>;

export function createNewestEntities(): NewestEntities {
  const newest = new Map<string, NewestEntity>();

  function get(key: string): NewestEntity | undefined {
    const known = newest.get(key);
    return known !== undefined && isFresh(known) ? known : undefined;
  }

  function note(latest: NewestEntity): NewestEntity {
    const key = keyOf(latest.kind, latest.entity['id']);
    const chosen = choose(get(key), latest);
    newest.delete(key); // to the end: the entities that had no event for longest are forgotten
    newest.set(key, chosen);
    for (const oldest of newest.keys()) {
      if (newest.size <= KEPT) break;
      newest.delete(oldest);
    }
    return chosen;
  }

  function withNewestInside(entity: Row, shape: Shape, source: Source): Renewed {
    let renewed: Renewed = { entity, isContested: false };
    for (const [name, kind] of nestedKinds(shape)) {
      const nested = entity[name];
      if (!isRow(nested) || (source.version === null && !kind.comparesClocks)) continue;
      const inner = withNewestInside(nested, kind.subscription.shape, source);
      const chosen = note({ ...source, kind, entity: inner.entity, action: 'UPDATED' });
      renewed = {
        entity: chosen.entity === nested ? renewed.entity : { ...renewed.entity, [name]: chosen.entity },
        isContested: renewed.isContested || inner.isContested || chosen.isContested,
      };
    }
    return renewed;
  }

  /** @returns what is written into the kind's own queries, and what is written where the entity is nested. */
  function renewOwn(entity: Row, { kind, action }: Change, source: Source) {
    const isRemoval = action === 'DELETED' || action === 'MOVED_OUT';
    // A removal says what was. It knows nothing new of what is nested in it.
    const inner = isRemoval
      ? { entity, isContested: false }
      : withNewestInside(entity, kind.subscription.shape, source);
    const latest = { ...source, kind, entity: inner.entity, action };
    const chosen = note(latest);
    const isOlder = chosen !== latest && isOrdered(chosen, latest);
    if (isOlder && chosen.source === kind) return undefined; // the newer one was written everywhere
    return {
      own: isOlder && !isRemoval ? chosen.entity : inner.entity, // without versions, events of one kind are in order
      nested: chosen.entity,
      isContested: inner.isContested || chosen.isContested,
      version: isOlder ? chosen.version : latest.version,
    };
  }

  return {
    renew(change, moment) {
      if (change.kind.subscription.isState) return change;
      const source: Source = {
        version: Number.isSafeInteger(change.version) ? change.version : null,
        occurredAt: change.occurredAt,
        source: change.kind,
        isContested: false,
        moment,
        receivedAt: performance.now(),
      };
      const renewed = change.entities.flatMap((entity) => renewOwn(entity, change, source) ?? []);
      if (renewed.length === 0) return undefined;
      return {
        ...change,
        version: renewed.reduce<number | null>((max, { version }) => later(max, version), null),
        entities: renewed.map(({ own }) => own),
        nested: renewed.map(({ nested }) => nested),
        isContested: renewed.some(({ isContested }) => isContested),
      };
    },
    get: (kind, id) => get(keyOf(kind, id)),
    after: (version) =>
      [...newest.values()].filter((known) => (known.version ?? 0) > version && isFresh(known)),
    since: (moment) => [...newest.values()].filter((known) => known.moment > moment),
    forget: () => newest.clear(),
  };
}

interface Renewed {
  readonly entity: Row;
  readonly isContested: boolean;
}

function choose(known: NewestEntity | undefined, latest: NewestEntity): NewestEntity {
  if (known === undefined) return latest;
  if (isOrdered(known, latest)) return (known.version ?? 0) > (latest.version ?? 0) ? known : latest;
  // Events of one kind come in order.
  if (known.source === latest.source && !known.isContested) return latest;
  const newer = known.occurredAt > latest.occurredAt ? known : latest;
  const isClose = Math.abs(known.occurredAt - latest.occurredAt) <= SKEW_MS;
  if (!isClose) return newer;
  const isSame = JSON.stringify(known.entity) === JSON.stringify(latest.entity);
  return { ...newer, isContested: newer.isContested || known.isContested || !isSame };
}

/** Whether versions say which of two states is newer. */
const isOrdered = (one: NewestEntity, other: NewestEntity): boolean =>
  one.version !== null && other.version !== null;

const isFresh = ({ receivedAt }: NewestEntity): boolean => performance.now() - receivedAt < KEPT_MS;

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

const keyOf = (kind: Kind, id: unknown): string => `${kind.entity}:${String(id)}`;

const nested = new WeakMap<Shape, ReadonlyMap<string, Kind>>();

/** The fields of a shape that hold one entity of a kind that has events: of a request, its crate. */
function nestedKinds(shape: Shape): ReadonlyMap<string, Kind> {
  const known = nested.get(shape) ?? new Map(findNestedKinds(shape));
  nested.set(shape, known);
  return known;
}

function findNestedKinds(shape: Shape): readonly (readonly [string, Kind])[] {
  return Object.entries(shape).flatMap(([name, field]) => {
    const kind =
      field.is === 'entity'
        ? ALL_KINDS.find(({ subscription }) => subscription.shape === field.shape)
        : undefined;
    return kind === undefined ? [] : [[name, kind] as const];
  });
}
