/** Limits for clients without a token, per address and all together. Signed-in clients notice nothing. */
import { once } from 'node:events';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { App } from '../../src/app.ts';
import { useApp, useTalkativeApp } from '../support/app.ts';
import { graphqlUrl, post, socketUrl, useSignedInRawClient, useStream } from '../support/clients.ts';
import { readMetrics } from '../support/metrics.ts';
import { until } from '../support/redis.ts';
import {
  frame,
  handshake,
  Opcode,
  type RawSocket,
  request,
  signIn,
  useRawSocket,
  useUpgraded,
} from '../support/strangers.ts';
import { now, people, signToken } from '../support/tokens.ts';

/** The clock stands still unless a test moves it. So a slow machine neither frees a place nor refills a limit. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
const passSeconds = (seconds: number): void => void vi.advanceTimersByTime(seconds * 1000);

/** All clients come through a proxy on the loopback. */
const PROXIED = { TRUSTED_PROXIES: '127.0.0.0/8' };
/** All clients come directly from an address of 127.0.0.0/8. */
const DIRECT = { TRUSTED_PROXIES: 'none' };
const from = (address: string) => ({ 'X-Forwarded-For': address });

const refused = async (app: App, limit: string): Promise<number> =>
  (await readMetrics(app)).get(`dms_live_refused_total{limit="${limit}"}`) ?? Number.NaN;

/** Opens a socket as stock clients do. Returns 101, or the refusal. */
async function upgrade(
  app: App,
  address: string,
): Promise<{ status: number; retryAfter: number; body: string }> {
  const socket = new WebSocket(socketUrl(app), 'graphql-transport-ws', { headers: from(address) });
  socket.on('error', () => undefined);
  const opened = once(socket, 'open').then(() => ({ status: 101, retryAfter: 0, body: '' }));
  const answered = once(socket, 'unexpected-response').then(async ([, response]) => {
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: Number(response.statusCode), retryAfter: Number(response.headers['retry-after']), body };
  });
  const result = await Promise.race([opened, answered]);
  socket.terminate();
  return result;
}

const isSignedIn = (app: App, sessions: number): Promise<void> =>
  until(() => app.stats().sessions === sessions);

describe('MAX_STRANGER_SOCKETS_PER_ADDRESS', () => {
  const LIMIT = { ...PROXIED, MAX_STRANGER_SOCKETS_PER_ADDRESS: '2' };

  test('refuses one more with 429, Retry-After and LIMIT_EXCEEDED; another address is accepted', async () => {
    const app = await useApp(LIMIT);
    for (const _one of [1, 2]) await useUpgraded(app, { headers: from('203.0.113.7') });
    const { status, retryAfter, body } = await upgrade(app, '203.0.113.7');
    expect(status).toBe(429);
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect((await upgrade(app, '203.0.113.8')).status).toBe(101);
    expect((await upgrade(app, '2001:db8::1')).status).toBe(101);
    expect(await refused(app, 'sockets')).toBe(1);
  });

  test('counts an IPv6 client by its /64', async () => {
    const app = await useApp(LIMIT);
    await useUpgraded(app, { headers: from('2001:db8::1') });
    await useUpgraded(app, { headers: from('2001:db8::2') });
    expect((await upgrade(app, '2001:db8:0:0:ffff::3')).status).toBe(429);
    expect((await upgrade(app, '2001:db8:0:1::1')).status).toBe(101);
  });

  test('counts neither signed-in sockets nor closed ones', async () => {
    const app = await useApp(LIMIT);
    for (const sessions of [1, 2, 3, 4]) {
      const raw = await useUpgraded(app, { headers: from('203.0.113.7') });
      await signIn(raw, await people.head());
      await isSignedIn(app, sessions);
    }
    for (const _round of [1, 2, 3, 4]) {
      const raw = await useUpgraded(app, { headers: from('203.0.113.7') });
      raw.socket.destroy();
      await until(() => app.stats().connections === 4);
    }
  });

  test('a client that holds a place and does not sign in loses it to another, with 1013', async () => {
    const app = await useApp(LIMIT);
    const idle = [
      await useUpgraded(app, { headers: from('203.0.113.7') }),
      await useUpgraded(app, { headers: from('203.0.113.7') }),
    ];
    passSeconds(2.9);
    expect((await upgrade(app, '203.0.113.7')).status).toBe(429);
    passSeconds(0.2);
    expect((await upgrade(app, '203.0.113.7')).status).toBe(101);
    expect(await idle[0]?.closeCode).toBe(1013);
  });
});

describe('connections that come directly from a client', () => {
  const LIMIT = { ...DIRECT, MAX_STRANGER_SOCKETS_PER_ADDRESS: '2' };
  const ATTACKER = { localAddress: '127.0.0.66' };
  const GET = request('GET', { Host: 'x', Accept: 'application/json' });

  test('count before their first request, and get 429 for it', async () => {
    const app = await useApp(LIMIT);
    const silent = [useRawSocket(app, ATTACKER), useRawSocket(app, ATTACKER)];
    await Promise.all(silent.map(({ socket }) => once(socket, 'connect')));
    for (const bytes of [GET, handshake()]) {
      const raw = useRawSocket(app, ATTACKER);
      raw.socket.write(bytes);
      expect(await raw.status).toBe(429);
      expect(raw.text).toMatch(/^retry-after: [1-9]/im);
      expect(raw.text).toContain('LIMIT_EXCEEDED');
      await raw.ended;
    }
    const other = useRawSocket(app, { localAddress: '127.0.0.67' });
    other.socket.write(handshake());
    expect(await other.status).toBe(101);
  });

  async function statusOf(app: App): Promise<number> {
    const raw = useRawSocket(app, ATTACKER);
    raw.socket.write(handshake());
    return raw.status;
  }

  test('half a request, or an unfinished handshake, loses its place to others', async () => {
    const app = await useApp(LIMIT);
    const halves = ['POST /gra', handshake().slice(0, -2)].map((bytes) => {
      const raw = useRawSocket(app, ATTACKER);
      raw.socket.write(bytes);
      return raw;
    });
    await Promise.all(halves.map(({ socket }) => once(socket, 'connect')));
    expect(await statusOf(app)).toBe(429);
    passSeconds(4);
    expect(await statusOf(app)).toBe(101);
    await Promise.race(halves.map(({ ended }) => ended));
  });

  test('thousands of connections over the limit are cut off, and the others are served', async () => {
    const app = await useApp(LIMIT);
    const flood = Array.from({ length: 300 }, () => useRawSocket(app, ATTACKER));
    await Promise.all(flood.slice(60).map(({ ended }) => ended)); // two are accepted, and fifty wait for their refusal
    const other = await useUpgraded(app, { localAddress: '127.0.0.67' });
    await signIn(other, await people.head());
    expect(await refused(app, 'sockets')).toBeGreaterThanOrEqual(240);
  });

  test('a kept-alive connection does not count once its client has sent a valid token, whatever it requested before', async () => {
    const app = await useApp(LIMIT);
    const token = await people.head();
    const authorized = request('GET', {
      Host: 'x',
      Accept: 'application/json',
      Authorization: `Bearer ${token}`,
    });
    const known: RawSocket[] = [];
    for (const _one of [1, 2, 3, 4]) {
      const raw = useRawSocket(app, ATTACKER);
      raw.socket.write(GET);
      expect(await raw.status).toBe(400); // there is no query; until now it is a stranger's connection
      raw.socket.write(authorized);
      await until(() => raw.text.split('HTTP/1.1').length === 3);
      known.push(raw);
    }
    known[0]?.socket.write(authorized);
    await until(() => known[0]?.text.split('HTTP/1.1').length === 4);
    for (const raw of known) expect(raw.socket.readableEnded).toBe(false);
  });

  test('a signed-in connection that requests something without a token is a stranger’s again', async () => {
    const app = await useApp(LIMIT);
    const token = await people.head();
    const raws = [1, 2, 3].map(() => useRawSocket(app, ATTACKER));
    for (const raw of raws) {
      raw.socket.write(request('GET', { Host: 'x', Authorization: `Bearer ${token}` }));
      await raw.status;
    }
    for (const [at, raw] of raws.entries()) {
      raw.socket.write(GET);
      await until(() => raw.text.split('HTTP/1.1').length === 3 || raw.socket.readableEnded);
      if (at === 2) await raw.ended; // there were two places
    }
  });
});

describe('MAX_STRANGER_REQUESTS_PER_ADDRESS', () => {
  const LIMIT = { ...PROXIED, MAX_STRANGER_REQUESTS_PER_ADDRESS: '2' };
  const unfinished = (address: string) =>
    request('POST', {
      Host: 'x',
      ...from(address),
      'Content-Type': 'application/json',
      'Content-Length': '100',
    });

  async function useUnfinished(app: App, address: string): Promise<RawSocket> {
    const raw = useRawSocket(app);
    raw.socket.write(unfinished(address));
    await once(raw.socket, 'connect');
    return raw;
  }

  const ask = (app: App, address: string, headers: Record<string, string> = {}) =>
    fetch(graphqlUrl(app), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...from(address), ...headers },
      body: JSON.stringify({ query: '{ viewer { id } }' }),
    });

  test('refuses one more with 429; another address, a probe, and a signed-in client are served', async () => {
    const app = await useApp(LIMIT);
    const token = await people.head();
    const stream = await useStream(app, 'subscription { storageUpdated { id } }', token);
    await useUnfinished(app, '203.0.113.7');
    await useUnfinished(app, '203.0.113.7');
    await until(async () => (await ask(app, '203.0.113.7')).status === 429); // once both have arrived
    const response = await ask(app, '203.0.113.7');
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect((await ask(app, '203.0.113.8')).status).toBe(401);
    expect((await fetch(`${app.url}/ready`, { headers: from('203.0.113.7') })).status).toBe(200);
    expect(stream.status).toBe(200);
    expect(await refused(app, 'requests')).toBeGreaterThan(1);
  });

  test('a slow request loses its place to another', async () => {
    const app = await useApp(LIMIT);
    const slow = await useUnfinished(app, '203.0.113.7');
    await useUnfinished(app, '203.0.113.7');
    await until(async () => (await ask(app, '203.0.113.7')).status === 429); // once both have arrived
    passSeconds(4);
    expect((await ask(app, '203.0.113.7')).status).toBe(401);
    await slow.ended;
  });

  test('event streams and requests with a session do not count', async () => {
    const app = await useApp(LIMIT);
    const token = await people.head();
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    for (const streams of [1, 2, 3, 4]) {
      const response = await fetch(graphqlUrl(app), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...from('203.0.113.7'), ...headers },
        body: JSON.stringify({ query: 'subscription { storageUpdated { id } }' }),
      });
      expect(response.status).toBe(200);
      await until(() => app.stats().connections === streams);
    }
  });
});

describe('MAX_CONNECTIONS_PER_ADDRESS_AND_MINUTE', () => {
  test('refuses more, signed in or not, behind a proxy', async () => {
    const app = await useApp({ ...PROXIED, MAX_CONNECTIONS_PER_ADDRESS_AND_MINUTE: '3' });
    for (const sessions of [1, 2, 3]) {
      await signIn(await useUpgraded(app, { headers: from('203.0.113.7') }), await people.head());
      await isSignedIn(app, sessions);
    }
    expect((await upgrade(app, '203.0.113.7')).status).toBe(429);
    expect((await upgrade(app, '203.0.113.8')).status).toBe(101);
    expect(await refused(app, 'connections')).toBe(1);
    expect(app.stats().sessions).toBe(3);
    passSeconds(20);
    expect((await upgrade(app, '203.0.113.7')).status).toBe(101);
  });

  test('also counts requests without a session, but none with one', async () => {
    const app = await useApp({ ...PROXIED, MAX_CONNECTIONS_PER_ADDRESS_AND_MINUTE: '3' });
    const token = await people.head();
    const ask = async (headers = {}) =>
      (await post(app, '{ viewer { id } }', { headers: { ...from('203.0.113.7'), ...headers } })).status;
    for (let time = 0; time < 10; time += 1)
      expect(await ask({ authorization: `Bearer ${token}` })).toBe(200);
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([401, 401, 401, 429]);
  });

  test('refuses more from a client without a proxy', async () => {
    const app = await useApp({ ...DIRECT, MAX_CONNECTIONS_PER_ADDRESS_AND_MINUTE: '3' });
    const statuses: number[] = [];
    for (const _one of [1, 2, 3, 4]) {
      const raw = useRawSocket(app, { localAddress: '127.0.0.66' });
      raw.socket.write(handshake());
      statuses.push(await raw.status);
    }
    expect(statuses).toEqual([101, 101, 101, 429]);
  });
});

describe('MAX_REFUSED_TOKENS_PER_ADDRESS_AND_MINUTE', () => {
  const LIMIT = { ...PROXIED, MAX_REFUSED_TOKENS_PER_ADDRESS_AND_MINUTE: '3' };
  const BAD = { authorization: 'Bearer a.b.c' };
  const ask = (app: App, address: string, headers: Record<string, string>) =>
    post(app, '{ viewer { id } }', { headers: { ...from(address), ...headers } });

  test('refuses more over HTTP with 429, before they are checked', async () => {
    const app = await useApp(LIMIT);
    for (const _one of [1, 2, 3]) expect((await ask(app, '203.0.113.7', BAD)).status).toBe(401);
    const { status, headers, body } = await ask(app, '203.0.113.7', BAD);
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect((await ask(app, '203.0.113.8', BAD)).status).toBe(401);
    expect(await refused(app, 'tokens')).toBe(1);
  });

  test('closes sockets with more of them with 1013, so that the client comes back later', async () => {
    const app = await useApp(LIMIT);
    const init = frame(Opcode.Text, JSON.stringify({ type: 'connection_init', payload: BAD }));
    const codes: number[] = [];
    for (const _one of [1, 2, 3, 4]) {
      const raw = await useUpgraded(app, { headers: from('203.0.113.7') });
      raw.socket.write(init);
      codes.push(await raw.closeCode);
    }
    expect(codes).toEqual([4401, 4401, 4401, 1013]);
  });

  test('does not count tokens that are being checked', async () => {
    const app = await useApp(LIMIT);
    const good = { authorization: `Bearer ${await people.head()}` };
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(app, '203.0.113.7', good)));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
  });

  test('does not count valid, expired or missing tokens', async () => {
    const app = await useApp(LIMIT);
    const good = { authorization: `Bearer ${await people.head()}` };
    const expired = { authorization: `Bearer ${await signToken({ exp: now() - 60 })}` };
    for (let time = 0; time < 5; time += 1) {
      expect((await ask(app, '203.0.113.7', good)).status).toBe(200);
      expect((await ask(app, '203.0.113.7', expired)).status).toBe(401);
      expect((await ask(app, '203.0.113.7', {})).status).toBe(401);
    }
  });
});

describe('MAX_STRANGERS', () => {
  test('limits the strangers of all addresses together, and does not count signed-in clients', async () => {
    const app = await useApp({ ...PROXIED, MAX_STRANGERS: '3' });
    await signIn(await useUpgraded(app, { headers: from('203.0.113.1') }), await people.head());
    for (const last of [2, 3, 4]) await useUpgraded(app, { headers: from(`203.0.113.${last}`) });
    expect((await upgrade(app, '203.0.113.5')).status).toBe(429);
    expect(await refused(app, 'strangers')).toBe(1);
    passSeconds(4);
    expect((await upgrade(app, '203.0.113.5')).status).toBe(101); // another stranger lost its place
  });
});

describe('a peer on the loopback that TRUSTED_PROXIES does not name', () => {
  test('is not limited by its address, and causes one warning', async () => {
    const { app, lines } = await useTalkativeApp({
      MAX_STRANGER_SOCKETS_PER_ADDRESS: '1',
      MAX_STRANGER_REQUESTS_PER_ADDRESS: '1',
      MAX_CONNECTIONS_PER_ADDRESS_AND_MINUTE: '1',
      MAX_REFUSED_TOKENS_PER_ADDRESS_AND_MINUTE: '1',
    });
    expect((await fetch(`${app.url}/ready`)).status).toBe(200);
    expect(lines.filter((line) => line.includes('TRUSTED_PROXIES'))).toEqual([]);
    for (const _one of [1, 2, 3]) {
      await useUpgraded(app);
      await useUpgraded(app, { headers: from('203.0.113.7') });
      expect((await post(app, '{ viewer { id } }', { token: 'a.b.c' })).status).toBe(401);
    }
    await useSignedInRawClient(app, await people.head());
    expect(lines.filter((line) => line.includes('TRUSTED_PROXIES'))).toHaveLength(1);
  });
});

test('refusals cause few log lines, with address and limit, and without a token', async () => {
  const { app, lines } = await useTalkativeApp({
    ...PROXIED,
    MAX_REFUSED_TOKENS_PER_ADDRESS_AND_MINUTE: '1',
  });
  for (let time = 0; time < 20; time += 1)
    await post(app, '{ viewer { id } }', { token: 'secret.secret.secret', headers: from('203.0.113.7') });
  const said = lines.filter((line) => line.includes('"limit"'));
  expect(said.map((line) => JSON.parse(line))).toMatchObject([
    { limit: 'tokens', address: '203.0.113.7', level: 40 },
  ]);
  expect(lines.join()).not.toContain('secret.secret');
});
