/** Keys that the issuer publishes: they change, and at times cannot be had. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { post, useClient } from '../support/clients.ts';
import { freePort } from '../support/redis.ts';
import { now, signToken } from '../support/tokens.ts';

const QUERY = '{ viewer { id } }';
const ACCEPTED = { result: { data: { viewer: { id: '17' } } } };

/** An issuer that publishes keys and counts how often they were fetched. */
async function useIssuer() {
  const keys: JWK[] = [];
  let fetches = 0;
  let failure: number | undefined;
  const server = createServer((_request, response) => {
    fetches += 1;
    response.writeHead(failure ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    get fetches() {
      return fetches;
    },
    fail: (status: number | undefined) => {
      failure = status;
    },
    /** Publishes a new key, and answers how it signs. */
    async begin(kid: string, alg = 'RS256'): Promise<(changes?: object) => Promise<string>> {
      const { publicKey, privateKey } = await generateKeyPair(alg);
      keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
      return (changes) => sign(privateKey, kid, alg, changes);
    },
    withdraw: (kid: string) =>
      keys.splice(
        keys.findIndex((key) => key.kid === kid),
        1,
      ),
  };
}

function sign(key: CryptoKey, kid: string, alg: string, changes: object = {}): Promise<string> {
  const claims = { token_type: 'access', user_id: 17, unit_id: 5, iat: now(), exp: now() + 3600 };
  return new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg, kid }).sign(key);
}

test('a published key is found by its id and fetched once', async () => {
  const issuer = await useIssuer();
  const app = await useApp({ JWT_JWKS_URL: issuer.url });
  const signers = [
    await issuer.begin('one'),
    await issuer.begin('two', 'ES256'),
    await issuer.begin('three', 'EdDSA'),
  ];
  for (const signer of signers)
    expect(
      await useClient(app, await signer())
        .run(QUERY)
        .next(),
    ).toEqual(ACCEPTED);
  expect(issuer.fetches).toBe(1);
});

test('a key that is new right after a fetch works at once', async () => {
  const issuer = await useIssuer();
  const app = await useApp({ JWT_JWKS_URL: issuer.url });
  const old = await issuer.begin('old');
  expect(
    await useClient(app, await old())
      .run(QUERY)
      .next(),
  ).toEqual(ACCEPTED);
  const renewed = await issuer.begin('new');
  const token = await renewed();
  const [socket, http] = await Promise.all([
    useClient(app, token).run(QUERY).next(),
    post(app, QUERY, { token }),
  ]);
  expect([socket, http.status]).toEqual([ACCEPTED, 200]);
  issuer.withdraw('old');
  expect(
    await useClient(app, await renewed())
      .run(QUERY)
      .next(),
  ).toEqual(ACCEPTED);
});

test('a key that the issuer never had, a secret, and no key at all are refused', async () => {
  const issuer = await useIssuer();
  const app = await useApp({ JWT_JWKS_URL: issuer.url });
  await issuer.begin('one');
  const { privateKey } = await generateKeyPair('RS256');
  for (const token of [
    await sign(privateKey, 'one', 'RS256'),
    await sign(privateKey, 'none', 'RS256'),
    await signToken(),
  ]) {
    expect(await useClient(app, token).run(QUERY).next()).toMatchObject({ closed: { code: 4401 } });
    expect((await post(app, QUERY, { token })).status).toBe(401);
  }
});

test.each(['that fails', 'that is not there', 'that answers nonsense'])(
  'an issuer %s is our trouble and not the token’s: 1013 and 503, until it is back',
  async (how) => {
    const issuer = await useIssuer();
    const signer = await issuer.begin('one');
    if (how === 'that fails') issuer.fail(500);
    const url = how === 'that is not there' ? `http://127.0.0.1:${await freePort()}/` : issuer.url;
    if (how === 'that answers nonsense') issuer.fail(204);
    const app = await useApp({ JWT_JWKS_URL: url });
    const token = await signer();
    expect(await useClient(app, token).run(QUERY).next()).toMatchObject({ closed: { code: 1013 } });
    const { status, body } = await post(app, QUERY, { token });
    expect([status, body.errors?.[0]?.extensions]).toEqual([503, { code: 'SERVICE_UNAVAILABLE' }]);
    if (url !== issuer.url) return;
    issuer.fail(undefined);
    expect(await useClient(app, token).run(QUERY).next()).toEqual(ACCEPTED);
  },
);
