import type { ExecutionArgs, ExecutionResult, GraphQLError, subscribe } from 'graphql';
import type { Delivery } from './audience.ts';
import type { Position } from './batch.ts';
import type { SharedResults } from './member.ts';
import type { Turn } from './turn.ts';

/** Who may see the same. */
export interface AudienceScope {
  /** Equal for all subscribers who may see the same, different for all others. */
  readonly key: string;
  /**
   * Makes the context of the shared execution.
   * @param signal aborted when the last subscriber has left while the source was still being opened.
   */
  createContext(signal: AbortSignal): object;
}

export interface SharedSubscriptionsOptions {
  /** `undefined`: this subscription is not to be shared, and runs alone. */
  audienceOf(args: ExecutionArgs): AudienceScope | undefined;
  /** Default: every result. */
  deliveryOf?(args: ExecutionArgs): Delivery;
  /**
   * Asked once for each subscriber. Return an error to refuse it; or what to do when it has left, and call `end`, at any
   * time, to end its subscription: with an error, which it is told, or without.
   */
  admit?(args: ExecutionArgs, end: (error?: GraphQLError) => void): GraphQLError | (() => void);
  /** Told what a subscriber got, for a transport that is to attach to it. */
  onJoin?(args: ExecutionArgs, results: SharedResults): void;
  /** What runs a shared subscription. Default: the server's engine. */
  readonly subscribe?: typeof subscribe;
  /** How subscribers resume. Default: they do not. */
  readonly resuming?: Resuming;
  /** What of a result is sent by a transport that attaches. Default: all of it. */
  readonly toWire?: (result: ExecutionResult, position: Position | undefined) => unknown;
  /** What gathers the work of a turn of the event loop, where others take part in it. Default: one of its own. */
  readonly turn?: Turn;
  /** How many results may wait for a subscriber that iterates by itself. Default 1000. */
  readonly maxWaiting?: number;
  readonly observer?: DeliveryObserver;
}

/** How a subscriber gets what it missed: by a cursor that came with the last result it has had. */
export interface Resuming {
  /** The cursor that a subscriber sent, if it did. */
  cursorOf(args: ExecutionArgs): string | undefined;
  /** Where the result that was made last in this context stands. */
  resultPosition(context: object): Position | undefined;
  /** Up to where the source of this context has come, be it without a result. */
  sourcePosition(context: object): Position | undefined;
  /** Prepares to make again what follows a cursor. Throws a GraphQLError, for the client, if that is not to be had. */
  prepare(context: object, cursor: string): Promise<Rerun>;
  /**
   * Where only the newest result counts: the offset of a cursor that is ahead of what was made last in this context; 0: it is not,
   * or nothing is known of it. Throws a GraphQLError, for the client. Default: 0.
   */
  offsetAhead?(context: object, cursor: string): Promise<number>;
  /** About how many bytes a subscriber is handed at once. Default 131,072. */
  readonly partBytes?: number;
}

export interface Rerun {
  /** The offset to go on behind. */
  readonly after: number;
  /** A context in which the subscription yields what follows `after` up to an offset, and ends. */
  context(until: number): object;
  /** It is over. */
  release(): void;
}

/** For metrics. */
export interface DeliveryObserver {
  /** A result was made. */
  executed(context: object): void;
  /** The results made since the last time were handed to so many subscribers. */
  delivered(context: object, members: number): void;
}
