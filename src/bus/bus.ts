import type { ChannelName, LogKeys } from '../events/topic-names.ts';
import type { Cursor } from '../topics/cursor.ts';
import type { LogPosition } from '../topics/position.ts';

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

/** How long events may stay that nobody has deleted yet. */
export interface SweepAllowance {
  /** The longest that an event may stay; its publisher may have said less. */
  readonly seconds: number;
  /** Whether the newest event of each log stays, however old. */
  readonly keepsNewest: boolean;
}

/** What {@link Bus.read} answers of a key that holds no text: of a list, say. */
export const NO_TEXT = '(no text)';

/** A user's tokens, or one token, are good no longer. */
export interface Revocation {
  /** The hash of all of them. */
  readonly record: string;
  /** Where servers are told; `undefined`: they are not. */
  readonly channel: string | undefined;
  readonly action: 'REVOKED' | 'CHANGED';
  readonly whose: 'user' | 'jti';
  readonly id: string;
  /** For how many seconds it has to be remembered. */
  readonly seconds: number;
  /** The Unix second up to which tokens are refused. Default: now. */
  readonly at?: number;
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
  /** The last entry that {@link sweep} deleted from a log, if it did: its position and its seal are kept, its event is not. */
  readSeal(stream: string): Promise<Cursor | undefined>;
  /**
   * Deletes the events of one kind that are older than they may be.
   * @param agingKey of that kind (events/topic-names.ts).
   * @returns whether more is to be deleted now.
   */
  sweep(agingKey: string, allowance: SweepAllowance): Promise<boolean>;
  /** The values of keys, `null` for those that are not set; {@link NO_TEXT} for those that hold something else. */
  read(keys: readonly string[]): Promise<(string | null)[]>;
  /** The values of a hash's fields, `null` for those that are not set. */
  readFields(key: string, fields: readonly string[]): Promise<(string | null)[]>;
  /**
   * Looks for keys of a pattern, some at a time; a key may be found twice.
   * @param onFound is waited for before more are looked for.
   */
  findKeys(pattern: string, onFound: (keys: readonly string[]) => Promise<void>): Promise<void>;
  /** How long until a key expires, in milliseconds; `undefined`: it is not there, or stays. */
  expiresIn(key: string): Promise<number | undefined>;
  /** Records a revocation and publishes it, in one step (contract/revoke.lua). */
  revoke(revocation: Revocation): Promise<void>;
  /** Forgets recorded revocations that have expired, some at a time; answers how many. */
  forgetRevocations(record: string): Promise<number>;
  /** Sets a key that expires. */
  write(key: string, value: string, expiresInSeconds: number): Promise<void>;
  /**
   * The value of a key that is set for good, by whoever comes first. Nothing is written where it is set already.
   * @returns `undefined` where it is not set and the bus refuses to write.
   */
  agree(key: string, proposal: string): Promise<string | undefined>;
  /** Keeps a message that was refused in a capped stream; the same message is kept once, however many servers refuse it. */
  keepDeadLetter(stream: string, letter: DeadLetter): Promise<void>;
  /** Deletes refused messages that were kept for longer. */
  forgetDeadLetters(stream: string, seconds: number): Promise<void>;
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
