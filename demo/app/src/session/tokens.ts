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
  const [, claims = ''] = access.split('.');
  const read: unknown = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')) || '{}');
  const hasExpiry = typeof read === 'object' && read !== null && 'exp' in read;
  return hasExpiry ? Number(read.exp) * 1000 : 0;
}
