export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

const PLACE = 'dms-session';

/** The tokens of this tab: another tab may be somebody else. */
export function loadTokens(): Tokens | undefined {
  const text = sessionStorage.getItem(PLACE);
  if (text === null) return undefined;
  const saved: unknown = JSON.parse(text);
  return isTokens(saved) ? saved : undefined;
}

export function saveTokens(tokens: Tokens): void {
  sessionStorage.setItem(PLACE, JSON.stringify(tokens));
}

export function forgetTokens(): void {
  sessionStorage.removeItem(PLACE);
}

function isTokens(value: unknown): value is Tokens {
  return typeof value === 'object' && value !== null && 'access' in value && 'refresh' in value;
}

/** When an access token expires, in Unix milliseconds; 0 if it does not say. */
export function expiryOf(access: string): number {
  return Number(claimsOf(access)['exp'] ?? 0) * 1000;
}

/** Claims that allow nothing: those that differ from token to token, and the name. */
const ALLOWS_NOTHING = new Set(['exp', 'iat', 'nbf', 'jti', 'token_type', 'name']);

/** What an access token says of its person's rights, such as the role and the unit. Equal for tokens that allow the same. */
export function personIn(access: string): string {
  const claims = Object.entries(claimsOf(access)).filter(([name]) => !ALLOWS_NOTHING.has(name));
  return JSON.stringify(claims.toSorted());
}

function claimsOf(access: string): Record<string, unknown> {
  const [, claims = ''] = access.split('.');
  const read: unknown = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')) || '{}');
  return typeof read === 'object' && read !== null ? { ...read } : {};
}
