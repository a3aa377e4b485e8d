import type { Position } from 'yoga-shared-subscriptions';
import { isUpTo } from './cursor.ts';
import type { OrderedEvent, SourceEvent } from './source-event.ts';

/** Which events pass where an older one must not follow a newer one. */
export interface EventOrder {
  /** Whether an event takes the place of the one before. */
  accept(event: OrderedEvent): boolean;
  /** An event is known that does not pass here: an older one is not accepted any more. */
  raise(event: OrderedEvent): void;
  /** Whether an event is older than the newest one that is known. */
  isOutdated(event: OrderedEvent): boolean;
  /** Whether an event says that it is newer than the newest one that is known. */
  isNewer(event: OrderedEvent): boolean;
}

/** The events of a source where only the newest one counts: it comes first, and none that is older follows. */
export interface NewestFirst {
  /** Begins with the newest event there was, unless one that is not older came meanwhile. */
  begin(newest: SourceEvent | undefined, since: readonly SourceEvent[]): void;
  /** The event to begin with, once. */
  takeFirst(): SourceEvent | undefined;
  /** Whether an event that came since passes. */
  passes(event: SourceEvent): boolean;
}

export function createNewestFirst(order: EventOrder): NewestFirst {
  let first: SourceEvent | undefined;
  /** Where the event stands that was the first; the topic itself may not have come so far. */
  let begunAt: Position | undefined;

  return {
    begin(newest, since) {
      if (newest === undefined) return;
      order.raise(newest);
      const isOvertaken = since.some((event) => !order.isOutdated(event));
      if (isOvertaken || !order.accept(newest)) return;
      first = newest;
      begunAt = newest.position;
    },
    takeFirst() {
      const event = first;
      first = undefined;
      return event;
    },
    /** What stands in the log before the first event came before it, unless it says that it is newer. */
    passes(event) {
      const { position } = event;
      const isBefore =
        begunAt !== undefined && position !== undefined && isUpTo(position.cursor, begunAt.cursor);
      return !(isBefore && !order.isNewer(event)) && order.accept(event);
    },
  };
}
