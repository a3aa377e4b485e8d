import type { ExecutionArgs, GraphQLError } from 'graphql';
import type { Delivery } from './audience-options.ts';
import type { Position, ToWire } from './batch.ts';
import type { SharedResults } from './member.ts';
import type { Turn } from './turn.ts';

/** A group of subscribers who may see the same. */
export interface AudienceScope {
  /** Equal for all subscribers who may see the same, and different for all others. */
  readonly key: string;
  /**
   * Makes the context of the shared execution.
   * @param signal aborted when the last subscriber has left while the source was still being opened.
   */
  createContext(signal: AbortSignal): object;
}

export interface SharedSubscriptionsOptions {
  /** Says who shares this subscription. `undefined`: it runs alone. */
  audienceOf(args: ExecutionArgs): AudienceScope | undefined;
  /** Default: every result. */
  deliveryOf?(args: ExecutionArgs): Delivery;
  /**
   * Called once for each subscriber. Return an error to refuse it, or a function to call when it has left or could not join: with the
   * error that has ended it, if one has. The function may be called again, and then has nothing to do. Call `end` at any time to end its
   * subscription: with an error, which it receives, or without one.
   */
  admit?(
    args: ExecutionArgs,
    end: (error?: GraphQLError) => void,
  ): GraphQLError | ((error?: unknown) => void);
  /** Called with the results of each subscriber, for a transport that attaches to them. */
  onJoin?(args: ExecutionArgs, results: SharedResults): void;
  /** How subscribers resume. Default: they cannot. */
  readonly resuming?: Resuming;
  /**
   * Picks the part of a result that a transport sends after it has attached. Default: all of it. `isPast`: for subscribers that get what
   * they missed.
   */
  readonly toWire?: ToWire;
  /** Gathers the work of one turn of the event loop, where it is shared with a transport. Default: one of its own. */
  readonly turn?: Turn;
  /** How many results may wait for a subscriber that iterates. Default 1000. */
  readonly maxWaiting?: number;
  readonly observer?: DeliveryObserver;
}

/** How a subscriber gets what it missed: it sends the cursor that came with the last result it had. */
export interface Resuming {
  /** The cursor that a subscriber sent, if any. */
  cursorOf(args: ExecutionArgs): string | undefined;
  /** The position of the result that was made last in this context. */
  resultPosition(context: object): Position | undefined;
  /** How far the source of this context has come; the last events may have made no result. */
  sourcePosition(context: object): Position | undefined;
  /** Prepares to make again what follows a cursor. Throws a GraphQLError, for the client, if that cannot be done. */
  prepare(context: object, cursor: string): Promise<Rerun>;
  /**
   * Prepares the past that a subscriber without a cursor has asked for. `undefined`: it has asked for none. Throws a GraphQLError, for the
   * client. Default: subscribers begin now.
   */
  preparePast?(context: object, args: ExecutionArgs): Promise<PastRerun | undefined> | undefined;
  /**
   * Where only the newest result counts: the offset of a cursor that is ahead of the last result of this context; 0 if it is not
   * ahead, or unknown. Throws a GraphQLError, for the client. Default: 0.
   */
  offsetAhead?(context: object, cursor: string): Promise<number>;
  /** About how many bytes of what it missed a subscriber gets at once. Default 131,072. */
  readonly partBytes?: number;
}

/** How to run a subscription again for what a subscriber missed. */
export interface Rerun {
  /** The offset after which the subscriber goes on. */
  readonly after: number;
  /** A context in which the subscription yields what follows `after` up to an offset, and ends. */
  context(until: number): object;
  /** The subscriber has what it missed, or gave up. */
  release(): void;
}

/** A rerun for a subscriber that begins in the past. */
export interface PastRerun extends Rerun {
  /** The cursor of `after`. */
  readonly cursor: string;
}

/** For metrics. */
export interface DeliveryObserver {
  /** A result was made. */
  executed(context: object): void;
  /** The results made since the last call were delivered to this many subscribers. */
  delivered(context: object, members: number): void;
}
