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

export interface BusSubscription {
  /**
   * Settles when everything published from now on will arrive. While Redis is away it stays pending. Rejects if Redis
   * refuses, or the bus is closed first.
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
  /** Calls `onMessage` for each message, in the order of arrival. `onMessage` must not throw. */
  subscribe(name: ChannelName, onMessage: (message: BusMessage) => void): BusSubscription;
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
  /** Whether the bus answers now. */
  isReachable(): Promise<boolean>;
  /**
   * Calls back whenever the bus is lost: what is published may be missed until it is back. Where the bus cannot know, it
   * says nothing. Returns how to stop.
   */
  onDisconnect(listener: () => void): () => void;
  /**
   * Calls back whenever the bus is back after an outage, in which messages may have been missed, as soon as all that is
   * published arrives again. Returns how to stop.
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
