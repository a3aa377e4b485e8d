/** The header of the last good token is remembered: no token gains anything by that. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createHmacVerifier } from '../../src/auth/verify-hmac.ts';

const SECRET = 'a secret that is long enough for HS256';

function sign(header: object, hash = 'sha256', secret = SECRET): string {
  const [first, second] = [header, { exp: 4_000_000_000 }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signature = createHmac(hash, secret).update(`${first}.${second}`).digest('base64url');
  return `${first}.${second}.${signature}`;
}

const GOOD = sign({ alg: 'HS256' });
const BAD: Readonly<Record<string, string>> = {
  'of another secret': sign({ alg: 'HS256' }, 'sha256', 'another secret, which is long as well'),
  'without an algorithm': sign({}),
  'of no algorithm': sign({ alg: 'none' }),
  'of an algorithm that is not allowed': sign({ alg: 'HS512' }, 'sha512'),
  'with a critical header': sign({ alg: 'HS256', crit: ['b64'] }),
  'of another algorithm under a good header': sign({ alg: 'HS256' }, 'sha384'),
};

test.each(Object.entries(BAD))('a token %s is refused before and after good ones', (_what, bad) => {
  const verify = createHmacVerifier(SECRET, ['HS256', 'HS384'], { requiredClaims: ['exp'] });
  expect(() => verify(bad)).toThrow();
  expect(verify(GOOD)).toEqual({ exp: 4_000_000_000 });
  expect(() => verify(bad)).toThrow();
  expect(verify(GOOD)).toEqual({ exp: 4_000_000_000 });
});

test('tokens of two algorithms verify in turn', () => {
  const verify = createHmacVerifier(SECRET, ['HS256', 'HS384'], { requiredClaims: ['exp'] });
  for (const token of [GOOD, sign({ alg: 'HS384' }, 'sha384'), GOOD])
    expect(verify(token)).toEqual({ exp: 4_000_000_000 });
});
