import { createPublicKey } from 'node:crypto';
import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LiveError } from '../errors.ts';
import { readText, readUnitId, readUserId } from './claims.ts';
import { RefusedToken } from './refused-token.ts';
import { refusalOf } from './token-faults.ts';
import { createHmacVerifier } from './verify-hmac.ts';
import type { Identity } from './viewer.ts';

export type KeySource =
  /** A shared secret (Simple JWT's default: HS256 with Django's secret key). */
  | { readonly form: 'secret'; readonly secret: string }
  /** A public key in PEM (SPKI). */
  | { readonly form: 'publicKey'; readonly pem: string }
  /** Where the issuer publishes its keys (RFC 7517). */
  | {
      readonly form: 'jwks';
      readonly url: URL;
      /** For how long keys are used after the issuer was last reached, in seconds. */
      readonly maxStaleSeconds: number;
    };

export interface TokenSettings {
  readonly key: KeySource;
  /** The only algorithms accepted. Never a mix of HMAC and public-key ones, which would invite algorithm confusion. */
  readonly algorithms: readonly string[];
  readonly issuer?: string;
  readonly audience?: string;
  /** How far the issuer's clock may differ from ours, in seconds: for `nbf`, `iat` and `exp`. */
  readonly leewaySeconds: number;
  readonly claims: { readonly user: string; readonly unit: string; readonly role: string };
}

/** Verifies a token, and returns whom it names as its bearer. Throws {@link RefusedToken}; the token is in no message. */
export type VerifyToken = (token: string) => Promise<Identity>;

/** The last instant that a date can hold, in Unix seconds. */
const LAST_INSTANT = 8.64e12;
/** Longer ones are no access tokens, and would cost time to verify. */
const MAX_TOKEN_LENGTH = 16_384;

/**
 * @param issuerKeys finds a key that the issuer publishes; needed where the settings name a JWKS.
 * @throws when the key cannot be read.
 */
export function createTokenVerifier(settings: TokenSettings, issuerKeys?: JWTVerifyGetKey): VerifyToken {
  const verify = keyVerifier(settings, issuerKeys);
  return async (token) => {
    if (token.length > MAX_TOKEN_LENGTH)
      throw new RefusedToken('malformed', `longer than ${MAX_TOKEN_LENGTH} characters`);
    return readIdentity(await verify(token), settings);
  };
}

function keyVerifier(
  settings: TokenSettings,
  issuerKeys: JWTVerifyGetKey | undefined,
): (token: string) => Promise<JWTPayload> {
  const { key, algorithms } = settings;
  const claims = {
    requiredClaims: ['exp'],
    clockTolerance: settings.leewaySeconds,
    ...(settings.issuer !== undefined && { issuer: settings.issuer }),
    ...(settings.audience !== undefined && { audience: settings.audience }),
  };
  if (key.form === 'secret') {
    const verify = createHmacVerifier(key.secret, algorithms, claims);
    return (token) => explainRefusals(() => verify(token));
  }
  const options = { ...claims, algorithms: [...algorithms] };
  if (key.form === 'jwks') {
    if (issuerKeys === undefined) throw new TypeError('The issuer’s keys are needed.');
    return (token) => explainRefusals(async () => (await jwtVerify(token, issuerKeys, options)).payload);
  }
  const publicKey = createPublicKey(key.pem); // as a key object, which jose imports once and not for each token
  return (token) => explainRefusals(async () => (await jwtVerify(token, publicKey, options)).payload);
}

async function explainRefusals(verify: () => JWTPayload | Promise<JWTPayload>): Promise<JWTPayload> {
  try {
    return await verify();
  } catch (error) {
    throw error instanceof LiveError ? error : refusalOf(error);
  }
}

function readIdentity(payload: JWTPayload, { claims, leewaySeconds }: TokenSettings): Identity {
  if (payload['token_type'] !== 'access')
    throw new RefusedToken('token-type', `the claim "token_type" is not "access"`);
  if (Number(payload.exp) > LAST_INSTANT) throw new RefusedToken('claim', 'the claim "exp" is no date');
  const aheadSeconds = (payload.iat ?? 0) - Math.floor(Date.now() / 1000);
  if (aheadSeconds > leewaySeconds)
    throw new RefusedToken('issued-in-future', `"iat" is ${aheadSeconds} s ahead of our clock`);
  const userId = readUserId(payload[claims.user]);
  const unitId = readUnitId(payload[claims.unit]);
  if (userId == null) {
    const fault = userId === null ? 'is missing' : 'can be no user’s id';
    throw new RefusedToken('claim', `the claim "${claims.user}" ${fault}`);
  }
  if (unitId === undefined) throw new RefusedToken('claim', `the claim "${claims.unit}" can be no unit’s id`);
  return {
    viewer: {
      id: userId,
      name: readText(payload['name']),
      unitId,
      role: readText(payload[claims.role]),
    },
    tokenId: readText(payload.jti),
    issuedAt: payload.iat ?? 0,
    expiresAt: payload.exp ?? 0, // required above
  };
}
