import type { Query, QueryCache } from '@tanstack/react-query';
import type { Applied, Change, KeyMatch } from './kind.ts';
import type { OwedFetchState } from './owed-fetches.ts';
import type { Received } from './query-writer.ts';

/** Is notified of what a bridge decides. Nothing is made for it while there is none. */
export interface TraceListener {
  /**
   * An event was received. `older`: it is dropped, since something newer was received before. What is `held` is `written` later, in a
   * second call.
   */
  received(change: Change, as: 'written' | 'held' | 'older'): void;
  /**
   * Events are about to be written into a query, or compared with what it shows.
   * @param all also those that do not concern the query, or that its answer has already.
   */
  began(
    query: Query,
    all: readonly Received[],
    concerning: readonly Received[],
    how: 'write' | 'check',
  ): void;
  /** One of them was written or compared. */
  applied(query: Query, change: Change, match: KeyMatch, before: unknown, applied: Applied): void;
}

/** Where a listener is put, and taken away. */
export interface Trace {
  listener: TraceListener | undefined;
}

/** What the devtools see of a bridge. */
export interface BridgeInsides {
  readonly cache: QueryCache;
  readonly trace: Trace;
  matchesOf(query: Query): readonly KeyMatch[];
  owed(): readonly OwedFetchState[];
}

const insides = new WeakMap<object, BridgeInsides>();

/** Remembers the insides of a bridge for the devtools. The bridge itself does not show them. */
export function withInsides<Bridge extends object>(bridge: Bridge, inside: BridgeInsides): Bridge {
  insides.set(bridge, inside);
  return bridge;
}

export function insidesOf(bridge: object): BridgeInsides {
  const inside = insides.get(bridge);
  if (inside === undefined) throw new Error('This bridge is not of this package.');
  return inside;
}
