import type { Position } from 'yoga-shared-subscriptions';
import { isUpTo } from './cursor.ts';
import type { OrderedEvent, SourceEvent } from './source-event.ts';

/** Decides which events pass, so that no older event follows a newer one. */
export interface EventOrder {
  /** Whether an event takes the place of the one before. */
  accept(event: OrderedEvent): boolean;
  /** An event that did not pass here is known elsewhere: from now on nothing older than it passes. */
  raise(event: OrderedEvent): void;
  /** Whether an event is older than the newest one that is known. */
  isOutdated(event: OrderedEvent): boolean;
  /** Whether an event says that it is newer than the newest one that is known. */
  isNewer(event: OrderedEvent): boolean;
}

/** The events of a source where only the newest one counts: it comes first, and none that is older follows. */
export interface NewestFirst {
  /** Begins with the newest event of the past, unless an event that is not older came meanwhile. */
  begin(newest: SourceEvent | undefined, since: readonly SourceEvent[]): void;
  /** The event to begin with, once. */
  takeFirst(): SourceEvent | undefined;
  /** Whether an event that came since passes. */
  passes(event: SourceEvent): boolean;
}

export function createNewestFirst(order: EventOrder): NewestFirst {
  let first: SourceEvent | undefined;
  /** The position of the first event. The topic itself may not have reached it yet. */
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
    /** An event that stands in the log before the first event is older, unless it says that it is newer. */
    passes(event) {
      const { position } = event;
      const isBefore =
        begunAt !== undefined && position !== undefined && isUpTo(position.cursor, begunAt.cursor);
      return !(isBefore && !order.isNewer(event)) && order.accept(event);
    },
  };
}
