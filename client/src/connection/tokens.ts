import { type LiveClientOptions, SessionOver } from './options.ts';

export interface Tokens {
  /** The one at hand, if it will do. */
  current(): Promise<string>;
  /** A fresh one; asked for once, however many want one at a time. */
  fresh(): Promise<string>;
  /** Another one than this, which has expired or is about to: the app may have got one already. */
  insteadOf(token: string): Promise<string>;
}

/**
 * Asks the app for tokens. Nothing is kept, so that the newest one always counts.
 * @param onOver the app has said that there is no session any more.
 */
export function createTokens(
  getToken: LiveClientOptions['getToken'],
  onOver: (reason: string) => void,
): Tokens {
  let refreshing: Promise<string> | undefined;

  async function ask(isRefused: boolean): Promise<string> {
    try {
      return await getToken({ isRefused });
    } catch (error) {
      if (error instanceof SessionOver) onOver(error.message);
      throw error;
    }
  }

  const tokens: Tokens = {
    current: () => ask(false),
    fresh() {
      refreshing ??= ask(true).finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    async insteadOf(token) {
      const newest = await tokens.current();
      return newest === token ? tokens.fresh() : newest;
    },
  };
  return tokens;
}
