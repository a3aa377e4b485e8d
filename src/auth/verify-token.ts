import { createPublicKey } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LiveError, SessionError } from '../errors.ts';
import { readId, readText } from './claim.ts';
import { createHmacVerifier } from './verify-hmac.ts';
import type { Identity } from './viewer.ts';

export type KeySource =
  /** A shared secret (Simple JWT's default: HS256 with Django's secret key). */
  | { readonly form: 'secret'; readonly secret: string }
  /** A public key in PEM (SPKI). */
  | { readonly form: 'publicKey'; readonly pem: string }
  /** Where the issuer publishes its keys (RFC 7517). */
  | { readonly form: 'jwks'; readonly url: URL };

export interface TokenSettings {
  readonly key: KeySource;
  /** The only algorithms accepted. Never a mix of HMAC and public-key ones, which would invite algorithm confusion. */
  readonly algorithms: readonly string[];
  readonly issuer?: string;
  readonly audience?: string;
  readonly claims: { readonly user: string; readonly unit: string; readonly role: string };
}

/** Answers who a token says its bearer is. Throws {@link SessionError} `invalid` or `expired`; the token is in no message. */
export type VerifyToken = (token: string) => Promise<Identity>;

/** After an unknown key id the issuer is asked again, but at most this often, in milliseconds. */
const JWKS_COOLDOWN_MS = 1000;
/** A key that the issuer has withdrawn is believed no longer than this, in milliseconds. */
const JWKS_MAX_AGE_MS = 300_000;
const JWKS_TIMEOUT_MS = 5000;

/** The last instant that a date can hold, in Unix seconds. */
const LAST_INSTANT = 8.64e12;
/** Longer ones are no access tokens, and would cost time to verify. */
const MAX_TOKEN_LENGTH = 16_384;

/** @throws when the key cannot be read. */
export function createTokenVerifier(settings: TokenSettings): VerifyToken {
  const verify = keyVerifier(settings);
  return async (token) => {
    if (token.length > MAX_TOKEN_LENGTH) throw new SessionError('invalid');
    return readIdentity(await verify(token), settings.claims);
  };
}

function keyVerifier(settings: TokenSettings): (token: string) => Promise<JWTPayload> {
  const { key, algorithms } = settings;
  const claims = {
    requiredClaims: ['exp'],
    ...(settings.issuer !== undefined && { issuer: settings.issuer }),
    ...(settings.audience !== undefined && { audience: settings.audience }),
  };
  if (key.form === 'secret') {
    const verify = createHmacVerifier(key.secret, algorithms, claims);
    return (token) => translateErrors(async () => verify(token));
  }
  const options = { ...claims, algorithms: [...algorithms] };
  if (key.form === 'jwks') {
    const keys = remoteKeys(key.url);
    return (token) => translateErrors(async () => (await jwtVerify(token, keys, options)).payload);
  }
  const publicKey = createPublicKey(key.pem); // as a key object, which jose imports once and not for each token
  return (token) => translateErrors(async () => (await jwtVerify(token, publicKey, options)).payload);
}

/** Like jose's own, and for a key that the issuer has only just begun to use it waits until it may ask again. */
function remoteKeys(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    cooldownDuration: JWKS_COOLDOWN_MS,
    cacheMaxAge: JWKS_MAX_AGE_MS,
    timeoutDuration: JWKS_TIMEOUT_MS,
  });
  const find: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !keys.coolingDown) throw error;
      await new Promise((resolve) => setTimeout(resolve, JWKS_COOLDOWN_MS));
      return keys(header, token);
    }
  };
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      return blameIssuer(error);
    }
  };
}

/** Codes by which jose says that a token names a key that the issuer does not have; all else is the issuer's failure. */
const TOKEN_FAULTS = [
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JOSE_NOT_SUPPORTED',
];

function blameIssuer(error: unknown): never {
  if (error instanceof errors.JOSEError && TOKEN_FAULTS.includes(error.code)) throw error;
  throw new LiveError(
    'SERVICE_UNAVAILABLE',
    'The keys to check your token cannot be had now: try again in a moment.',
  );
}

async function translateErrors(verify: () => Promise<JWTPayload>): Promise<JWTPayload> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof LiveError) throw error;
    throw new SessionError(error instanceof errors.JWTExpired ? 'expired' : 'invalid');
  }
}

function readIdentity(payload: JWTPayload, claims: TokenSettings['claims']): Identity {
  const userId = readId(payload[claims.user]);
  const unitId = readId(payload[claims.unit]);
  const isAccess = payload['token_type'] === 'access' && Number(payload.exp) <= LAST_INSTANT;
  if (!isAccess || userId == null || unitId === undefined) throw new SessionError('invalid');
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
