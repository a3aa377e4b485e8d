import { messageOf } from '../errors.ts';
import type { SubscriptionState } from './bus.ts';
import { createAttempts } from './redis-attempts.ts';
import type { RedisConnection } from './redis-connection.ts';
import { createWantedName, updateState, type WantedName } from './redis-wanted.ts';
import { isRefusal, refusalCode } from './refusal.ts';

/** A name that is not subscribed now. */
export interface MissingName {
  readonly name: string;
  /** Since when, by `performance.now()`. */
  readonly since: number;
  /** What Redis answered, if it refuses. */
  readonly refusal: string | undefined;
}

/** The channels and patterns that this process wants to receive, and whether Redis has confirmed each. */
export interface Subscriptions {
  /** Subscribes to a channel or pattern now, and again after each outage, until `unwant`. */
  want(name: string, isPattern: boolean): void;
  unwant(name: string, isPattern: boolean): void;
  /** Calls back when a wanted name changes its state. Returns how to stop. */
  observe(name: string, onState: (state: SubscriptionState) => void): () => void;
  stateOf(name: string): SubscriptionState;
  /** Whether Redis has confirmed a name on the present connection, trusted or not. */
  isConfirmed(name: string): boolean;
  /** The connection is not trusted to bring messages: every name counts as `away` until `trust`. */
  distrust(): void;
  trust(): void;
  /** The wanted names that are not confirmed on the present connection. */
  readonly missing: Iterable<MissingName>;
  /** Whether all names that were wanted have been confirmed together, at least once. */
  readonly hasBeenWhole: boolean;
  close(): void;
}

/** Redis refuses a whole command for one of its names. Then at most this many names are tried alone in each round of retries. */
const MAX_TRIED_ALONE = 500;
/** How long to wait before a refused name is tried again, in milliseconds: at first, and at most. */
const MIN_RETRY_MS = 250;
const MAX_RETRY_MS = 2000;

/**
 * Keeps names subscribed on a connection. ioredis subscribes again by itself after an outage, and forgets for good what is
 * refused then (redis/ioredis#2187); here each name is tried until Redis has confirmed it.
 * @param connection one that neither subscribes again nor queues commands by itself.
 * @param onRestored called when names are live again on which messages may have been missed.
 */
export function keepSubscribed(connection: RedisConnection, onRestored: () => void): Subscriptions {
  // In the order in which names are tried alone: the one whose attempt is longest ago comes first.
  const wanted = new Map<string, WantedName>();
  const missing = new Set<WantedName>();
  let isUp = false;
  let isTrusted = true;
  let hasBeenWhole = false;
  let hasRestored = false;
  const attempts = createAttempts(connection, {
    onConfirmed: confirm,
    onRefused: refuse,
    onSettled: finishRound,
  });
  const pause = createGrowingPause(retry);

  function updateAll(): void {
    for (const entry of [...wanted.values()]) updateState(entry, isTrusted);
  }

  function lose(entry: WantedName): void {
    attempts.end(entry);
    entry.hasMissed ||= entry.isConfirmed;
    if (entry.isConfirmed) entry.since = performance.now();
    entry.isConfirmed = false;
    missing.add(entry);
  }

  function confirm(entry: WantedName): void {
    entry.isConfirmed = true;
    entry.refusal = undefined;
    missing.delete(entry);
    hasRestored ||= entry.hasMissed;
    entry.hasMissed = false;
    updateState(entry, isTrusted);
  }

  function refuse(entries: readonly WantedName[], error: unknown, wasTogether: boolean): void {
    const code = refusalCode(error);
    // Anything but a right that is missing concerns all names alike.
    if (code !== undefined && code !== 'NOPERM') refuseAll(error);
    for (const entry of entries) {
      entry.hasMissed = true;
      if (code !== undefined) entry.refusal = messageOf(error);
      if (!wasTogether && wanted.delete(entry.name)) wanted.set(entry.name, entry); // next time the others come first
      updateState(entry, isTrusted);
    }
  }

  /** @param error of the connection. If it is no refusal, Redis does not even answer. */
  function refuseAll(error: unknown): void {
    const refusal = isRefusal(error) ? messageOf(error) : undefined;
    for (const entry of missing) entry.refusal = refusal;
    updateAll();
  }

  /** Every name has been answered for. */
  function finishRound(): void {
    if (missing.size > 0) {
      pause.begin();
    } else {
      hasBeenWhole = true;
      pause.reset();
    }
    notifyRestored();
  }

  function notifyRestored(): void {
    if (!hasRestored || !isTrusted) return;
    hasRestored = false;
    onRestored();
  }

  function retry(): void {
    if (!isUp) return;
    const entries = [...wanted.values()].filter((entry) => !entry.isConfirmed && entry.attempt === undefined);
    attempts.tryAll(entries, { left: MAX_TRIED_ALONE });
  }

  connection.on('ready', () => {
    pause.stop();
    pause.reset();
    isUp = true;
    for (const entry of wanted.values()) {
      lose(entry);
      entry.since = performance.now();
    }
    attempts.tryAll([...wanted.values()], { left: Number.POSITIVE_INFINITY });
  });
  connection.on('close', () => {
    pause.stop();
    isUp = false;
    for (const entry of wanted.values()) lose(entry);
    updateAll();
  });
  connection.on('error', (error: Error) => {
    // Of a password, for example: what Redis grants after that, it grants to another account (see `whenProven`).
    if (isRefusal(error)) for (const entry of missing) attempts.end(entry);
    refuseAll(error);
    if (isUp) finishRound(); // it may go on all the same
  });

  return {
    want(name, isPattern) {
      const entry = createWantedName(name, isPattern);
      wanted.set(name, entry);
      missing.add(entry);
      if (isUp) attempts.tryAll([entry], { left: 0 });
    },
    unwant(name, isPattern) {
      const entry = wanted.get(name);
      if (entry === undefined || entry.isPattern !== isPattern) return;
      wanted.delete(name);
      missing.delete(entry);
      entry.observers.clear();
      attempts.end(entry);
      if (!isUp) return;
      if (!attempts.areUnderWay) finishRound();
      const answer = isPattern ? connection.punsubscribe(name) : connection.unsubscribe(name);
      answer.catch(() => undefined); // the connection is gone, and the subscription with it
    },
    observe(name, onState) {
      const entry = wanted.get(name);
      entry?.observers.add(onState);
      return () => void entry?.observers.delete(onState);
    },
    stateOf: (name) => wanted.get(name)?.state ?? 'away',
    isConfirmed: (name) => wanted.get(name)?.isConfirmed === true,
    distrust() {
      isTrusted = false;
      for (const entry of wanted.values()) entry.hasMissed ||= entry.isConfirmed;
      updateAll();
    },
    trust() {
      isTrusted = true;
      for (const entry of wanted.values()) {
        if (!entry.isConfirmed || !entry.hasMissed) continue;
        entry.hasMissed = false;
        hasRestored = true;
      }
      updateAll();
      notifyRestored();
    },
    get missing() {
      return missing;
    },
    get hasBeenWhole() {
      return hasBeenWhole;
    },
    close() {
      pause.stop();
      wanted.clear();
      missing.clear();
    },
  };
}

/** Calls back after a pause, which doubles each time until it is reset. */
function createGrowingPause(onEnd: () => void) {
  let timer: NodeJS.Timeout | undefined;
  let pauseMs = MIN_RETRY_MS;
  return {
    /** Begins a pause, unless one is under way. */
    begin(): void {
      if (timer !== undefined) return;
      timer = setTimeout(() => {
        timer = undefined;
        onEnd();
      }, pauseMs);
      pauseMs = Math.min(pauseMs * 2, MAX_RETRY_MS);
    },
    stop(): void {
      clearTimeout(timer);
      timer = undefined;
    },
    reset(): void {
      pauseMs = MIN_RETRY_MS;
    },
  };
}
