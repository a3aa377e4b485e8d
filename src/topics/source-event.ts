import type { Position } from 'yoga-shared-subscriptions';
import type { Wants } from '../events/filters.ts';
import type { LiveEvent } from '../events/kinds.ts';
import type { EventTrace } from '../tracing.ts';
import type { TopicEvent } from './log-tail.ts';

/** What decides which of two events is newer. */
export type OrderedEvent = Pick<LiveEvent, 'data' | 'time'>;

/** An event on its way into an execution. */
export interface SourceEvent extends OrderedEvent {
  /** `undefined`: the event was published bare. */
  readonly position: Position | undefined;
  /** When it came in, by `performance.now()`. `undefined`: it was read from the past of a log. */
  readonly receivedAt: number | undefined;
  /** `undefined`: nobody traces it. */
  readonly trace: EventTrace | undefined;
}

/** Returns `undefined` if the event is of another kind, breaks the contract, or is not wanted. */
export function toSourceEvent(
  event: TopicEvent,
  { kind, wants }: { readonly kind: string; readonly wants?: Wants | undefined },
): SourceEvent | undefined {
  if (event.event === undefined || event.event.kind !== kind) return undefined;
  const { data, time, receivedAt, trace } = event.event;
  if (wants !== undefined && !wants(data)) return undefined;
  return { data, time, position: positionOf(event), receivedAt, trace };
}

export function positionOf({ offset, cursor, appendedBy }: TopicEvent): Position | undefined {
  return cursor === undefined ? undefined : { offset, cursor, at: appendedBy };
}
