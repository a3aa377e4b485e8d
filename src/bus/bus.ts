import type { LogPosition } from '../topics/position.ts';
import type { ChannelName, LogKeys } from '../topics/topic.ts';

/** A message as it arrived: nothing in it has been checked. */
export interface BusMessage {
  /** The channel it was published on, also where a pattern was subscribed. */
  readonly channel: string;
  readonly payload: Buffer;
}

/** An event as its log keeps it: nothing in it has been checked but its position. */
export interface LogEntry {
  readonly position: LogPosition;
  readonly channel: string;
  /** As it was published. */
  readonly event: Buffer;
}

/**
 * How a subscription stands:
 * - `live`: everything that is published arrives.
 * - `away`: the bus cannot be reached, or does not pass on what is published. Messages may be missed.
 * - `refused`: the bus answers, and refuses this subscription. It is tried again until it is granted, or closed. Messages
 *   may be missed.
 */
export type SubscriptionState = 'live' | 'away' | 'refused';

export interface BusSubscription {
  /**
   * Resolves when the subscription is live for the first time: everything published from now on arrives. Until then it stays
   * pending, also while the bus refuses: `onState` says so. It never rejects.
   */
  readonly ready: Promise<void>;
  /** Ends it; safe to call at any time and more than once. */
  close(): void;
}

/** How much a log keeps. */
export interface Retention {
  readonly events: number;
  readonly seconds: number;
}

/**
 * What the server needs of a message bus. Two adapters: Redis, and one within the process for the demo and for tests of pure
 * logic.
 */
export interface Bus {
  /**
   * Calls `onMessage` for each message, in the order of arrival.
   *
   * Calls `onState` at each change: a subscription begins as `away`. What is published between a change away from `live` and
   * the next `live` may have been missed, even if messages arrive meanwhile; what is published from the call with `live` on
   * arrives. Each subscription has a state of its own: one that is refused does not disturb others. A bus that cannot be
   * interrupted need not call it: `ready` is enough.
   *
   * Neither may throw, and neither is called from within `subscribe`, or after `close`.
   */
  subscribe(
    name: ChannelName,
    onMessage: (message: BusMessage) => void,
    onState?: (state: SubscriptionState) => void,
  ): BusSubscription;
  /** Live only: whoever does not listen now will never know. */
  publish(channel: string, payload: string | Buffer): Promise<void>;
  /**
   * Appends an event to its log and publishes it, in one step.
   * @returns its position, or `undefined` if an event with this id was appended before.
   */
  append(
    keys: LogKeys,
    eventId: string,
    event: string,
    retention: Retention,
  ): Promise<LogPosition | undefined>;
  /** The newest entry of a log, if there is any. */
  readLast(stream: string): Promise<LogEntry | undefined>;
  /** The entry at a position, if it is there, and those behind it, in order, at most `count` of them. */
  readFrom(stream: string, position: LogPosition, count: number): Promise<LogEntry[]>;
  /** The values of keys, `null` for those that are not set. */
  read(keys: readonly string[]): Promise<(string | null)[]>;
  /** Sets a key that expires. */
  write(key: string, value: string, expiresInSeconds: number): Promise<void>;
  /** The value of a key that is set for good, by whoever comes first. */
  agree(key: string, proposal: string): Promise<string>;
  /** Keeps a message that was refused in a capped stream; the same message is kept once, however many servers refuse it. */
  keepDeadLetter(stream: string, letter: DeadLetter): Promise<void>;
  /**
   * Whether the bus answers now, and every subscription that was wanted at the start has been live. What ails it after that
   * is reported to the health of the process.
   */
  isReachable(): Promise<boolean>;
  /**
   * Calls back when subscriptions are live again after messages may have been missed on some of them, and when another Redis
   * answers than before. What was read or received before may be out of date. Returns how to stop.
   */
  onReconnect(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface DeadLetter {
  readonly topic: string;
  readonly reason: string;
  readonly detail: string;
  /** The message, cut to {@link DEAD_LETTER_BYTES}. */
  readonly payload: Buffer;
}

/** How many refused messages are kept. */
export const DEAD_LETTERS_KEPT = 1000;
/** How much of each is kept, in bytes. */
export const DEAD_LETTER_BYTES = 4096;
