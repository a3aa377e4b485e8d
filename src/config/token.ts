import { createPublicKey, type KeyObject } from 'node:crypto';
import type { KeySource, TokenSettings } from '../auth/verify-token.ts';
import type { Reader } from './reader.ts';

/** How tokens are checked: by exactly one key, and only by algorithms that fit it. */
export function readTokenSettings(read: Reader): TokenSettings {
  const source = readKeySource(read);
  const issuer = read.text('JWT_ISSUER');
  const audience = read.text('JWT_AUDIENCE');
  return {
    key: source.key,
    algorithms: readAlgorithms(read, source),
    claims: {
      user: read.textOr('CLAIM_USER', 'user_id'),
      unit: read.textOr('CLAIM_UNIT', 'unit_id'),
      role: read.textOr('CLAIM_ROLE', 'role'),
    },
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    leewaySeconds: read.integer('TOKEN_LEEWAY_SECONDS', 5, 0, 300),
  };
}

/** A key, and the algorithms that fit it; the first ones are the default. */
interface FittingKey {
  readonly key: KeySource;
  readonly algorithms: readonly string[];
  readonly defaults: readonly string[];
}

const HMAC = ['HS256', 'HS384', 'HS512'];
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const EC = ['ES256', 'ES384', 'ES512'];
const EDWARDS = ['EdDSA', 'Ed25519'];

const UNUSABLE: FittingKey = { key: { form: 'secret', secret: '' }, algorithms: [], defaults: [] };

function readKeySource(read: Reader): FittingKey {
  const secret = read.text('JWT_SECRET');
  const pem = read.text('JWT_PUBLIC_KEY');
  const url = read.text('JWT_JWKS_URL');
  const isWeakAllowed = read.flag('ALLOW_WEAK_SECRET', false);
  const maxStaleSeconds = read.integer('JWKS_MAX_STALE_SECONDS', 86_400, 600, 604_800);
  if ([secret, pem, url].filter((setting) => setting !== undefined).length !== 1) {
    read.fault(
      'Set exactly one of JWT_SECRET (as Django’s SIMPLE_JWT signs by default), JWT_PUBLIC_KEY (PEM) and JWT_JWKS_URL.',
    );
    return UNUSABLE;
  }
  if (secret !== undefined) return readSecret(read, secret, isWeakAllowed);
  if (pem !== undefined) return readPublicKey(read, pem);
  return readKeysUrl(read, url ?? '', maxStaleSeconds);
}

/** A shorter secret than HS256's hash (RFC 7518, section 3.2) can be guessed from any token that it has signed. */
const LEAST_SECRET_BYTES = 32;

function readSecret(read: Reader, secret: string, isWeakAllowed: boolean): FittingKey {
  if (Buffer.byteLength(secret) < LEAST_SECRET_BYTES && !isWeakAllowed) {
    read.fault(
      `JWT_SECRET must have at least ${LEAST_SECRET_BYTES} bytes: a shorter one can be guessed from any token. ` +
        'Set a longer one here and in the DMS, or ALLOW_WEAK_SECRET=true where nothing is at stake.',
    );
  }
  return { key: { form: 'secret', secret }, algorithms: HMAC, defaults: ['HS256'] };
}

function readKeysUrl(read: Reader, written: string, maxStaleSeconds: number): FittingKey {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    read.fault('JWT_JWKS_URL must be an http(s) URL without user and password: the keys are public.');
    return UNUSABLE;
  }
  const algorithms = [...RSA, ...EC, ...EDWARDS];
  return { key: { form: 'jwks', url, maxStaleSeconds }, algorithms, defaults: algorithms };
}

function readPublicKey(read: Reader, written: string): FittingKey {
  const pem = written.replaceAll('\\n', '\n');
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    read.fault('JWT_PUBLIC_KEY must be a public key in PEM, with line breaks or \\n in their place.');
    return UNUSABLE;
  }
  const fitting: Record<string, readonly string[]> = {
    rsa: RSA,
    prime256v1: ['ES256'],
    secp384r1: ['ES384'],
    secp521r1: ['ES512'],
    ed25519: EDWARDS,
  };
  const algorithms = fitting[key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? ''] ?? [];
  if (algorithms.length === 0)
    read.fault('JWT_PUBLIC_KEY must be an RSA, EC (P-256, P-384, P-521) or Ed25519 key.');
  return {
    key: { form: 'publicKey', pem },
    algorithms,
    defaults: algorithms.includes('RS256') ? ['RS256'] : algorithms,
  };
}

function readAlgorithms(read: Reader, { algorithms, defaults }: FittingKey): readonly string[] {
  const chosen = read.list('JWT_ALGORITHMS', defaults);
  const unfit = chosen.filter((algorithm) => !algorithms.includes(algorithm));
  if (algorithms.length > 0 && (unfit.length > 0 || chosen.length === 0)) {
    read.fault(`JWT_ALGORITHMS must be of those that fit the key: ${algorithms.join(', ')}.`);
  }
  return chosen;
}
