import { errors } from 'jose';
import { RefusedToken, type TokenRefusal } from './refused-token.ts';

/** jose's codes for what is wrong with a token before its claims are read. All others: it is no JWT that can be read. */
const BY_CODE: Readonly<Record<string, readonly [TokenRefusal, string]>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: ['algorithm', 'signed by an algorithm that is not accepted'],
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: ['signature', 'not signed by this key'],
  ERR_JWKS_NO_MATCHING_KEY: ['unknown-key', 'the issuer publishes no such key'],
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: ['unknown-key', 'it names no key (kid), and the issuer publishes several'],
  ERR_JOSE_NOT_SUPPORTED: ['malformed', 'a critical header that is not understood'],
};

/** How much of a value is logged, in characters. */
const MAX_VALUE_LENGTH = 200;

/** Why jose does not accept a token. */
export function refusalOf(error: unknown): RefusedToken {
  if (error instanceof errors.JWTExpired)
    return new RefusedToken('expired', differenceOf('exp', error.payload.exp, 'ago'));
  if (error instanceof errors.JWTClaimValidationFailed) return refusalOfClaim(error);
  const [reason, detail] = (error instanceof errors.JOSEError && BY_CODE[error.code]) || [
    'malformed',
    'no JWT that can be read',
  ];
  return new RefusedToken(reason, detail);
}

function refusalOfClaim({ claim, reason, payload }: errors.JWTClaimValidationFailed): RefusedToken {
  if (claim === 'iss') return new RefusedToken('issuer', sayingOf('iss', payload.iss));
  if (claim === 'aud') return new RefusedToken('audience', sayingOf('aud', payload.aud));
  if (claim === 'nbf' && reason === 'check_failed')
    return new RefusedToken('not-yet-valid', differenceOf('nbf', payload.nbf, 'ahead of our clock'));
  return new RefusedToken(
    'claim',
    `the claim "${claim}" is ${reason === 'missing' ? 'missing' : 'no number'}`,
  );
}

/** Names an issuer or audience, which are no secrets: the signature was good, so they are what the issuer wrote. */
function sayingOf(claim: string, value: unknown): string {
  if (value === undefined) return `the claim "${claim}" is missing`;
  return `"${claim}" is ${JSON.stringify(value).slice(0, MAX_VALUE_LENGTH)}`;
}

/** How far a clock may be off is what the operator needs to see. */
function differenceOf(claim: string, seconds: number | undefined, where: string): string {
  return `"${claim}" is ${Math.abs(Math.round((seconds ?? 0) - Date.now() / 1000))} s ${where}`;
}
