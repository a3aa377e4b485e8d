import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from '../health.ts';
import type { Logger } from '../log.ts';
import { type Admission, describeRefusal, type Refusal } from './admission/admission.ts';
import { watchConnections } from './connections.ts';
import { cutUnreadBody } from './unread-body.ts';
import { GRAPHQL_PATH, type Yoga } from './yoga.ts';

/** Answers a request for a path; how a program adds pages of its own beside the API. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface HttpOptions {
  readonly yoga: Yoga;
  readonly admission: Pick<Admission, 'watch' | 'request'>;
  /** Whether the server may take traffic now; the answer to `/ready`. */
  readonly readiness: () => Promise<Readiness>;
  /** The answer to `/metrics`. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whatever is neither GraphQL nor a probe. */
  readonly otherwise: RequestHandler;
  readonly log: Logger;
}

export interface HttpServer {
  readonly server: Server;
  /** Listens, and answers where: with the port that was really taken. */
  listen(host: string, port: number): Promise<string>;
  /**
   * Takes no more connections, breaks off event streams (their clients reconnect), and lets requests under way finish.
   * @param patienceMs for how long, in milliseconds.
   */
  close(patienceMs: number): Promise<void>;
}

/** Routes requests: the API, the probes, and whatever else. */
export function createHttpServer(options: HttpOptions): HttpServer {
  const { yoga, admission, readiness, metrics, otherwise, log } = options;
  const open = new Set<ServerResponse>();
  const routes: Record<string, RequestHandler> = {
    [GRAPHQL_PATH]: async (request, response) => {
      open.add(response);
      response.once('close', () => open.delete(response));
      await yoga(request, response);
    },
    '/health': (_request, response) => sendJson(response, 200, { status: 'ok' }),
    '/ready': async (_request, response) => {
      const state = await readiness();
      sendJson(response, state.ready ? 200 : 503, state);
    },
    '/metrics': async (_request, response) => {
      const { contentType, text } = await metrics();
      response.writeHead(200, { 'content-type': contentType }).end(text);
    },
  };
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    cutUnreadBody(request, response);
    const refusal = PROBES.has(path) ? undefined : admission.request(request, response);
    if (refusal !== undefined) return sendRefusal(response, refusal);
    const handle = Object.hasOwn(routes, path) ? routes[path] : undefined;
    answer(handle ?? otherwise, request, response).catch((error: unknown) => {
      log.error({ err: error, path }, 'a request could not be handled');
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { status: 'error' });
    });
  });
  const connections = watchConnections(server);
  admission.watch(server);

  return {
    server,
    listen: (host, port) => listen(server, host, port),
    async close(patienceMs) {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const response of open) if (isEventStream(response)) response.destroy();
      connections.closeWhenIdle();
      const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Whoever asks whether the server lives is answered, also from an address whose limits others have used up. */
const PROBES: ReadonlySet<string> = new Set(['/health', '/ready']);

function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(429, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'retry-after': `${refusal.retryAfterSeconds}`,
    connection: 'close',
  });
  response.end(describeRefusal(refusal));
}

/** By what it is, and not by what was asked for: a client that accepts anything gets a stream as well. */
function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type')).startsWith('text/event-stream');
}

async function answer(
  handle: RequestHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await handle(request, response);
}

export function notFound(_request: IncomingMessage, response: ServerResponse): void {
  sendJson(response, 404, { status: 'not found', graphql: GRAPHQL_PATH });
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
}
