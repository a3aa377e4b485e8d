/**
 * How long a token that the server has just accepted is good for, in milliseconds; `undefined`: it does not say.
 *
 * The clock here may differ from the server's. If it is slow, the token seems to last longer than it does, so its own lifetime
 * (from `iat` to `exp`) is the bound. If it is so fast that the token seems to have expired, a third of its lifetime is assumed.
 */
export function remainingOf(token: string, now = Date.now()): number | undefined {
  const { exp, iat } = readClaims(token);
  if (typeof exp !== 'number') return undefined;
  const byClock = exp * 1000 - now;
  if (typeof iat !== 'number') return Math.max(byClock, 0);
  const lifetime = Math.max((exp - iat) * 1000, 0);
  return byClock > 0 ? Math.min(byClock, lifetime) : lifetime / 3;
}

/** What a token says, unverified; nothing of one that is no JSON Web Token. */
export function readClaims(token: string): { readonly exp?: unknown; readonly iat?: unknown } {
  try {
    const [, payload = ''] = token.split('.');
    const claims: unknown = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/')));
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
