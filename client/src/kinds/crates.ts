import { crateUpdated } from '../generated/subscriptions.ts';
import { detail, list } from '../query/apply-entities.ts';
import type { Change, ChangeFilter, Kind } from '../query/kind.ts';
import { isRow, type Row } from '../query/rows.ts';

/**
 * Keeps `['crates', status, unitId]` and `['crate', id]` live, and the crates inside request rows; see {@link useLiveRequests}.
 *
 * ```tsx
 * function Crates({ unitId }: { unitId: number }) {
 *   useLiveCrates(unitId);
 *   const { data } = useQuery({ queryKey: ['crates', 'Active', unitId], queryFn: fetchActiveCrates });
 *   return <CrateTable rows={data ?? []} />;
 * }
 * ```
 */
export const crates = {
  subscription: crateUpdated,
  entity: 'crate',
  queries: {
    /** Default: `['crates', ':status', ':unitId']`. */
    crates: list('crates', ':status', ':unitId'),
    /** Default: `['crate', ':id']`. */
    crate: detail('crate', ':id'),
  },
  createFilter: createNewestCrates,
} as const satisfies Kind;

/** Events about more crates than this will hardly cross each other. */
const KEPT = 500;

/** How far apart the clocks of two publishers may be, in milliseconds. */
const SKEW_MS = 2000;

interface Known {
  readonly crate: Row;
  readonly occurredAt: number;
  /** The kind of the event that it is from. */
  readonly source: string;
  /** Two kinds of events disagreed at about the same time, so that nobody knows which is newer. */
  readonly isContested: boolean;
}

/**
 * A crate is in its own events and in those of its requests, and the two may overtake each other on their way. This gives each
 * change the newest state of its crate, so that an older state never replaces a newer one. Where nobody can know which state is
 * newer, the change is contested, and the queries it concerns are refetched.
 */
function createNewestCrates(): ChangeFilter {
  const newest = new Map<string, Known>();

  function newestOf(crate: Row, { occurredAt, kind }: Change): Known {
    const id = String(crate['id']);
    const chosen = choose(newest.get(id), { crate, occurredAt, source: kind.entity, isContested: false });
    newest.delete(id); // to the end: the crates that had no event for longest are forgotten
    newest.set(id, chosen);
    for (const oldest of newest.keys()) {
      if (newest.size <= KEPT) break;
      newest.delete(oldest);
    }
    return chosen;
  }

  return (change) => {
    if (change.kind.entity === 'crate') {
      const known = change.entities.map((crate) => newestOf(crate, change));
      return {
        ...change,
        nested: known.map(({ crate }) => crate),
        isContested: known.some(({ isContested }) => isContested),
      };
    }
    const [request] = change.entities;
    const crate = request?.['crate'];
    if (change.kind.entity !== 'request' || !isRow(crate)) return change;
    const known = newestOf(crate, change);
    return { ...change, entities: [{ ...request, crate: known.crate }], isContested: known.isContested };
  };
}

function choose(known: Known | undefined, latest: Known): Known {
  // Events of one kind come in order.
  if (known === undefined || (known.source === latest.source && !known.isContested)) return latest;
  const newer = known.occurredAt > latest.occurredAt ? known : latest;
  const isClose = Math.abs(known.occurredAt - latest.occurredAt) <= SKEW_MS;
  const isSame = JSON.stringify(known.crate) === JSON.stringify(latest.crate);
  return { ...newer, isContested: newer.isContested || (isClose && (known.isContested || !isSame)) };
}
