import type { Backoff } from './backoff.ts';
import type { Dial, DialEvents } from './dial.ts';
import { isOnline } from './page-signals.ts';
import type { StatusStore } from './status-store.ts';
import type { Transport } from './types.ts';

export interface AttemptOptions {
  readonly dial: Dial;
  /** The waits between attempts. */
  readonly backoff: Backoff;
  readonly store: StatusStore;
}

/** Attempts to open a link, and the waits between them. One more attempt may be for a link that replaces the present one. */
export function createAttempts(
  { dial, backoff, store }: AttemptOptions,
  events: Pick<DialEvents, 'opened' | 'closed'>,
) {
  let retry: ReturnType<typeof setTimeout> | undefined;
  let giveUpOpening: (() => void) | undefined;
  let giveUpReplacing: (() => void) | undefined;

  function giveUp(): void {
    clearTimeout(retry);
    giveUpOpening?.();
    giveUpReplacing?.();
    retry = giveUpOpening = giveUpReplacing = undefined;
  }

  return {
    giveUp,
    /** Whether anything was begun, or waits for its turn, since all was given up. */
    get areUnderWay() {
      return giveUpOpening !== undefined || retry !== undefined;
    },
    begin(
      transport: Transport,
      token: Promise<string>,
      failures: Pick<DialEvents, 'failed' | 'noToken'>,
    ): void {
      giveUp();
      store.enter({ phase: 'connecting', transport });
      giveUpOpening = dial(transport, token, { ...events, ...failures });
    },
    /** Lets the next attempt begin after a while. Without a network it waits for `hurry`. */
    wait(transport: Transport, begin: () => void): void {
      if (!isOnline()) {
        store.enter({ phase: 'offline', reason: 'browser' });
        return;
      }
      const waitMs = backoff.next();
      store.enter({ phase: 'reconnecting', retryAt: Date.now() + waitMs, transport });
      retry = setTimeout(begin, waitMs);
    },
    /** See `Connection`. */
    replace(transport: Transport, token: Promise<string>): Promise<void> {
      giveUpReplacing?.();
      return new Promise((resolve, reject) => {
        giveUpReplacing = dial(transport, token, {
          opened(opened, held) {
            events.opened(opened, held);
            resolve();
          },
          failed: ({ kind }) => reject(new Error(`No ${transport} now: ${kind}`)),
          noToken: () => reject(new Error(`No ${transport} now: there is no token`)),
          closed: events.closed,
        });
      });
    },
  };
}
