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

  function waitForBrowser(begin: () => void): void {
    if (store.status.phase !== 'offline') store.enter({ phase: 'offline', reason: 'browser' });
    retry = setTimeout(begin, backoff.slow());
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
      // While the browser says that there is no network, an attempt is a mere try, and the status stays.
      if (isOnline() || store.status.phase !== 'offline') store.enter({ phase: 'connecting', transport });
      giveUpOpening = dial(transport, token, { ...events, ...failures });
    },
    /** Lets the next attempt begin after a while. */
    wait(transport: Transport, begin: () => void): void {
      if (!isOnline()) {
        waitForBrowser(begin);
        return;
      }
      const waitMs = backoff.next();
      store.enter({ phase: 'reconnecting', retryAt: Date.now() + waitMs, transport });
      retry = setTimeout(begin, waitMs);
    },
    /** Waits for `hurry`, and goes on trying slowly: browsers have been seen to report no network where there is one. */
    waitForBrowser,
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
