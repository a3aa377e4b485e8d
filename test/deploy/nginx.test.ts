/** The files of deploy/nginx, in Debian's nginx, before two real servers. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:http2';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { interestIn } from '../faults/support/recording.ts';
import type { RecordingClient } from '../faults/support/recording-client.ts';
import { usePublisher } from '../faults/support/recording-publisher.ts';
import { recordSocket } from '../faults/support/socket-client.ts';
import { recordStream } from '../faults/support/stream-client.ts';
import { expectFlawless, type LiveServer, tokenOf, untilLive, useServer } from '../faults/support/world.ts';
import { useTalkativeApp } from '../support/app.ts';
import { freePort, until, useRedis } from '../support/redis.ts';
import { type Nginx, useNginx } from './support/nginx.ts';
import { hasNginx } from './support/nginx-program.ts';

/** nginx as `TRUSTED_PROXIES` names it. */
const PROXY = '127.0.0.1';
const authority = (url: string): string => new URL(url).host;
const QUERY = JSON.stringify({ query: '{ viewer { id } }' });
const JSON_TYPE = { 'content-type': 'application/json' };

/** A DMS that answers with what nginx has sent it. Returns its authority. */
async function useDms(): Promise<string> {
  const server = createServer(({ url, headers }, response) => {
    response.end(JSON.stringify({ url, host: headers.host, scheme: headers['x-forwarded-proto'] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return `127.0.0.1:${port}`;
}

/** nginx before two servers within this process. */
async function useSite(settings: Record<string, string> = {}) {
  const redis = await useRedis();
  const all = { REDIS_URL: redis.url, TRUSTED_PROXIES: PROXY, ...settings };
  const [first, second] = [await useTalkativeApp(all), await useTalkativeApp(all)];
  const servers = [authority(first.app.url), authority(second.app.url)] as const;
  const nginx = await useNginx({ servers, dms: await useDms() });
  return { redis, nginx, lines: () => [...first.lines, ...second.lines] };
}

interface Asked {
  readonly path?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** The client's own address on the loopback. */
  readonly from?: string;
}

async function ask({ url, ca }: Nginx, { path = '/graphql', body, headers, from = PROXY }: Asked) {
  const agent = new Agent({ ca, localAddress: from });
  const asked = request(`${url}${path}`, { method: body === undefined ? 'GET' : 'POST', agent, headers });
  asked.end(body);
  const [response] = await once(asked, 'response');
  const answer = { status: response.statusCode, body: await text(response) };
  agent.destroy();
  return answer;
}

/** An event stream over HTTP/2. `next` resolves with what arrives next. */
async function useHttp2Stream({ url, ca }: Nginx, query: string, token: string) {
  const session = connect(url, { ca });
  onTestFinished(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': '/graphql',
    ...JSON_TYPE,
    accept: 'text/event-stream',
    'accept-encoding': 'gzip',
    authorization: `Bearer ${token}`,
  });
  stream.setEncoding('utf8').end(JSON.stringify({ query }));
  const [headers] = await once(stream, 'response');
  const chunks = stream[Symbol.asyncIterator]();
  return {
    headers,
    protocol: session.alpnProtocol,
    next: async () => String((await chunks.next()).value),
  };
}

test.runIf(hasNginx())('events pass it at once, by WebSocket, by event stream and over HTTP/2', async () => {
  const { redis, nginx } = await useSite();
  const crates = interestIn('crate', '5');
  const token = await tokenOf('5');
  const overHttp2 = await useHttp2Stream(nginx, crates.query, token);
  expect(overHttp2.protocol).toBe('h2');
  expect(overHttp2.headers).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream' });
  expect(overHttp2.headers).not.toHaveProperty('content-encoding');
  expect(await overHttp2.next()).toMatch(/^id: /); // although nothing has happened yet
  const route = () => nginx.url;
  const clients = [
    recordSocket(route, token, [crates], nginx.ca),
    recordStream(route, token, crates, nginx.ca),
  ];
  await untilLive(clients);
  const publisher = usePublisher(redis.url);
  await publisher.publish({ kind: 'crate', unit: '5' }, 2);
  await expectFlawless(clients, publisher, []);
  let received = '';
  while (!received.includes('crate.5.2')) received += await overHttp2.next();
});

test.runIf(hasNginx())('clients are counted by their own addresses, whatever they claim', async () => {
  const { nginx, lines } = await useSite({ MAX_REFUSED_TOKENS_PER_ADDRESS_AND_MINUTE: '1' });
  const bad = { ...JSON_TYPE, authorization: 'Bearer not.a.token' };
  const claims = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.8' };
  const statuses = [];
  for (let time = 0; time < 4; time += 1)
    statuses.push(
      (await ask(nginx, { body: QUERY, headers: { ...bad, ...claims }, from: '127.0.0.7' })).status,
    );
  expect(statuses.at(-1)).toBe(429);
  expect((await ask(nginx, { body: QUERY, headers: bad, from: '127.0.0.8' })).status).toBe(401);
  const refusals = lines().filter((line) => line.includes('"limit":"tokens"'));
  expect(refusals.length).toBeGreaterThan(0);
  for (const line of refusals) expect(line).toContain('"address":"127.0.0.7"');
});

test.runIf(hasNginx())('only the API is open: no probe, no metrics; the DMS gets the rest', async () => {
  const { nginx } = await useSite();
  for (const path of [
    '/metrics',
    '/ready',
    '/health',
    '/metrics/',
    '/graphql/metrics',
    '/graphql/../metrics',
  ]) {
    const { body } = await ask(nginx, { path });
    expect(body).not.toMatch(/dms_live_|"status"|"ready"/);
  }
  const page = await ask(nginx, { path: '/api/me/', headers: { host: 'dms.example.org' } });
  expect(JSON.parse(page.body)).toEqual({ url: '/api/me/', host: 'dms.example.org', scheme: 'https' });
  const authorization = `Bearer ${await tokenOf('5')}`;
  const headers = { ...JSON_TYPE, authorization };
  expect((await ask(nginx, { body: QUERY, headers })).status).toBe(200);
  expect((await ask(nginx, { body: 'x'.repeat(300_000), headers })).status).toBe(413);
});

const UNITS = ['1', '2'];
const SOCKETS_PER_UNIT = 30;
const STREAMS_PER_UNIT = 10;

/** Clients of both transports that have live subscriptions through nginx. */
async function useOffice({ url, ca }: Nginx): Promise<readonly RecordingClient[]> {
  const clients: RecordingClient[] = [];
  for (const unit of UNITS) {
    const token = await tokenOf(unit);
    const interest = interestIn('crate', unit);
    for (let index = 0; index < SOCKETS_PER_UNIT; index += 1)
      clients.push(recordSocket(() => url, token, [interest], ca));
    for (let index = 0; index < STREAMS_PER_UNIT; index += 1)
      clients.push(recordStream(() => url, token, interest, ca));
  }
  await untilLive(clients);
  return clients;
}

/** The time in which clients were sent away, in milliseconds. */
function spreadOf(clients: readonly RecordingClient[]): number {
  const times = clients.flatMap(({ closes }) => closes.map(({ at }) => at));
  return Math.max(...times) - Math.min(...times);
}

test.runIf(hasNginx())(
  'a rolling restart loses no event, refuses nobody, and spreads those who come back',
  async () => {
    const redis = await useRedis();
    const ports = [await freePort(), await freePort()] as const;
    const servers = ports.map((port) => `127.0.0.1:${port}`) as [string, string]; // as many as there are ports
    const start = (port: number): Promise<LiveServer> =>
      useServer(redis.url, { PORT: `${port}`, TRUSTED_PROXIES: PROXY, SHUTDOWN_SECONDS: '3' });
    const running = await Promise.all(ports.map(start));
    const nginx = await useNginx({ servers, dms: await useDms() });
    const clients = await useOffice(nginx);
    const publisher = usePublisher(redis.url);
    const stop = publisher.flow(
      UNITS.map((unit) => ({ kind: 'crate', unit }) as const),
      50,
    );

    const restarted: LiveServer[] = [];
    for (const [index, port] of ports.entries()) {
      running[index]?.program.child.kill('SIGTERM');
      expect(await running[index]?.program.exited).toBe(0);
      if (index === 0) expect(spreadOf(clients)).toBeGreaterThan(200); // forty clients, in 400 ms
      const back = await start(port);
      await until(async () => (await fetch(`${back.url}/ready`)).ok);
      restarted.push(back);
    }
    await stop();
    await expectFlawless(clients, publisher, [...running, ...restarted]);
    const answers = await nginx.accesses();
    expect(answers.filter((line) => / [45]\d\d \d+ /.test(line))).toEqual([]);
    for (const { closes } of clients) {
      expect(closes.length).toBeLessThanOrEqual(2); // nobody was sent to a server that stops
      for (const { code } of closes) expect([1012, 0]).toContain(code);
    }
  },
  120_000,
);
