import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { now } from './tokens.ts';

/** Signs a token as the issuer does. `changes` replaces claims. */
export type Signer = (changes?: object) => Promise<string>;

/** An issuer that publishes its keys, for the running test. */
export interface Issuer {
  readonly url: string;
  /** How often its keys were fetched. */
  readonly fetches: number;
  /** Publishes a new key, and returns its signer. */
  begin(kid: string, alg?: string): Promise<Signer>;
  withdraw(kid: string): void;
  /** Replaces the answer from now on. Without an argument the issuer answers correctly again. */
  answer(how?: (response: ServerResponse) => void): void;
}

export async function useIssuer(): Promise<Issuer> {
  const keys: JWK[] = [];
  let fetches = 0;
  const rightly = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  };
  let answer = rightly;
  const server = createServer((_request, response) => {
    fetches += 1;
    answer(response);
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
    async begin(kid, alg = 'RS256') {
      const { publicKey, privateKey } = await generateKeyPair(alg);
      keys.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' });
      return (changes) => signAs(privateKey, { kid, alg }, changes);
    },
    withdraw: (kid) =>
      void keys.splice(
        keys.findIndex((key) => key.kid === kid),
        1,
      ),
    answer: (how = rightly) => {
      answer = how;
    },
  };
}

export function signAs(
  key: CryptoKey,
  header: { readonly alg: string; readonly kid?: string },
  changes: object = {},
): Promise<string> {
  const claims = { token_type: 'access', user_id: 17, unit_id: 5, iat: now(), exp: now() + 3600 };
  return new SignJWT({ ...claims, ...changes }).setProtectedHeader(header).sign(key);
}
