import { createHmac, randomUUID } from 'node:crypto';
import { isRecord } from '../../events/paths.ts';
import type { Bearer } from './people.ts';

/** How tokens of an installation are written. */
export interface TokenForm {
  readonly algorithm: 'HS256' | 'HS384' | 'HS512';
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly claims: { readonly user: string; readonly unit: string; readonly role: string };
}

/** Makes tokens with the installation's secret. */
export interface TokenMint {
  /** @param changes replaces claims; `undefined` leaves one out. */
  make(bearer: Bearer, changes?: Readonly<Record<string, unknown>>): string;
  /** The same with another algorithm than the installation has. */
  makeBy(algorithm: TokenForm['algorithm'], bearer: Bearer): string;
}

/** How long a made token is good, in seconds: a validation ends before. */
const LIFETIME_SECONDS = 1800;
const HASHES = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

/** @param onToken gets each token that is made. */
export function createTokenMint(
  secret: string,
  form: TokenForm,
  onToken: (token: string) => void,
): TokenMint {
  const { issuer, audience, claims } = form;
  const payloadOf = ({ userId, unitId, role }: Bearer): object => {
    const now = unixSeconds();
    return {
      token_type: 'access',
      jti: randomUUID(),
      iat: now,
      exp: now + LIFETIME_SECONDS,
      ...(issuer !== undefined && { iss: issuer }),
      ...(audience !== undefined && { aud: audience }),
      [claims.user]: userId,
      ...(unitId !== null && { [claims.unit]: unitId }),
      ...(role !== undefined && { [claims.role]: role }),
    };
  };
  const make = (algorithm: TokenForm['algorithm'], payload: object): string => {
    const token = sign(algorithm, secret, payload);
    onToken(token);
    return token;
  };
  return {
    make: (bearer, changes) => make(form.algorithm, { ...payloadOf(bearer), ...changes }),
    makeBy: (algorithm, bearer) => make(algorithm, payloadOf(bearer)),
  };
}

export const unixSeconds = (): number => Math.floor(Date.now() / 1000);

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function sign(algorithm: TokenForm['algorithm'], secret: string, payload: object): string {
  const signed = `${encode({ alg: algorithm, typ: 'JWT' })}.${encode(payload)}`;
  return `${signed}.${createHmac(HASHES[algorithm], secret).update(signed).digest('base64url')}`;
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return isRecord(claims) ? claims : {};
  } catch {
    return {};
  }
}

/** A token that nobody has issued, made from a good one without any key. */
export interface Forgery {
  readonly what: string;
  readonly token: string;
}

/** What a stranger can make of a token that was found. */
export function forge(token: string, form: TokenForm): readonly Forgery[] {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = claimsOf(token);
  const raised = encode({ ...claims, [form.claims.unit]: 'another', [form.claims.role]: 'System Admin' });
  const unsigned = encode({ alg: 'none', typ: 'JWT' });
  const first = signature.startsWith('A') ? 'B' : 'A';
  return [
    { what: 'another unit and role, the signature of before', token: `${header}.${raised}.${signature}` },
    { what: 'an altered signature', token: `${header}.${payload}.${first}${signature.slice(1)}` },
    { what: 'no signature', token: `${header}.${payload}.` },
    { what: 'the algorithm none', token: `${unsigned}.${payload}.` },
    { what: 'the algorithm none with a signature', token: `${unsigned}.${payload}.${signature}` },
    { what: 'signed with another secret', token: sign('HS256', 'a secret that nobody has', claims) },
    { what: 'signed with an empty secret', token: sign('HS256', '', claims) },
    { what: 'a fourth part', token: `${token}.${signature}` },
    { what: 'no token at all', token: 'garbage' },
  ];
}
