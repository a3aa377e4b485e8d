/** Keys that the issuer publishes. They change, and sometimes they cannot be fetched. */
import type { ServerResponse } from 'node:http';
import { generateKeyPair } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp, useTalkativeApp } from '../support/app.ts';
import { post, useClient } from '../support/clients.ts';
import { type Issuer, signAs, useIssuer } from '../support/issuer.ts';
import { readMetrics } from '../support/metrics.ts';
import { freePort, until } from '../support/redis.ts';
import { signToken } from '../support/tokens.ts';

const QUERY = '{ viewer { id } }';
const ACCEPTED = { result: { data: { viewer: { id: '17' } } } };
const UNKNOWN_FOR_NOW = { closed: { code: 1013 } };
/** The interval between two fetches of the keys. */
const REFRESH_MS = 300_000;

const whoIs = (app: App, token: string) => useClient(app, token).run(QUERY).next();
const ready = async ({ url }: App) => {
  const response = await fetch(`${url}/ready`);
  return { status: response.status, body: await response.json() };
};
const failures = async (app: App) => (await readMetrics(app)).get('dms_live_issuer_keys_failures_total');
const troublesIn = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line)).filter(({ trouble }) => trouble === 'issuer-keys');

test('keys are fetched at start, before the first client, and once for all', async () => {
  const issuer = await useIssuer();
  const signers = [
    await issuer.begin('one'),
    await issuer.begin('two', 'ES256'),
    await issuer.begin('three', 'EdDSA'),
  ];
  const app = await useApp({ JWT_JWKS_URL: issuer.url });
  await until(() => issuer.fetches === 1);
  for (const signer of signers) expect(await whoIs(app, await signer())).toEqual(ACCEPTED);
  expect(issuer.fetches).toBe(1);
  expect(await ready(app)).toEqual({ status: 200, body: { ready: true } });
});

test('a key that appears right after a fetch works at once', async () => {
  const issuer = await useIssuer();
  const old = await issuer.begin('old');
  const app = await useApp({ JWT_JWKS_URL: issuer.url });
  expect(await whoIs(app, await old())).toEqual(ACCEPTED);
  const renewed = await issuer.begin('new');
  const token = await renewed();
  const [socket, http] = await Promise.all([whoIs(app, token), post(app, QUERY, { token })]);
  expect([socket, http.status]).toEqual([ACCEPTED, 200]);
  expect(issuer.fetches).toBe(2); // both clients waited for the same fetch
});

test('a key that was withdrawn is refused after the next fetch', async () => {
  const issuer = await useIssuer();
  const old = await issuer.begin('old');
  const app = await useApp({ JWT_JWKS_URL: issuer.url });
  expect(await whoIs(app, await old())).toEqual(ACCEPTED);
  const renewed = await issuer.begin('new');
  issuer.withdraw('old');
  expect(await whoIs(app, await renewed())).toEqual(ACCEPTED);
  expect(await whoIs(app, await old())).toMatchObject({ closed: { code: 4401 } });
});

test('tokens with a key that the issuer never had, with a secret, or with no key are refused', async () => {
  const issuer = await useIssuer();
  await issuer.begin('one');
  const { app, lines } = await useTalkativeApp({ JWT_JWKS_URL: issuer.url });
  const { privateKey } = await generateKeyPair('RS256');
  for (const token of [
    await signAs(privateKey, { alg: 'RS256', kid: 'one' }),
    await signAs(privateKey, { alg: 'RS256', kid: 'none' }),
    await signToken(),
  ]) {
    expect(await whoIs(app, token)).toMatchObject({ closed: { code: 4401 } });
    expect((await post(app, QUERY, { token })).status).toBe(401);
  }
  const reasons = lines.map((line) => JSON.parse(line).reason).filter((reason) => reason !== undefined);
  expect(new Set(reasons)).toEqual(new Set(['signature', 'unknown-key', 'algorithm']));
});

test('invented keys of strangers cause about one fetch a second, and delay nobody', async () => {
  const issuer = await useIssuer();
  const signer = await issuer.begin('one');
  const app = await useApp({ JWT_JWKS_URL: issuer.url });
  const { privateKey } = await generateKeyPair('ES256');
  expect(await whoIs(app, await signer())).toEqual(ACCEPTED);
  const before = performance.now();
  issuer.answer(() => undefined); // it never answers, so clients that need this fetch wait long
  const strangers = Array.from({ length: 40 }, async (_, number) => {
    const token = await signAs(privateKey, { alg: 'ES256', kid: `made-up-${number}` });
    return (await post(app, QUERY, { token })).status;
  });
  await until(() => issuer.fetches > 1);
  for (let count = 0; count < 10; count += 1) expect(await whoIs(app, await signer())).toEqual(ACCEPTED);
  issuer.answer();
  expect(new Set(await Promise.all(strangers))).toEqual(new Set([503]));
  expect(issuer.fetches).toBeLessThanOrEqual(2 + (performance.now() - before) / 1000);
});

/** Answers of an endpoint that contain no usable keys, and the reason that the operator reads. */
const RUBBISH: readonly [string, RegExp, (response: ServerResponse) => void][] = [
  ['a status', /status 500/, (response) => response.writeHead(500).end()],
  ['nothing', /status 204/, (response) => response.writeHead(204).end()],
  ['a page', /not JSON/, (response) => response.end('<html>a token? none')],
  ['no set', /no JSON Web Key Set/, (response) => response.end('{"error":"x"}')],
  ['a list', /no JSON Web Key Set/, (response) => response.end('{"keys":["x"]}')],
  ['no keys', /without a key/, (response) => response.end('{"keys":[]}')],
  ['secrets', /without a key/, (response) => response.end('{"keys":[{"kty":"oct","k":"eA"}]}')],
  ['a redirect', /redirects are not/, (response) => response.writeHead(302, { location: '/' }).end()],
  ['too much', /more than 262144 bytes/, (response) => response.end(' '.repeat(300_000))],
  ['a reset', /./, (response) => response.destroy()],
];

/** They run in parallel: each waits for a second or two until the keys may be fetched again. */
test('an unusable answer of the issuer is our trouble and not the token’s, with a reason, until the issuer recovers', async () => {
  await Promise.all(
    RUBBISH.map(async ([what, reason, answer]) => {
      const issuer = await useIssuer();
      const signer = await issuer.begin('one');
      issuer.answer(answer);
      const { app, lines } = await useTalkativeApp({ JWT_JWKS_URL: issuer.url });
      const token = await signer();
      expect(await whoIs(app, token), what).toMatchObject(UNKNOWN_FOR_NOW);
      const { status, body } = await post(app, QUERY, { token });
      expect([status, body.errors?.[0]?.extensions], what).toEqual([503, { code: 'SERVICE_UNAVAILABLE' }]);
      expect(await ready(app), what).toMatchObject({
        status: 503,
        body: { reason: expect.stringMatching(reason) },
      });
      expect(await failures(app), what).toBeGreaterThan(0);
      // The log reports it once.
      expect(troublesIn(lines), what).toMatchObject([{ level: 50, reason: expect.stringMatching(reason) }]);
      issuer.answer();
      expect(await whoIs(app, token), what).toEqual(ACCEPTED);
      expect((await ready(app)).status, what).toBe(200);
      expect(troublesIn(lines), what).toHaveLength(2);
    }),
  );
});

test('the log names an unreachable issuer with the cause, without secrets from its URL', async () => {
  const port = await freePort();
  const { app, lines } = await useTalkativeApp({ JWT_JWKS_URL: `http://localhost:${port}/keys?code=hidden` });
  expect(await whoIs(app, await (await (await useIssuer()).begin('one'))())).toMatchObject(UNKNOWN_FOR_NOW);
  const [trouble] = troublesIn(lines);
  expect(trouble.reason).toMatch(new RegExp(`http://localhost:${port}/keys .*ECONNREFUSED`));
  expect(lines.join('')).not.toContain('hidden');
});

describe('while the issuer is away', () => {
  /** A server that already knows a key of the issuer. */
  async function useKnowing(settings: Record<string, string> = {}) {
    const issuer: Issuer = await useIssuer();
    const signer = await issuer.begin('one');
    const { app, lines } = await useTalkativeApp({ JWT_JWKS_URL: issuer.url, ...settings });
    expect(await whoIs(app, await signer())).toEqual(ACCEPTED);
    return { issuer, signer, app, lines };
  }

  test('known keys are accepted, a new one is our trouble, and the log reports it once', async () => {
    const { issuer, signer, app, lines } = await useKnowing();
    const renewed = await issuer.begin('two');
    issuer.answer((response) => response.writeHead(502).end());
    expect(await whoIs(app, await renewed())).toMatchObject(UNKNOWN_FOR_NOW);
    expect(await whoIs(app, await renewed())).toMatchObject(UNKNOWN_FOR_NOW);
    expect(await whoIs(app, await signer())).toEqual(ACCEPTED);
    const { status, body } = await ready(app);
    expect([status, body]).toEqual([200, { ready: true, warnings: [expect.stringContaining('status 502')] }]);
    expect(troublesIn(lines)).toMatchObject([{ level: 40 }]);
    issuer.answer();
    expect(await whoIs(app, await renewed())).toEqual(ACCEPTED);
    expect(await ready(app)).toEqual({ status: 200, body: { ready: true } });
  });

  test('known keys are accepted no longer than the setting allows', async () => {
    const { issuer, signer, app } = await useKnowing({ JWKS_MAX_STALE_SECONDS: '600' });
    const token = await signer();
    issuer.answer((response) => response.writeHead(502).end());
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + 599_000);
    expect(await whoIs(app, token)).toEqual(ACCEPTED);
    vi.setSystemTime(Date.now() + 2000);
    expect(await whoIs(app, token)).toMatchObject(UNKNOWN_FOR_NOW);
    expect((await ready(app)).status).toBe(503);
    issuer.answer();
    expect(await whoIs(app, token)).toEqual(ACCEPTED);
  });
});

test('keys are fetched again in the background, which is enough to refuse a withdrawn key', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const issuer = await useIssuer();
  const [old, other] = [await issuer.begin('old'), await issuer.begin('other')];
  const app = await useApp({ JWT_JWKS_URL: issuer.url });
  expect((await post(app, QUERY, { token: await old() })).status).toBe(200);
  await until(() => vi.getTimerCount() > 0);
  issuer.withdraw('old');
  await vi.advanceTimersByTimeAsync(REFRESH_MS);
  await until(() => issuer.fetches === 2);
  vi.useRealTimers();
  await until(async () => (await post(app, QUERY, { token: await old() })).status === 401);
  expect((await post(app, QUERY, { token: await other() })).status).toBe(200);
});
