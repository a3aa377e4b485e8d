import { type Config, type Identity, SessionError } from 'dms-live';
import { jwtVerify, SignJWT } from 'jose';
import type { Person } from './users.ts';

type TokenSettings = Config['token'];

export interface TokenPlan {
  readonly type: 'access' | 'refresh';
  /** From now on, in seconds. */
  readonly lifetime: number;
  /** The name of the token, by which it can be revoked. Default: a new one. */
  readonly jti?: string;
}

export const DAY_S = 24 * 3600;

export function newTokenId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

/**
 * A token as Simple JWT issues it.
 * @param settings those of the server that is to accept it; their key must be a secret.
 */
export async function signDemoToken(
  person: Person,
  settings: TokenSettings,
  { type, lifetime, jti = newTokenId() }: TokenPlan,
): Promise<string> {
  const { algorithms, claims, issuer, audience } = settings;
  const issuedAt = Math.floor(Date.now() / 1000);
  const payload = {
    token_type: type,
    jti,
    name: person.name,
    [claims.user]: person.id,
    [claims.unit]: person.unitId,
    [claims.role]: person.role,
    ...(issuer !== undefined && { iss: issuer }),
    ...(audience !== undefined && { aud: audience }),
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: algorithms[0] ?? 'HS256', typ: 'JWT' })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetime)
    .sign(secretOf(settings));
}

/**
 * Reads a refresh token, which the server itself takes no notice of.
 * @throws {SessionError} when it is none of ours, or has expired.
 */
export async function readRefreshToken(
  token: string,
  settings: TokenSettings,
): Promise<Identity & { readonly tokenId: string }> {
  const algorithms = [...settings.algorithms];
  const verified = await jwtVerify(token, secretOf(settings), { algorithms }).catch(() => undefined);
  const { token_type: type, jti, iat, exp, [settings.claims.user]: userId } = verified?.payload ?? {};
  if (type !== 'refresh' || jti === undefined || typeof userId !== 'string')
    throw new SessionError('invalid');
  return {
    viewer: { id: userId, name: null, unitId: null, role: null },
    tokenId: jti,
    issuedAt: iat ?? 0,
    expiresAt: exp ?? 0,
  };
}

function secretOf({ key }: TokenSettings): Uint8Array {
  if (key.form !== 'secret') throw new TypeError('only a secret can sign demo tokens');
  return new TextEncoder().encode(key.secret);
}
