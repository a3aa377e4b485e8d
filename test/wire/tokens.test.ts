/** The tokens that the server accepts, over WebSocket and HTTP alike. */
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { base64url, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { post, useClient, useStream } from '../support/clients.ts';
import { now, SECRET, signToken } from '../support/tokens.ts';

const claims = () => ({ token_type: 'access', user_id: 17, unit_id: 5, iat: now(), exp: now() + 3600 });

function sign(
  alg: string,
  key: KeyObject | Uint8Array,
  changes: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT({ ...claims(), ...changes }).setProtectedHeader({ alg }).sign(key);
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const encode = (value: object): string => base64url.encode(JSON.stringify(value));
const pemOf = (key: KeyObject): string => String(key.export({ type: 'spki', format: 'pem' }));

/** Signs any header and payload with the right key. */
function signAsIs(header: string, payload: string): string {
  const signed = `${base64url.encode(header)}.${base64url.encode(payload)}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

const QUERY = '{ viewer { id unitId role } }';

/** The result of a token: the viewer, or the refusal over each transport. */
async function verdict(app: App, token: string): Promise<unknown> {
  const socket = await useClient(app, token).run(QUERY).next();
  const { status, body } = await post(app, QUERY, { token });
  const stream = await useStream(app, QUERY, token);
  const streamed = (await stream.next())?.data;
  if ('result' in socket) {
    expect([body, streamed]).toEqual([socket.result, socket.result]);
    return socket.result.data?.['viewer'];
  }
  const code = body.errors?.[0]?.extensions['code'];
  expect(streamed?.errors?.[0]?.extensions['code']).toBe(code);
  expect(JSON.stringify([socket, body, streamed])).not.toContain(token.slice(0, 20) || '(no token)');
  return ['closed' in socket && socket.closed.code, status, code];
}

const INVALID = [4401, 401, 'UNAUTHENTICATED'];
const EXPIRED = [4403, 401, 'UNAUTHENTICATED'];
const ADA = { id: '17', unitId: '5', role: null };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('with a secret', () => {
  test.each<[string, () => string | Promise<string>]>([
    ['alg none', () => `${encode({ alg: 'none' })}.${encode(claims())}.`],
    ['alg None', () => `${encode({ alg: 'None' })}.${encode(claims())}.`],
    ['alg none with the signature of another', async () => swapHeader(await signToken(), { alg: 'none' })],
    ['no alg', async () => swapHeader(await signToken(), {})],
    ['another key', () => sign('HS256', bytes('another secret, long enough for HS256'))],
    ['another algorithm of the same key', () => sign('HS512', bytes(SECRET.repeat(2)))],
    ['HS512 with the right key', () => sign('HS512', bytes(SECRET))],
    ['a public-key algorithm', () => sign('RS256', rsa.privateKey)],
    ['a changed payload', async () => swapPayload(await signToken(), { ...claims(), unit_id: 7 })],
    ['a signature cut short', async () => (await signToken()).slice(0, -3)],
    ['no signature', async () => (await signToken()).replace(/[^.]+$/, '')],
    [
      'an unknown critical header',
      async () => swapHeader(await signToken(), { alg: 'HS256', crit: ['x'], x: 1 }),
    ],
    ['a refresh token', () => signToken({ token_type: 'refresh' })],
    ['no token_type', () => signToken({ token_type: undefined })],
    ['no user', () => signToken({ user_id: undefined })],
    ['an empty user', () => signToken({ user_id: '' })],
    ['a user of 129 characters', () => signToken({ user_id: 'x'.repeat(129) })],
    ['a control character in a user', () => signToken({ user_id: 'ada\n' })],
    ['half a character in a user', () => signToken({ user_id: 'ada\ud83d' })],
    ['a wildcard for unit', () => signToken({ unit_id: '*' })],
    ['a unit that fits no topic', () => signToken({ unit_id: '5 7' })],
    ['a unit too long', () => signToken({ unit_id: '5'.repeat(65) })],
    ['a fraction for unit', () => signToken({ unit_id: 5.5 })],
    ['a list of units', () => sign('HS256', bytes(SECRET), { unit_id: [5, 7] })],
    ['an object for unit', () => sign('HS256', bytes(SECRET), { unit_id: { id: 5 } })],
    ['true for user', () => sign('HS256', bytes(SECRET), { user_id: true })],
    ['no exp', () => signToken({ exp: undefined })],
    ['text for iat', () => sign('HS256', bytes(SECRET), { iat: 'yesterday' })],
    ['issued in the future', () => signToken({ iat: now() + 60 })],
    ['text for exp', () => sign('HS256', bytes(SECRET), { exp: 'tomorrow' })],
    ['not valid yet', () => signToken({ nbf: now() + 60 })],
    ['a padded signature', async () => `${await signToken()}=`],
    ['a signature that says the same in other characters', async () => respell(await signToken())],
    ['a part more', async () => `${await signToken()}.`],
    ['a signature in upper case', async () => (await signToken()).replace(/[^.]+$/, (s) => s.toUpperCase())],
    ['a header that is no JSON', () => signAsIs('HS256', JSON.stringify(claims()))],
    ['a header that is a list', () => signAsIs('["HS256"]', JSON.stringify(claims()))],
    ['a list of algorithms', () => signAsIs('{"alg":["HS256"]}', JSON.stringify(claims()))],
    ['claims that are no JSON', () => signAsIs('{"alg":"HS256"}', 'claims')],
    ['claims that are a list', () => signAsIs('{"alg":"HS256"}', JSON.stringify([claims()]))],
    ['claims that are nothing', () => signAsIs('{"alg":"HS256"}', '')],
    [
      'a critical header, rightly signed',
      () => signAsIs('{"alg":"HS256","crit":["x"],"x":1}', JSON.stringify(claims())),
    ],
    [
      'a payload that is not encoded',
      () => signAsIs('{"alg":"HS256","crit":["b64"],"b64":false}', JSON.stringify(claims())),
    ],
    ['no JWT', () => 'nonsense'],
    ['dots', () => '..'],
    ['a JWE', () => 'a.b.c.d.e'],
  ])('%s is refused', async (_what, make) => {
    expect(await verdict(await useApp(), await make())).toEqual(INVALID);
  });

  test('an expired token gets the code for renewal', async () => {
    expect(await verdict(await useApp(), await signToken({ exp: now() - 1 }))).toEqual(EXPIRED);
    expect(await verdict(await useApp(), await signToken({ exp: now() }))).toEqual(EXPIRED);
  });

  test('a token longer than any access token is refused', async () => {
    const token = await sign('HS256', bytes(SECRET), { note: 'x'.repeat(14_000) });
    const app = await useApp();
    expect(await useClient(app, token).run(QUERY).next()).toMatchObject({ closed: { code: 4401 } });
    expect((await post(app, QUERY, { token })).status).toBe(431); // Node itself refuses such headers
  });

  test('an expired token of another key does not', async () => {
    const token = await sign('HS256', bytes('another secret, long enough for HS256'), { exp: now() - 1 });
    expect(await verdict(await useApp(), token)).toEqual(INVALID);
  });

  test('ids may be text, and a token may contain no unit', async () => {
    const app = await useApp();
    expect(
      await verdict(app, await signToken({ user_id: 'ada', unit_id: 'north-1', role: undefined })),
    ).toEqual({
      id: 'ada',
      unitId: 'north-1',
      role: null,
    });
    for (const unit_id of [undefined, ''])
      expect(await verdict(app, await signToken({ unit_id }))).toMatchObject({ id: '17', unitId: null });
    expect(await verdict(app, await sign('HS256', bytes(SECRET), { unit_id: null }))).toMatchObject({
      unitId: null,
    });
  });

  test('JWT_ALGORITHMS allows another algorithm only', async () => {
    const app = await useApp({ JWT_ALGORITHMS: 'HS512' });
    expect(await verdict(app, await sign('HS512', bytes(SECRET)))).toEqual(ADA);
    expect(await verdict(app, await sign('HS256', bytes(SECRET)))).toEqual(INVALID);
  });

  test('issuer and audience are checked if they are set', async () => {
    const app = await useApp({ JWT_ISSUER: 'dms', JWT_AUDIENCE: 'live' });
    expect(await verdict(app, await signToken({ iss: 'dms', aud: 'live', role: undefined }))).toEqual(ADA);
    for (const wrong of [
      {},
      { iss: 'dms' },
      { aud: 'live' },
      { iss: 'dms', aud: 'x' },
      { iss: 'x', aud: 'live' },
    ])
      expect(await verdict(app, await signToken(wrong))).toEqual(INVALID);
  });

  test('the names of the claims can be set', async () => {
    const app = await useApp({ CLAIM_USER: 'sub', CLAIM_UNIT: 'department', CLAIM_ROLE: 'job' });
    const named = { sub: 'ada', department: 9, job: 'QC' };
    expect(await verdict(app, await sign('HS256', bytes(SECRET), named))).toEqual({
      id: 'ada',
      unitId: '9',
      role: 'QC',
    });
    expect(await verdict(app, await sign('HS256', bytes(SECRET)))).toEqual(INVALID);
  });
});

describe('with a public key', () => {
  test.each<[string, string, { publicKey: KeyObject; privateKey: KeyObject }]>([
    ['RSA', 'RS256', rsa],
    ['P-256', 'ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['P-384', 'ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['P-521', 'ES512', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['Ed25519', 'EdDSA', generateKeyPairSync('ed25519')],
  ])('%s keys verify %s', async (_type, alg, { publicKey, privateKey }) => {
    const app = await useApp({ JWT_PUBLIC_KEY: pemOf(publicKey) });
    expect(await verdict(app, await sign(alg, privateKey))).toEqual(ADA);
  });

  test('the public key is no secret: HS256 with the public key as its secret is refused, in every form of the key', async () => {
    const app = await useApp({ JWT_PUBLIC_KEY: pemOf(rsa.publicKey) });
    const pem = pemOf(rsa.publicKey);
    const der = rsa.publicKey.export({ type: 'spki', format: 'der' });
    for (const secret of [bytes(pem), bytes(pem.trim()), bytes(pem.replaceAll('\n', '\\n')), der])
      expect(await verdict(app, await sign('HS256', secret))).toEqual(INVALID);
  });

  test('another key, another algorithm of the right key, and a secret are refused', async () => {
    const app = await useApp({ JWT_PUBLIC_KEY: pemOf(rsa.publicKey) });
    expect(await verdict(app, await sign('RS256', otherRsa.privateKey))).toEqual(INVALID);
    expect(await verdict(app, await sign('RS512', rsa.privateKey))).toEqual(INVALID);
    expect(await verdict(app, await sign('PS256', rsa.privateKey))).toEqual(INVALID);
    expect(await verdict(app, await signToken())).toEqual(INVALID);
  });
});

/** The last character of a 32-byte signature has two unused bits, so another character decodes to the same bytes. */
function respell(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? '') + 1];
}

function swapHeader(token: string, header: object): string {
  return [encode(header), ...token.split('.').slice(1)].join('.');
}

function swapPayload(token: string, payload: object): string {
  const [header, , signature] = token.split('.');
  return [header, encode(payload), signature].join('.');
}
