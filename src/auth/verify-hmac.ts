import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import {
  decodeProtectedHeader,
  errors,
  type JWTClaimVerificationOptions,
  type JWTPayload,
  UnsecuredJWT,
} from 'jose';

const HASHES: ReadonlyMap<unknown, string> = new Map([
  ['HS256', 'sha256'],
  ['HS384', 'sha384'],
  ['HS512', 'sha512'],
]);

/** The header of a token without a signature, as jose wants it of claims that are to be checked and nothing else. */
const UNSECURED = Buffer.from('{"alg":"none"}').toString('base64url');

/**
 * Verifies tokens that were signed with a shared secret. jose reads the header and judges the claims; the signature is
 * computed here, at once: through WebCrypto, which jose uses, a hash of two microseconds goes to a thread and back, with a
 * key imported for each token, and that cost a fifth of what a client that connects costs altogether (bench/).
 * @param algorithms of HS256, HS384 and HS512 the only ones accepted.
 * @returns what throws jose's errors for any token that is not good.
 */
export function createHmacVerifier(
  secret: string,
  algorithms: readonly string[],
  claims: JWTClaimVerificationOptions,
): (token: string) => JWTPayload {
  const key = createSecretKey(Buffer.from(secret));
  /** All tokens of an issuer have the same header, so the header of the last good token is remembered. */
  let known: { readonly header: string; readonly hash: string } | undefined;

  function readHash(token: string): string {
    const { alg, crit } = decodeProtectedHeader(token);
    const hash = HASHES.get(alg);
    if (hash === undefined || alg === undefined || !algorithms.includes(alg))
      throw new errors.JOSEAlgNotAllowed('another algorithm');
    if (crit !== undefined) throw new errors.JOSENotSupported('a critical header'); // RFC 7515, section 4.1.11: none is understood
    return hash;
  }

  return (token) => {
    const [header, payload, signature, ...rest] = token.split('.');
    if (header === undefined || payload === undefined || signature === undefined || rest.length > 0)
      throw new errors.JWTInvalid('not three parts');
    const hash = known?.header === header ? known.hash : readHash(token);
    // Compared as text: of the many ways to write the same bytes in base64url only one is right.
    const expected = Buffer.from(createHmac(hash, key).update(`${header}.${payload}`).digest('base64url'));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new errors.JWSSignatureVerificationFailed();
    if (known?.header !== header) known = { header: Buffer.from(header).toString(), hash }; // a copy: a part would keep the token
    return UnsecuredJWT.decode(`${UNSECURED}.${payload}.`, claims).payload;
  };
}
