import { BACKGROUND } from './background.ts';
import { type LiveClientOptions, SessionOver } from './options.ts';
import { after } from './timer.ts';

export interface Tokens {
  /** The one at hand, if it will do. */
  current(): Promise<string>;
  /** A fresh one. Callers that ask at the same time share one request. */
  fresh(): Promise<string>;
  /** Another one than this, which has expired or is about to: the app may have got one already. */
  insteadOf(token: string): Promise<string>;
  /** Leaves no timer. */
  stop(): void;
}

/**
 * Asks the app for tokens. Nothing is kept, so that the newest one always counts. After `timeoutMs` an answer is no longer waited
 * for: otherwise one request that hangs would keep the page from ever connecting again.
 * @param onOver the app has said that there is no session any more.
 */
export function createTokens(
  getToken: LiveClientOptions['getToken'],
  timeoutMs: number,
  onOver: (reason: string) => void,
): Tokens {
  const timers = new Set<() => void>();
  let refreshing: Promise<string> | undefined;

  async function ask(isRefused: boolean): Promise<string> {
    await undefined; // what a `getToken` that is not async throws must not arrive before the attempt that asks for it
    try {
      return await getToken({ isRefused, headers: BACKGROUND });
    } catch (error) {
      if (error instanceof SessionOver) onOver(error.message);
      throw error;
    }
  }

  function askInTime(isRefused: boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const cancel = after(timeoutMs, () => {
        timers.delete(cancel);
        reject(new Error(`getToken did not answer within ${timeoutMs} ms`));
      });
      timers.add(cancel);
      const settle = (): void => {
        cancel();
        timers.delete(cancel);
      };
      ask(isRefused).finally(settle).then(resolve, reject);
    });
  }

  const tokens: Tokens = {
    current: () => askInTime(false),
    fresh() {
      refreshing ??= askInTime(true).finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    async insteadOf(token) {
      const newest = await tokens.current();
      return newest === token ? tokens.fresh() : newest;
    },
    stop() {
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
  return tokens;
}
