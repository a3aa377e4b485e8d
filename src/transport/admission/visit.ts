import { RateLimitError, SessionError } from '../../errors.ts';
import type { AddressRecord } from './address-book.ts';
import type { LimitName, Stranger } from './places.ts';

/** How a request or a socket stands with the limits of strangers, and where it comes from. */
export interface Visit {
  /** The client's address. */
  readonly address: string;
  /**
   * Checks a token by `start`. If the token is good, its bearer is no longer counted as a stranger. If it is refused, that counts for
   * the address.
   * @throws {RateLimitError} without a check, after too many refused tokens. And whatever `start` throws.
   */
  signIn<Session>(start: () => Promise<Session>): Promise<Session>;
}

export interface VisitOptions {
  readonly address: string;
  readonly record: AddressRecord;
  readonly strangers: readonly Stranger[];
  readonly onSignedIn: () => void;
  readonly onRefused: (limit: LimitName) => void;
}

/** How long to wait after too many refused tokens, in seconds. */
const TOKENS_RETRY_SECONDS = 10;

export function createVisit({ address, record, strangers, onSignedIn, onRefused }: VisitOptions): Visit {
  return {
    address,
    async signIn(start) {
      if (record.refusedTokens.isEmpty) {
        onRefused('tokens');
        throw new RateLimitError(
          'Too many tokens from your address were refused: try again in a while.',
          TOKENS_RETRY_SECONDS,
        );
      }
      for (const stranger of strangers) stranger.keep();
      try {
        const session = await start();
        for (const stranger of strangers) stranger.leave();
        onSignedIn();
        return session;
      } catch (error) {
        if (isRefusedToken(error)) record.refusedTokens.charge(); // not before: good tokens of an office are checked together
        for (const stranger of strangers) stranger.waitAgain();
        throw error;
      }
    },
  };
}

/** Whether somebody tried a token that is not theirs. An expired token does not count: those of an office expire together. */
function isRefusedToken(error: unknown): boolean {
  return error instanceof SessionError && (error.fault === 'invalid' || error.fault === 'revoked');
}
