import type { Change } from './change.ts';
import { isRow, type Row } from './rows.ts';

/** More crates than this in events that cross each other there will hardly be. */
const KEPT = 500;

/**
 * A crate is told of by its own events and by those of its requests, and the two may overtake each other on their way. Gives
 * each change the newest state of its crate, so that what is older never replaces what is newer.
 */
export function createNewestCrates(): (change: Change) => Change {
  const newest = new Map<string, { readonly occurredAt: number; readonly crate: Row }>();

  function newestOf(crate: Row, occurredAt: number): Row {
    const id = String(crate['id']);
    const known = newest.get(id);
    if (known !== undefined && known.occurredAt > occurredAt) return known.crate;
    newest.delete(id); // to the end: the ones longest not heard of are forgotten
    newest.set(id, { occurredAt, crate });
    for (const oldest of newest.keys()) {
      if (newest.size <= KEPT) break;
      newest.delete(oldest);
    }
    return crate;
  }

  return (change) => {
    if (change.kind === 'crates') {
      const nested = change.entities.map((crate) => newestOf(crate, change.occurredAt));
      return { ...change, nested };
    }
    if (change.kind !== 'requests') return change;
    const entities = change.entities.map((request) => {
      const crate = request['crate'];
      return isRow(crate) ? { ...request, crate: newestOf(crate, change.occurredAt) } : request;
    });
    return { ...change, entities };
  };
}
