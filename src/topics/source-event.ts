import type { Position } from 'yoga-shared-subscriptions';
import type { Wants } from '../events/filters.ts';
import type { LiveEvent } from '../events/kinds.ts';
import type { TopicEvent } from './log-tail.ts';

/** What decides which of two events is newer. */
export type OrderedEvent = Pick<LiveEvent, 'data' | 'time'>;

/** An event on its way into an execution. */
export interface SourceEvent extends OrderedEvent {
  /** `undefined`: the event was published bare. */
  readonly position: Position | undefined;
}

/** Returns `undefined` if the event is of another kind, breaks the contract, or is not wanted. */
export function toSourceEvent(
  event: TopicEvent,
  { kind, wants }: { readonly kind: string; readonly wants?: Wants | undefined },
): SourceEvent | undefined {
  if (event.event === undefined || event.event.kind !== kind) return undefined;
  const { data, time } = event.event;
  return wants === undefined || wants(data) ? { data, time, position: positionOf(event) } : undefined;
}

export function positionOf({ offset, cursor, appendedBy }: TopicEvent): Position | undefined {
  return cursor === undefined ? undefined : { offset, cursor, at: appendedBy };
}
