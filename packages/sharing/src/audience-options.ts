import type { ExecutionResult } from 'graphql';
import type { Position, ToWire } from './batch.ts';
import type { HistoryBudget } from './history.ts';
import type { Pushing } from './pushing.ts';
import type { Turn } from './turn.ts';

/** How an audience's results reach its members. */
export type Delivery =
  /** Each result. */
  | { readonly every: true }
  /** Only the newest result, at most once in this many milliseconds. A member that joins gets the newest one at once. */
  | { readonly newestEveryMs: number };

export interface AudienceOptions {
  readonly source: AsyncGenerator<ExecutionResult> & Partial<Pushing<ExecutionResult>>;
  /** The context of the execution that makes the results. */
  readonly context: object;
  readonly delivery: Delivery;
  /** How many results may wait for a member that reads its iterator itself. */
  readonly maxWaiting: number;
  /** About how many bytes of what it missed a member gets at once; for more it must have room again. */
  readonly partBytes: number;
  readonly historyBudget: HistoryBudget;
  /** The position of the result that was made last. */
  readonly resultPosition: () => Position | undefined;
  /** How far the source has come; the last events may have made no result. */
  readonly sourcePosition: () => Position | undefined;
  /** Picks the part of a result that is sent. Default: all of it. */
  readonly toWire: ToWire | undefined;
  readonly turn: Turn;
  /** Whether somebody is about to join: then the audience must not end although it is empty. */
  readonly isAwaited: () => boolean;
  /** The last member has left, or the source has ended. */
  readonly onEmpty: () => void;
  /** A result was made. */
  readonly onExecuted: () => void;
  /** A batch was delivered to this many members. */
  readonly onDelivered: (members: number) => void;
}
