import { SignJWT } from 'jose';

export const SECRET = 'a secret for tests, long enough for HS256';

export interface TokenClaims {
  readonly token_type?: string;
  readonly user_id?: string | number;
  readonly unit_id?: string | number;
  readonly role?: string;
  readonly name?: string;
  readonly iat?: number;
  readonly nbf?: number;
  readonly exp?: number;
  readonly jti?: string;
  readonly iss?: string;
  readonly aud?: string;
}

export const now = (): number => Math.floor(Date.now() / 1000);

/** A token as Simple JWT issues it. `claims` replaces claims; `undefined` removes one. */
export async function signToken(
  claims: { [Claim in keyof TokenClaims]: TokenClaims[Claim] | undefined } = {},
): Promise<string> {
  const standard = {
    token_type: 'access',
    user_id: 17,
    unit_id: 5,
    role: 'Section Head',
    iat: now(),
    exp: now() + 3600,
  };
  const payload = Object.entries({ jti: crypto.randomUUID(), ...standard, ...claims });
  return new SignJWT(Object.fromEntries(payload.filter(([, value]) => value !== undefined)))
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(SECRET));
}

/** People of the tests. */
export const people = {
  /** A Section Head of unit 5, user 17. */
  head: () => signToken(),
  /** A Store Head of unit 7, user 23. */
  stranger: () => signToken({ user_id: 23, unit_id: 7, role: 'Store Head' }),
  /** A System Admin, user 1. */
  admin: () => signToken({ user_id: 1, unit_id: 1, role: 'System Admin' }),
  /** User 40, of no unit. */
  unitless: () => signToken({ user_id: 40, unit_id: undefined }),
};
