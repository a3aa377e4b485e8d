import { readClaims } from '../connection/token-expiry.ts';

/** What differs between the tokens of one user and session. */
const PASSING: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf', 'jti']);

/**
 * Whose token it is, and what its bearer may see: all claims but those that each token has of its own. Tabs whose tokens say the same
 * may share a connection. `undefined`: it cannot be read, so nothing may be shared.
 */
export function scopeOf(token: string): string | undefined {
  const claims = Object.entries(readClaims(token)).filter(([name]) => !PASSING.has(name));
  return claims.length === 0 ? undefined : JSON.stringify(claims.sort(([a], [b]) => (a < b ? -1 : 1)));
}
