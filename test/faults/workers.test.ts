/** Several workers on one port, as real processes: what one loses another has, and the supervisor answers for all. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { createLogger } from '../../src/log.ts';
import { createProbePort } from '../../src/workers/probe-port.ts';
import { useClient } from '../support/clients.ts';
import { readMetrics } from '../support/metrics.ts';
import { type Program, useProgram } from '../support/process.ts';
import { useRawConnection } from '../support/raw.ts';
import { readReadiness, untilReady } from '../support/readiness.ts';
import { freePort, until, useRedis } from '../support/redis.ts';
import { people, SECRET } from '../support/tokens.ts';
import { interestIn } from './support/recording.ts';
import type { RecordingClient } from './support/recording-client.ts';
import { usePublisher } from './support/recording-publisher.ts';
import { recordSocket } from './support/socket-client.ts';
import { recordStream } from './support/stream-client.ts';
import { expectFlawless, tokenOf, untilLive } from './support/world.ts';

const DELIVERED = 'dms_live_events_delivered_total{kind="crate"}';

/** Writes the settings into a file, as an operator does before SIGHUP. */
async function useSettingsFile(first: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-workers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'settings.env');
  const write = (settings: Record<string, string>): Promise<void> =>
    writeFile(
      path,
      Object.entries({ ...first, ...settings })
        .map(([name, value]) => `${name}="${value}"\n`)
        .join(''),
    );
  await write({});
  return { path, write };
}

/** The ports on which a supervisor and its workers say that they listen. */
async function addressesOf({ says }: Program) {
  const [, metricsUrl = ''] = await says(/"url":"(http[^"]+)","msg":"metrics and probes/);
  const [, url = ''] = await says(/"url":"(http[^"]+)","msg":"listening"/);
  return { url, probes: { url: metricsUrl } };
}

/** The process ids of all workers so far, in the order of their start. */
const pidsOf = ({ output }: Program): readonly number[] =>
  [...output.matchAll(/"worker":\d+,"pid":(\d+),"msg":"a worker starts"/g)].map(([, pid]) => Number(pid));

/** Connects, requests something, and waits for the end of the connection. */
async function untilAnswered(url: string): Promise<void> {
  const { socket, send } = await useRawConnection({ url });
  send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await until(() => socket.destroyed);
}

/** Clients of two units, each with a socket for each of this number, and a stream. */
async function useClients(url: string, count: number): Promise<readonly RecordingClient[]> {
  const clients: RecordingClient[] = [];
  for (const unit of ['1', '2']) {
    const token = await tokenOf(unit);
    const interest = interestIn('crate', unit);
    for (let index = 0; index < count; index += 1) clients.push(recordSocket(() => url, token, [interest]));
    clients.push(recordStream(() => url, token, interest));
  }
  await untilLive(clients);
  return clients;
}

const loudLinesOf = ({ output }: Program): readonly string[] =>
  [...output.matchAll(/"level":[56]0,.*"msg":"(.*)"/g)].map(([, message = '']) => message);

test('workers share a port: a killed one is replaced, SIGHUP replaces all, SIGTERM ends all, and no event is lost', async () => {
  const redis = await useRedis();
  const securityLog = join(await mkdtemp(join(tmpdir(), 'dms-live-workers-')), 'security.log');
  onTestFinished(() => rm(dirname(securityLog), { recursive: true }));
  const file = await useSettingsFile({
    REDIS_URL: redis.url,
    JWT_SECRET: SECRET,
    PORT: '0',
    METRICS_PORT: '0',
    WORKERS: '2',
    SHUTDOWN_SECONDS: '3',
    SECURITY_LOG: securityLog,
  });
  const server = useProgram('cli/main.js', {}, undefined, ['serve', '--env-file', file.path]);
  const { url, probes } = await addressesOf(server);
  await untilReady(probes);
  const clients = await useClients(url, 10);
  const publisher = usePublisher(redis.url);
  const stop = publisher.flow(
    ['1', '2'].map((unit) => ({ kind: 'crate', unit }) as const),
    50,
  );
  await until(async () => (await readMetrics(probes)).has(DELIVERED));

  const before = await readMetrics(probes);
  expect(before.get('dms_live_connections')).toBe(clients.length);
  const ofEach = ['1', '2'].map(
    (worker) => before.get(`dms_live_worker_connections{worker="${worker}"}`) ?? 0,
  );
  expect(ofEach.reduce((sum, count) => sum + count)).toBe(clients.length);

  const [first = 0] = pidsOf(server);
  process.kill(first, 'SIGKILL');
  // What connects at this moment is answered, or broken off: nothing stays open that nobody answers.
  await Promise.all(Array.from({ length: 20 }, () => untilAnswered(url)));
  await server.says(/a worker died[\s\S]*"worker":1,[^\n]*"msg":"listening"/);
  await untilReady(probes);
  const after = await readMetrics(probes);
  expect(after.get('dms_live_worker_restarts_total')).toBe(1);
  expect(after.get(DELIVERED)).toBeGreaterThanOrEqual(before.get(DELIVERED) ?? Number.NaN);

  await file.write({ KEEP_ALIVE_SECONDS: 'long' });
  server.child.kill('SIGHUP');
  await server.says(/KEEP_ALIVE_SECONDS must be[^\n]*the old ones go on/);

  await file.write({ KEEP_ALIVE_SECONDS: '33', WORKERS: '1' });
  server.child.kill('SIGHUP');
  await server.says(/all workers have been replaced/);
  expect((await fetch(url)).headers.get('keep-alive')).toBe('timeout=33');
  expect((await readMetrics(probes)).get('dms_live_workers')).toBe(1);
  await until(() => clients.every(({ connections }) => connections >= 2));

  await stop();
  await expectFlawless(clients, publisher, []);
  expect(loudLinesOf(server)).toEqual(['a worker died', 'the new workers cannot start: the old ones go on']);
  const total = await readMetrics(probes);
  expect(total.get('dms_live_connections')).toBe(clients.length);
  expect(total.get(DELIVERED)).toBeGreaterThan(after.get(DELIVERED) ?? Number.NaN);

  // It stops while new workers wait for a Redis that is away, and opens no port after that.
  await file.write({ REDIS_URL: 'redis://127.0.0.1:1', METRICS_HOST: '127.0.0.2' });
  server.child.kill('SIGHUP');
  await server.says(/all workers have been replaced[\s\S]*"msg":"listening"/);
  server.child.kill('SIGTERM');
  await until(async () => (await readReadiness(probes)).status === 503); // until the end
  expect(await server.exited).toBe(0); // once also the workers have closed its output
  await expectWholeLog(securityLog);
}, 180_000);

/** All workers write into one file: their lines do not mix, and each has a chain of its own. Only the killed one has no end. */
async function expectWholeLog(path: string): Promise<void> {
  const out: string[] = [];
  const io = { environment: {}, out: (line: string) => void out.push(line), error: () => undefined };
  const code = await runCommandLine(['record', 'verify', path], io);
  const text = out.join('\n');
  expect(text).toMatch(/^Conclusion: \d+ lines of \d+ processes: whole by themselves/m);
  expect(text.match(/^ {2}note +\S+: no end: /gm)).toHaveLength(1);
  expect(code).toBe(0);
}

test('the workers of a supervisor that is killed send their clients elsewhere, and end', async () => {
  const redis = await useRedis();
  const settings = { REDIS_URL: redis.url, JWT_SECRET: SECRET, PORT: '0', WORKERS: '1' };
  const server = useProgram('main.js', settings);
  const [, url = ''] = await server.says(/"url":"(http[^"]+)","msg":"listening"/);
  await untilReady({ url });
  expect((await readMetrics({ url })).get('dms_live_workers')).toBe(1); // the worker asks its supervisor
  const operation = useClient({ url }, await people.head()).run('subscription { storageUpdated { id } }');
  await redis.untilSubscribed('dms:storage:unit:5');
  server.child.kill('SIGKILL');
  expect(await operation.next()).toMatchObject({ closed: { code: 1012 } });
  expect(await server.exited).toBe('SIGKILL'); // no process has its output open any more
  expect(loudLinesOf(server)).toEqual(['the supervisor is gone: stopping']);
});

test('the port of the metrics follows its settings, and stays as it was where it cannot', async () => {
  const probes = {
    readiness: () => Promise.resolve({ ready: true }),
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
  };
  const port = await freePort();
  const at = (host: string, path: string) =>
    fetch(`http://${host}:${port}${path}`, { headers: { connection: 'close' } }).then(
      ({ status }) => status,
      () => 'refused',
    );
  const probePort = createProbePort(probes, createLogger('silent'));
  onTestFinished(probePort.close);
  await probePort.listen({ metrics: { host: '0.0.0.0', port }, basePath: '' });
  expect([await at('127.0.0.2', '/ready'), await at('127.0.0.2', '/live/ready')]).toEqual([200, 404]);
  await probePort.listen({ metrics: { host: '0.0.0.0', port }, basePath: '/live' });
  expect(await at('127.0.0.2', '/live/ready')).toBe(200);
  await probePort.listen({ metrics: { host: '127.0.0.1', port }, basePath: '/live' });
  expect([await at('127.0.0.1', '/live/ready'), await at('127.0.0.2', '/ready')]).toEqual([200, 'refused']);
  const impossible = { metrics: { host: '192.0.2.1', port }, basePath: '' };
  await expect(probePort.listen(impossible)).rejects.toThrow('EADDRNOTAVAIL');
  expect(await at('127.0.0.1', '/live/ready')).toBe(200);
  await probePort.listen({ metrics: undefined, basePath: '' });
  expect(await at('127.0.0.1', '/ready')).toBe('refused');
});

test('workers that cannot start end the server, which says why, once', async () => {
  const redis = await useRedis();
  const settings = { REDIS_URL: redis.url, JWT_SECRET: SECRET, PORT: `${redis.port}`, WORKERS: '2' };
  const server = useProgram('main.js', settings);
  expect(await server.exited).toBe(1);
  expect(server.output.match(/EADDRINUSE/g)).toHaveLength(1);
});
