import type { LogPosition } from './position.ts';
import type { SealedEntry } from './seal.ts';

/** A Pub/Sub channel, or a pattern of them. */
export type ChannelName =
  | { readonly channel: string; readonly pattern?: never }
  | { readonly pattern: string; readonly channel?: never };

/** The keys by which an event is appended to its log; the arguments of contract/append-event.lua. */
export interface LogKeys {
  readonly channel: string;
  /** The topic's log. */
  readonly stream: string;
  /** Starts the names of the keys that remember which events it has had. */
  readonly idPrefix: string;
  /** The log of all units of the kind. The event is appended to it as well. */
  readonly allStream: string | undefined;
}

/** A message as it arrived. Nothing in it has been checked. */
export interface BusMessage {
  /** The channel it was published on, even if a pattern was subscribed. */
  readonly channel: string;
  readonly payload: Buffer;
}

/** An event as its log keeps it. Only its position has been checked. */
export interface LogEntry {
  readonly position: LogPosition;
  readonly channel: string;
  /** As it was published. */
  readonly event: Buffer;
  /** It was appended at this time or before, by `performance.now()` of this process. */
  readonly appendedBy: number;
}

/** Both in milliseconds since 1970, by the clock of the bus. */
export interface AppendTime {
  /** When the event was appended. */
  readonly at: number;
  /** The time when that was read. */
  readonly now: number;
}

/**
 * The state of a subscription:
 * - `live`: everything that is published arrives.
 * - `away`: the bus cannot be reached, or does not pass on what is published. Messages may be missed.
 * - `refused`: the bus answers, and refuses this subscription. The bus is asked again until it grants the subscription, or the
 *   subscription is closed. Messages may be missed.
 */
export type SubscriptionState = 'live' | 'away' | 'refused';

export interface BusSubscription {
  /**
   * Resolves when the subscription is live for the first time: everything published from then on arrives. It stays pending while the
   * bus refuses; `onState` reports that. It never rejects.
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

/** How long events may stay in a log. */
export interface SweepAllowance {
  /** The longest time that an event may stay; its publisher may have asked for less. */
  readonly seconds: number;
  /** Whether the newest event of each log stays, however old. */
  readonly keepsNewest: boolean;
}

/** What {@link Bus.read} returns for a key that holds something other than text, such as a list. */
export const NO_TEXT = '(no text)';

/** Revokes all tokens of a user, or one token. */
export interface Revocation {
  /** The key of the hash that records all revocations. */
  readonly record: string;
  /** The channel on which servers are notified; `undefined`: no server is notified. */
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
 * What processes share for a moment. A note is a text with a name, on a board with others. It is gone after some time, unless it is written
 * again. Nothing is delivered by it: that it cannot be written or read is not reported as a trouble.
 */
export interface Notes {
  /** Writes notes, by their names. */
  put(board: string, notes: ReadonlyMap<string, string>, expiresInMs: number): Promise<void>;
  /** All notes of a board that there are, by their names. */
  all(board: string): Promise<ReadonlyMap<string, string>>;
}

/**
 * What the server needs of a message bus. There are two adapters: one for Redis, and one within the process for the demo and for
 * tests of pure logic.
 */
export interface Bus {
  /**
   * Calls `onMessage` for each message, in the order of arrival.
   *
   * Calls `onState` at each change of state. A subscription begins as `away`. Messages that are published after it stopped being
   * `live` may be missed, even if others arrive meanwhile; from the call with `live` on, all arrive. Each subscription has its own
   * state, so a refused one does not disturb others. A bus that cannot be interrupted need not call `onState`: `ready` is enough.
   *
   * Neither function may throw. Neither is called from within `subscribe`, or after `close`.
   */
  subscribe(
    name: ChannelName,
    onMessage: (message: BusMessage) => void,
    onState?: (state: SubscriptionState) => void,
  ): BusSubscription;
  /** Publishes to those who are subscribed now, and keeps nothing. */
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
  /** The entry at a position, if it is there, and those after it: in order, at most `count` of them. */
  readFrom(stream: string, position: LogPosition, count: number): Promise<LogEntry[]>;
  /** When the event at a position was appended; `undefined`: it is not there. Default: nobody knows. */
  appendTime?(stream: string, position: LogPosition): Promise<AppendTime | undefined>;
  /** The last entry that {@link sweep} deleted from a log, if any. Its position and its seal are kept, its event is not. */
  readSeal(stream: string): Promise<SealedEntry | undefined>;
  /**
   * Deletes the events of one kind that are older than they may be.
   * @param agingKey the key of that kind: it says when the oldest event of each log is to be deleted.
   * @returns whether there is more to delete now.
   */
  sweep(agingKey: string, allowance: SweepAllowance): Promise<boolean>;
  /** The values of keys: `null` for a key that is not set, {@link NO_TEXT} for one that holds something else. */
  read(keys: readonly string[]): Promise<(string | null)[]>;
  /** The values of a hash's fields, `null` for those that are not set. */
  readFields(key: string, fields: readonly string[]): Promise<(string | null)[]>;
  /**
   * Finds the keys that match a pattern, a batch at a time. A key may be found twice.
   * @param onFound is awaited before the search goes on.
   */
  findKeys(pattern: string, onFound: (keys: readonly string[]) => Promise<void>): Promise<void>;
  /** The time until a key expires, in milliseconds; `undefined`: there is no such key, or it does not expire. */
  expiresIn(key: string): Promise<number | undefined>;
  /** Records a revocation and publishes it, in one step (contract/revoke.lua). */
  revoke(revocation: Revocation): Promise<void>;
  /** Deletes some recorded revocations that have expired. Returns how many. */
  forgetRevocations(record: string): Promise<number>;
  /** Sets a key that expires. A key that nothing depends on: that it cannot be set is not reported as a trouble. */
  write(key: string, value: string, expiresInSeconds: number): Promise<void>;
  /**
   * Agrees with all other processes on the value of a key: the first proposal is set, and stays.
   * @returns the value; `undefined` where none is set and the bus refuses to write.
   */
  agree(key: string, proposal: string): Promise<string | undefined>;
  /** Keeps a refused message in a capped stream: once, however many servers refuse it. */
  keepDeadLetter(stream: string, letter: DeadLetter): Promise<void>;
  /**
   * Adds entries of one field each to a capped stream: all of them, or it rejects. Nothing is delivered by it: that it fails is
   * not reported as a trouble. Default: nobody keeps them.
   * @param kept how many entries the stream keeps, about.
   */
  addEntries?(
    stream: string,
    entries: readonly { readonly field: string; readonly text: string }[],
    kept: number,
  ): Promise<void>;
  /** Default: this process shares nothing with others. */
  readonly notes?: Notes;
  /** Deletes refused messages that are older than `seconds`. */
  forgetDeadLetters(stream: string, seconds: number): Promise<void>;
  /**
   * Whether the bus answers now, and every subscription that was wanted at the start has been live. Later troubles are reported to
   * the health of the process.
   */
  isReachable(): Promise<boolean>;
  /**
   * Calls back when subscriptions are live again and some of them may have missed messages, and when another Redis answers than
   * before. What was read or received until then may be out of date. Returns how to stop.
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
