import type { SubscriptionState } from '../bus/bus.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Opening } from './opening.ts';

export interface TopicFollowingOptions {
  /** Those who wait until the topic is open. */
  readonly opening: Opening;
  /** Finds the end of the topic's log. It is called again if it fails, until it succeeds. `undefined`: the topic has no log. */
  readonly find: (() => Promise<void>) | undefined;
  /** From now on messages may go missing. */
  readonly pause: () => void;
  /** None go missing any more. */
  readonly resume: () => void;
  readonly log: Logger;
}

/** Follows the subscription of a topic: finds its log once messages arrive, and pauses it while they may go missing. */
export interface TopicFollowing {
  turnTo(next: SubscriptionState): void;
  readonly isLive: boolean;
  close(): void;
}

/** How long to wait before a log is opened again that could not be opened, in milliseconds. */
const REOPEN_MS = 1000;

export function followSubscription(options: TopicFollowingOptions): TopicFollowing {
  const { opening, find, log } = options;
  let state: SubscriptionState = 'away';
  let isFound = find === undefined;
  let isFinding = false;
  let isPaused = false;
  let isClosed = false;

  function goOn(): void {
    if (isPaused) options.resume();
    isPaused = false;
    opening.open();
  }

  /** If Redis lets nobody read the log, those who wait are turned away. */
  async function findLog(): Promise<void> {
    if (isFinding) return;
    isFinding = true;
    while (!isClosed && !isFound) {
      try {
        await find?.();
        isFound = true;
      } catch (error) {
        log.debug({ reason: messageOf(error) }, 'could not open a topic');
        opening.turnAway();
        if (!isClosed) await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    }
    isFinding = false;
    if (!isClosed && state === 'live') goOn(); // else it goes on when the subscription is live again
  }

  return {
    turnTo(next) {
      if (isClosed || next === state) return;
      const wasLive = state === 'live';
      state = next;
      if (wasLive) {
        isPaused = true;
        options.pause();
      }
      if (next === 'refused') opening.refuse();
      else if (next === 'away') opening.shut();
      else if (isFound) goOn();
      else void findLog();
    },
    get isLive() {
      return state === 'live';
    },
    close() {
      isClosed = true;
    },
  };
}
