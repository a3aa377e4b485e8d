/** Sends random cases to a server, and checks the server's reactions. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type App, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { type LiveClient, type Operation, socketUrl, subscribed, useClient } from './clients.ts';
import { messages } from './events.ts';
import {
  type Credential,
  type FuzzCase,
  fuzzCases,
  type HttpCase,
  type RawCase,
  type ReservedCase,
  type SocketCase,
} from './fuzz-cases.ts';
import { readSecurityLine } from './security-lines.ts';
import { now, SECRET, signToken } from './tokens.ts';

/** How many cases run at the same time. Shrinking finds the case that fails. */
const CASES_AT_ONCE = 20;

/** A day in seconds: longer than any run. */
const A_DAY = 86_400;

/** A reaction that no client may cause: a fault of the server. */
class Violation extends Error {
  override readonly name = 'Violation';
}

export interface FuzzRun {
  readonly cases: number;
  /** How often each outcome occurred: HTTP statuses and close codes. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/**
 * Runs at least `count` random cases against a server in this process. A failure shows the seed and the smallest harmful case.
 * Harm is an internal error, a 5xx status except 503, a close code of 1011 or 4500, a log line of level `error`, an unhandled
 * rejection, or a server that no longer serves other clients.
 */
export async function fuzz(
  count: number,
  seed: number,
  onProgress?: (cases: number) => void,
): Promise<FuzzRun> {
  const world = await useWorld();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fuzzCases, { minLength: 1, maxLength: CASES_AT_ONCE, size: 'max' }),
      async (cases) => {
        await Promise.all(cases.map((one) => world.run(one)));
        await world.probe();
        onProgress?.(world.cases);
      },
    ),
    // An array has half of the maximum length on average, or a little less.
    { seed, numRuns: Math.ceil((2.3 * count) / CASES_AT_ONCE) },
  );
  return world;
}

interface World extends FuzzRun {
  run(one: FuzzCase): Promise<void>;
  /** Fails if other clients are no longer served, or if an error was logged. */
  probe(): Promise<void>;
}

async function useWorld(): Promise<World> {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  /** Whatever clients send, the security log keeps to its schema. */
  function checkSecurityLine(line: string): void {
    try {
      readSecurityLine(line);
    } catch (error) {
      lines.push(String(error));
    }
  }
  const config = readConfig({ PORT: '0', SHUTDOWN_SECONDS: '1', JWT_SECRET: SECRET }, { needsRedis: false });
  const app = await startApp(config, pino({ level: 'error' }, destination), {
    securityLines: () => ({ write: checkSecurityLine, close: () => Promise.resolve() }),
  });
  onTestFinished(() => app.close());
  const note = (reason: unknown): void => void lines.push(`unhandled rejection: ${String(reason)}`);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));

  const exp = now() + A_DAY;
  const tokens: Record<Credential, string | undefined> = {
    head: `Bearer ${await signToken({ exp })}`,
    admin: `Bearer ${await signToken({ exp, user_id: 1, role: 'System Admin' })}`,
    unitless: `Bearer ${await signToken({ exp, user_id: 40, unit_id: undefined })}`,
    none: undefined,
    odd: 'Bearer a.b.c',
  };
  const innocent = await useInnocent(app);
  const outcomes = new Map<string, number>();
  const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  let cases = 0;

  return {
    outcomes,
    get cases() {
      return cases;
    },
    async run(one) {
      cases += 1;
      if (one.kind === 'http') count(`HTTP ${(await runHttp(app, one, tokens[one.credential])).outcome}`);
      else if (one.kind === 'reserved') await runReserved(app, one, tokens[one.credential], count);
      else if (one.kind === 'raw') count(`raw ${await runRaw(app, one)}`);
      else count(`close ${await runSocket(app, one, tokens[one.credential])}`);
    },
    async probe() {
      await innocent.probe();
      const found = lines.splice(0);
      if (found.length > 0) throw new Violation(`the log says: ${found.join('\n').slice(0, 2000)}`);
    },
  };
}

/** A normal client that follows its unit during the run. */
async function useInnocent(app: App): Promise<{ probe(): Promise<void> }> {
  const client: LiveClient = useClient(app, await signToken({ exp: now() + A_DAY }));
  const operation: Operation = await subscribed(client, 'subscription { storageUpdated { id } }');
  let count = 0;
  return {
    async probe() {
      count += 1;
      const id = `probe ${count}`;
      await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id })));
      const data = await operation.data();
      if (data['storageUpdated'].id !== id)
        throw new Violation(`an innocent client got ${JSON.stringify(data)}`);
    },
  };
}

function judgeStatus(status: number): void {
  if (status >= 500 && status !== 503) throw new Violation(`status ${status}`);
}

function judgeText(text: string): void {
  // In JSON: the metrics name the code as well.
  if (text.includes(':"INTERNAL_SERVER_ERROR"'))
    throw new Violation(`an internal error: ${text.slice(0, 500)}`);
}

/** Reads a response to its end. An event stream has no end, so only its first bytes are read. */
function runHttp(app: App, { method, path, headers, body }: HttpCase, authorization: string | undefined) {
  return new Promise<{ outcome: string; text: string }>((resolve, reject) => {
    const sent = request(app.url + path, {
      method,
      headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      agent: false,
    });
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ outcome: error.code ?? error.message, text: '' }),
    );
    sent.on('response', (response) => {
      const status = response.statusCode ?? 0;
      let text = '';
      const end = (): void => {
        try {
          judgeStatus(status);
          judgeText(text);
          resolve({ outcome: `${status}`, text });
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      response.on('data', (chunk: Buffer) => {
        text += chunk;
        if (response.headers['content-type'] === 'text/event-stream' && text !== '') sent.destroy();
      });
      response.on('close', end);
      response.on('error', () => undefined);
    });
    sent.end(method === 'GET' || method === 'HEAD' ? undefined : body);
  });
}

/** Reserves a stream, opens it, and sends requests that name it while it is open. */
async function runReserved(
  app: App,
  { requests }: ReservedCase,
  authorization: string | undefined,
  count: (outcome: string) => void,
): Promise<void> {
  const one = { kind: 'http', credential: 'none', path: '/graphql', headers: {}, body: '' } as const;
  const { text: name } = await runHttp(app, { ...one, method: 'PUT' }, authorization);
  const headers = { 'x-graphql-event-stream-token': name };
  const opening = request(`${app.url}/graphql`, { headers, agent: false });
  opening.end();
  const [stream] = await once(opening, 'response');
  let received = '';
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    received += chunk;
  });
  for (const next of requests) {
    const { outcome } = await runHttp(app, { ...one, ...next, headers }, authorization);
    count(`reserved ${outcome}`);
  }
  stream.destroy();
  judgeText(received);
}

async function runRaw(app: App, { bytes }: RawCase): Promise<string> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (/^HTTP\/1\.1 200.*text\/event-stream/s.test(text)) socket.destroy();
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.end(bytes);
  await closed;
  for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d+)/g)) judgeStatus(Number(status));
  judgeText(text);
  return /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 'nothing';
}

async function runSocket(
  app: App,
  { frames }: SocketCase,
  authorization: string | undefined,
): Promise<string> {
  const socket = new WebSocket(socketUrl(app), 'graphql-transport-ws');
  const closed = once(socket, 'close').then(([code]) => Number(code));
  let isProbed = false;
  socket.on('message', (data) => {
    const text = String(data);
    if (text.includes('"probe"')) {
      isProbed = true;
      socket.close(1000);
    }
    received += text;
  });
  let received = '';
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'open'), closed]);
  if (socket.readyState === WebSocket.OPEN) {
    if (authorization !== undefined) {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
      await Promise.race([once(socket, 'message'), closed]);
    }
    for (const frame of frames) send(socket, frame);
    // The answer to this ping shows that the server has handled all frames. After half a frame no ping is possible.
    if (frames.some((frame) => 'raw' in frame)) rawOf(socket).end();
    else if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping","payload":{"probe":1}}');
  }
  const code = await closed;
  judgeText(received);
  if (code === 1011 || code === 4500) throw new Violation(`close code ${code}`);
  return isProbed ? 'none' : `${code}`;
}

function send(socket: WebSocket, frame: SocketCase['frames'][number]): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  if ('text' in frame) socket.send(frame.text);
  else if ('binary' in frame) socket.send(frame.binary, { binary: true });
  else rawOf(socket).write(frame.raw);
}

/** The TCP stream of a client's WebSocket. */
function rawOf(socket: WebSocket): import('node:net').Socket {
  return (socket as unknown as { _socket: import('node:net').Socket })._socket;
}
