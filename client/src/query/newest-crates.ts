import type { Change } from './change.ts';
import { isRow, type Row } from './rows.ts';

/** More crates than this in events that cross each other there will hardly be. */
const KEPT = 500;

/** How far apart the clocks of two publishers may be, in milliseconds. */
const SKEW_MS = 2000;

interface Known {
  readonly crate: Row;
  readonly occurredAt: number;
  readonly toldBy: Change['kind'];
  /** It was told otherwise at about the same time, so that nobody knows which is newer. */
  readonly isContested: boolean;
}

/**
 * A crate is told of by its own events and by those of its requests, and the two may overtake each other on their way. Gives
 * each change the newest state of its crate, so that what is older never replaces what is newer; where it cannot be known
 * which that is, the change is contested, and what it concerns is fetched anew.
 */
export function createNewestCrates(): (change: Change) => Change {
  const newest = new Map<string, Known>();

  function newestOf(crate: Row, { occurredAt, kind }: Change): Known {
    const id = String(crate['id']);
    const known = newest.get(id);
    const chosen = choose(known, { crate, occurredAt, toldBy: kind, isContested: false });
    newest.delete(id); // to the end: the ones longest not heard of are forgotten
    newest.set(id, chosen);
    for (const oldest of newest.keys()) {
      if (newest.size <= KEPT) break;
      newest.delete(oldest);
    }
    return chosen;
  }

  return (change) => {
    if (change.kind === 'crates') {
      const known = change.entities.map((crate) => newestOf(crate, change));
      return {
        ...change,
        nested: known.map(({ crate }) => crate),
        isContested: known.some(({ isContested }) => isContested),
      };
    }
    const [request] = change.entities;
    const crate = request?.['crate'];
    if (change.kind !== 'requests' || !isRow(crate)) return change;
    const known = newestOf(crate, change);
    return { ...change, entities: [{ ...request, crate: known.crate }], isContested: known.isContested };
  };
}

function choose(known: Known | undefined, told: Known): Known {
  // Events of one kind come in order.
  if (known === undefined || (known.toldBy === told.toldBy && !known.isContested)) return told;
  const newer = known.occurredAt > told.occurredAt ? known : told;
  const isClose = Math.abs(known.occurredAt - told.occurredAt) <= SKEW_MS;
  const isSame = JSON.stringify(known.crate) === JSON.stringify(told.crate);
  return { ...newer, isContested: newer.isContested || (isClose && (known.isContested || !isSame)) };
}
