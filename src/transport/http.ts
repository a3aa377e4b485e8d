import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type Admission, describeRefusal, type Refusal } from './admission/admission.ts';
import { ASSETS_PATH, type GraphiQL } from './graphiql/graphiql.ts';
import { watchConnections } from './http-connections.ts';
import { listen } from './listen.ts';
import type { OriginCheck } from './origin.ts';
import { GRAPHQL_PATH, pathOf, searchOf } from './paths.ts';
import { answerPreflight } from './preflight.ts';
import { METRICS_PATH, type Probes, routeProbes } from './probes.ts';
import { answer, type RequestHandler, sendJson } from './responses.ts';
import type { SingleConnection } from './single-connection.ts';
import { cutUnreadBody } from './unread-body.ts';
import { ignoreOtherUpgrades } from './upgrade.ts';
import { addressOf } from './visitor.ts';
import type { Yoga } from './yoga.ts';

export interface HttpOptions {
  readonly yoga: Yoga;
  /** `undefined`: there is none. */
  readonly graphiql: GraphiQL | undefined;
  /** GraphQL over SSE with one stream for many operations. */
  readonly singleConnection: Pick<SingleConnection, 'handles' | 'handle'>;
  readonly isAllowedOrigin: OriginCheck;
  /** What every path starts with: nothing, or e.g. `/live`. */
  readonly basePath: string;
  /** How long a connection is kept after a request, in seconds. */
  readonly keepAliveSeconds: number;
  readonly admission: Pick<Admission, 'watch' | 'request' | 'visitOf'>;
  /** `undefined`: they have a port of their own, and are not on this one. */
  readonly probes: Probes | undefined;
  /** Answers what is neither GraphQL nor a probe; sees paths without the base path. Default: 404. */
  readonly otherwise: RequestHandler | undefined;
  /** A response was cut off, since its client did not take it. */
  readonly onStalled: () => void;
  readonly log: Logger;
}

export interface HttpServer {
  readonly server: Server;
  /** Listens, and answers where: with the port that was really taken. */
  listen(host: string, port: number): Promise<string>;
  /** Takes no more connections. Those there are go on. */
  stopListening(): void;
  /**
   * From now on new event streams are refused (503), as upgrades are while WebSockets are sent away: a balancer then asks another
   * process, and nobody who was sent away comes back here.
   */
  refuseStreams(): void;
  /**
   * Takes no more connections, breaks off event streams (their clients reconnect), and lets requests under way finish.
   * @param patienceMs for how long, in milliseconds.
   */
  close(patienceMs: number): Promise<void>;
}

/** How long a client may take to send a request, in milliseconds: its head, and all of it. Then it is answered 408. */
const HEAD_MS = 20_000;
const REQUEST_MS = 60_000;
/** How often that is looked at. */
const CHECK_MS = 5000;
/** How long nothing of a response may be taken, in milliseconds. The system's own buffer hides what is taken for a while. */
const STALLED_MS = 15_000;
/** The same for an event stream. What waits for its client has a limit of its own (`MAX_OUTBOX_BYTES`). */
const STREAM_STALLED_MS = 60_000;
/** How often it is looked at. */
const LOOK_MS = 2000;
/**
 * How much may wait in a socket before a replay waits for its client, in bytes. This is the default of Node 20. The default of Node 22
 * is 64 KB, which is also the smallest `MAX_OUTBOX_BYTES`: with it, a client that only reads slowly would be ended.
 */
const WRITE_BUFFER_BYTES = 16_384;

/** Routes requests: the API, the probes, and whatever else. */
export function createHttpServer(options: HttpOptions): HttpServer {
  const { admission, log } = options;
  const open = new Set<ServerResponse>();
  let refusesStreams = false;
  const probes = options.probes && routeProbes(options.probes, options.basePath);
  const route = createRouter(options, probes ?? new Map(), open);
  /** Probes are answered even for an address whose limits others have used up; metrics cost more, and are not. */
  const isForAll = (path: string): boolean => probes?.has(path) === true && !path.endsWith(METRICS_PATH);
  const limits = {
    keepAliveTimeout: options.keepAliveSeconds * 1000,
    headersTimeout: HEAD_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECK_MS,
    highWaterMark: WRITE_BUFFER_BYTES,
  };
  const server = createServer(limits, (request, response) => {
    const path = pathOf(request);
    cutUnreadBody(request, response);
    const refusal = isForAll(path) ? undefined : admission.request(request, response);
    if (refusal !== undefined) return sendRefusal(response, refusal);
    if (refusesStreams && asksForStream(request)) return sendElsewhere(response);
    void answer(route(path), request, response, { path, log });
  });
  const connections = watchConnections(server, {
    lookMs: LOOK_MS,
    stalledMs: (response) => (isEventStream(response) ? STREAM_STALLED_MS : STALLED_MS),
    onStalled: options.onStalled,
  });
  admission.watch(server);
  ignoreOtherUpgrades(server, connections);

  let closed: Promise<unknown> | undefined;
  const stopListening = (): Promise<unknown> => {
    closed ??= new Promise((resolve) => server.close(resolve));
    return closed;
  };

  return {
    server,
    listen: (host, port) => listen(server, host, port),
    stopListening: () => void stopListening(),
    refuseStreams() {
      refusesStreams = true;
    },
    async close(patienceMs) {
      const closed = stopListening();
      for (const response of open) if (isEventStream(response)) response.destroy();
      connections.closeWhenIdle();
      const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Finds who answers for a path. */
function createRouter(
  options: HttpOptions,
  probes: ReadonlyMap<string, RequestHandler>,
  open: Set<ServerResponse>,
): (path: string) => RequestHandler {
  const { yoga, graphiql, singleConnection, isAllowedOrigin, admission, basePath } = options;
  const graphqlPath = `${basePath}${GRAPHQL_PATH}`;
  const assetsPath = `${graphqlPath}${ASSETS_PATH}`;
  const notFoundHere: RequestHandler = (_request, response) =>
    sendJson(response, 404, { status: 'not found', graphql: graphqlPath });
  const { otherwise = notFoundHere } = options;

  const routes = new Map<string, RequestHandler>([
    ...probes,
    [
      graphqlPath,
      async (request, response) => {
        if (request.method === 'OPTIONS')
          return answerPreflight(request, response, isAllowedOrigin, addressOf(request, admission));
        if (!hasReadableUrl(request)) return sendJson(response, 400, { status: 'bad request' });
        if (graphiql?.sendPage(request, response)) return;
        open.add(response);
        response.once('close', () => open.delete(response));
        if (singleConnection.handles(request)) return singleConnection.handle(request, response);
        request.url = `${GRAPHQL_PATH}${searchOf(request)}`; // Yoga knows it by this name only
        await yoga(request, response);
      },
    ],
  ]);

  return (path) => {
    const handle = routes.get(path);
    if (handle !== undefined) return handle;
    if (graphiql !== undefined && path.startsWith(assetsPath)) {
      const name = path.slice(assetsPath.length);
      return (request, response) =>
        graphiql.sendAsset(name, request, response) ? undefined : notFoundHere(request, response);
    }
    return basePath === '' ? otherwise : below(basePath, path, otherwise, notFoundHere);
  };
}

/** Routes a request below the base path, with the base path removed. The base path alone leads to its folder, so that relative addresses hold. */
function below(
  basePath: string,
  path: string,
  handle: RequestHandler,
  handleOthers: RequestHandler,
): RequestHandler {
  if (path !== basePath && !path.startsWith(`${basePath}/`)) return handleOthers;
  return (request, response) => {
    const rest = request.url?.slice(basePath.length) ?? '/';
    if (rest.startsWith('/')) {
      request.url = rest;
      return handle(request, response);
    }
    response.writeHead(308, { location: `${basePath}/${rest}`, 'content-length': 0 }).end();
  };
}

function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(429, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'retry-after': `${refusal.retryAfterSeconds}`,
    connection: 'close',
  });
  response.end(describeRefusal(refusal));
}

/** A proxy then asks another process. A client without a proxy reads why. */
function sendElsewhere(response: ServerResponse): void {
  const code: ErrorCode = 'SERVICE_UNAVAILABLE';
  const error = { message: 'The server restarts: connect again and resume.', extensions: { code } };
  response.setHeader('connection', 'close');
  sendJson(response, 503, { errors: [error] });
}

/** Yoga takes it for granted that host and path make a URL. */
function hasReadableUrl({ headers, url }: IncomingMessage): boolean {
  return URL.canParse(`http://${headers.host ?? 'localhost'}${url}`);
}

function asksForStream({ headers }: IncomingMessage): boolean {
  return headers.accept?.toLowerCase().includes('text/event-stream') ?? false;
}

/** Looks at the response, not at what was asked for: a client that accepts anything gets a stream as well. */
function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type')).startsWith('text/event-stream');
}
