import type { SessionError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { RefusedToken, reasonOfRefusal, type TokenRefusal } from './refused-token.ts';

/** Logs and counts refused tokens, so that the operator learns why people cannot sign in. No part of a token is logged. */
export interface RefusalLog {
  /** @param userId whose token it is, where its signature was good. */
  note(error: SessionError, userId?: string): void;
}

/** For metrics. */
export interface RefusalLogObserver {
  tokenRefused(reason: TokenRefusal): void;
}

/** A reason is logged at most once in this time, in milliseconds; what is refused meanwhile is counted, and logged at debug level. */
const QUIET_MS = 600_000;

/** What may be wrong on our side, and what to set. */
export const ADVICE: Readonly<Record<TokenRefusal, string>> = {
  missing: 'send it as connectionParams.authorization, over HTTP as the header Authorization',
  malformed: 'send "Bearer" and a JWT with three parts',
  algorithm: 'if the issuer signs by this algorithm, name it in JWT_ALGORITHMS',
  'unknown-key': 'if the issuer is the right one, JWT_JWKS_URL must be its own',
  signature: 'JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL must be those of the issuer',
  issuer: 'if the token is right, mend JWT_ISSUER',
  audience: 'if the token is right, mend JWT_AUDIENCE',
  'not-yet-valid': 'compare the clocks of issuer and server, or raise TOKEN_LEEWAY_SECONDS',
  'issued-in-future': 'compare the clocks of issuer and server, or raise TOKEN_LEEWAY_SECONDS',
  expired: 'if it is fresh, compare the clocks of issuer and server',
  'token-type': 'clients must send the access token, with the claim "token_type": "access"',
  claim: 'CLAIM_USER, CLAIM_UNIT and CLAIM_ROLE name the claims that are read',
  revoked: 'the user must sign in again',
  changed: 'the client must get a new token',
  profile: 'the endpoint at PROFILE_URL answered 401 or 403',
};

/** Reasons that occur every day; the others mostly mean that a setting is wrong. */
const EVERYDAY: ReadonlySet<TokenRefusal> = new Set([
  'missing',
  'malformed',
  'expired',
  'revoked',
  'changed',
]);

/**
 * One line for the first refusal of each reason, and again when the reason still occurs after a while: a stranger who sends
 * garbage can neither fill the log nor hide from it that, later, users are refused for the same reason.
 */
export function createRefusalLog(observer: RefusalLogObserver, log: Logger): RefusalLog {
  const logged = new Map<TokenRefusal, { at: number; unlogged: number }>();

  return {
    note(error, userId) {
      const reason = reasonOfRefusal(error);
      observer.tokenRefused(reason);
      const details = {
        reason,
        ...(error instanceof RefusedToken && { detail: error.detail }),
        ...(userId !== undefined && { userId }),
      };
      const last = logged.get(reason);
      const now = performance.now();
      if (last !== undefined && now - last.at < QUIET_MS) {
        last.unlogged += 1;
        log.debug(details, 'a token was refused');
        return;
      }
      logged.set(reason, { at: now, unlogged: 0 });
      const level = EVERYDAY.has(reason) ? 'info' : 'warn';
      log[level](
        { ...details, ...(last !== undefined && { refusedMeanwhile: last.unlogged }) },
        `a token was refused: ${ADVICE[reason]}; further ones are counted, and logged at debug level`,
      );
    },
  };
}
