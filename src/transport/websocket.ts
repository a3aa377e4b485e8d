import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type FormattedExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import {
  type Context as ConnectionContext,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  makeServer,
  type WebSocket as ProtocolSocket,
  type SubscribePayload,
} from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ErrorCode, LiveError, SessionError } from '../errors.ts';
import { createErrorMask } from '../graphql/mask-error.ts';
import type { Logger } from '../log.ts';
import { CloseCode, closeCodeOf } from './close-codes.ts';
import { isAllowedOrigin } from './origin.ts';
import type { Session, Sessions } from './session.ts';
import { GRAPHQL_PATH, type Yoga } from './yoga.ts';

/** A client that has shown no sign of life for two of these, in milliseconds, is taken for gone. */
const KEEP_ALIVE_MS = 12_000;
/** How long a client may take to send `connection_init`, in milliseconds; then 4408. */
const INIT_TIMEOUT_MS = 3000;

export interface WebSocketOptions {
  readonly yoga: Yoga;
  readonly sessions: Sessions;
  readonly corsOrigins: readonly string[];
  /** Larger messages close the socket with 1009. */
  readonly maxMessageBytes: number;
  readonly log: Logger;
}

export interface WebSockets {
  /** How many sockets are open. */
  readonly count: number;
  /**
   * Tells every client to reconnect (1012), and takes no more.
   * @param patienceMs how long clients have to say goodbye, in milliseconds.
   */
  close(patienceMs: number): Promise<void>;
}

/** What graphql-ws keeps for us with each connection. */
interface Connection {
  readonly socket: WebSocket;
  session?: Session;
}

/** GraphQL over WebSocket (graphql-transport-ws): graphql-ws speaks the protocol, this connects it to sockets and sessions. */
export function serveWebSockets(http: Server, options: WebSocketOptions): WebSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: chooseProtocol,
  });
  const protocol = createProtocol(options);
  const stopPinging = keepAlive(server);

  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const path = request.url?.split('?')[0];
    if (path !== GRAPHQL_PATH) return refuseUpgrade(stream, '404 Not Found');
    if (!isAllowedOrigin(request.headers, options.corsOrigins)) return refuseUpgrade(stream, '403 Forbidden');
    server.handleUpgrade(request, stream, head, (socket) => connect(protocol, socket, options.log));
  });

  return {
    get count() {
      return server.clients.size;
    },
    async close(patienceMs) {
      stopPinging();
      for (const socket of server.clients)
        socket.close(CloseCode.ServiceRestart, 'Server restarts: reconnect');
      const timer = setTimeout(() => {
        for (const socket of server.clients) socket.terminate();
      }, patienceMs);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(timer);
    },
  };
}

/**
 * A client that asks for another protocol is answered in it, only to be closed with 4406: a refusal in the handshake would
 * tell it nothing.
 */
function chooseProtocol(offered: Set<string>): string | false {
  if (offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL)) return GRAPHQL_TRANSPORT_WS_PROTOCOL;
  const [first = false] = offered;
  return first;
}

function refuseUpgrade(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

type Protocol = ReturnType<typeof makeServer<Record<string, unknown>, Connection>>;

/** Binds one socket to graphql-ws. Nothing that goes wrong here may reach another socket. */
function connect(protocol: Protocol, socket: WebSocket, log: Logger): void {
  const adapted: ProtocolSocket = {
    protocol: socket.protocol,
    send: (message) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        socket.send(message, () => resolve()); // a failed write closes the socket, which is heard below
      }),
    close: (code, reason) => socket.close(code, reason),
    onMessage(handle) {
      socket.on('message', (data, isBinary) => {
        if (isBinary) return socket.close(CloseCode.BadRequest, 'Send text');
        handle(String(data)).catch((error: unknown) => {
          if (isUnexpectedMessage(error)) return socket.close(CloseCode.BadRequest, 'Unexpected message');
          log.error({ err: error }, 'a message could not be handled');
          socket.close(CloseCode.InternalError, 'Internal error: reconnect');
        });
      });
    },
  };
  const connection: Connection = { socket };
  socket.on('error', (error) => log.debug({ reason: error.message }, 'socket error')); // ws closes it itself
  const closed = protocol.opened(adapted, connection);
  socket.once('close', (code, reason) => {
    connection.session?.close();
    closed(code, String(reason)).catch((error: unknown) =>
      log.error({ err: error }, 'a socket could not be cleaned up'),
    );
  });
}

/** graphql-ws throws for a message that only a server may send. */
function isUnexpectedMessage(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected message of type');
}

function createProtocol({ yoga, sessions, log }: WebSocketOptions): Protocol {
  const { execute, subscribe } = yoga.getEnveloped({});
  const maskError = createErrorMask(log);
  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: (context) => signIn(context, sessions, log),
    onSubscribe: (context, _id, payload) =>
      prepare(yoga, context.extra.session, payload).catch((error: unknown) => [maskError(error)]),
    execute,
    subscribe,
    onNext: (_context, _id, _payload, _args, result) => formatResult(result),
    onError: (_context, _id, _payload, errors) => errors.map(formatError),
  });
}

/** Verifies the token of `connection_init`; the session then closes the socket when it ends. */
async function signIn(
  { connectionParams, extra }: ConnectionContext<Record<string, unknown>, Connection>,
  sessions: Sessions,
  log: Logger,
): Promise<boolean> {
  const { socket } = extra;
  try {
    const session = await sessions.start(readToken(connectionParams));
    if (socket.readyState !== socket.OPEN) {
      session.close();
      return false;
    }
    extra.session = session;
    session.onEnd((error) => {
      if (error !== undefined) socket.close(closeCodeOf(error), error.message);
    });
    return true;
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    log.debug({ code: error.code }, 'a connection was refused');
    socket.close(closeCodeOf(error), error.message);
    return false;
  }
}

/** `connectionParams.authorization`, with or without `Bearer`. */
function readToken(params: Readonly<Record<string, unknown>> | undefined): string {
  const authorization = params?.['authorization'] ?? params?.['Authorization'];
  if (authorization === undefined) throw new SessionError('missing');
  const token =
    typeof authorization === 'string' ? /^(?:Bearer +)?(\S+) *$/i.exec(authorization)?.[1] : undefined;
  if (token === undefined) throw new SessionError('invalid');
  return token;
}

/** Parses and validates an operation. What is wrong with it, also what is thrown, is its error; the socket lives on. */
async function prepare(
  yoga: Yoga,
  session: Session | undefined,
  { query, operationName, variables }: SubscribePayload,
): Promise<ExecutionArgs | GraphQLError[]> {
  const { schema, parse, validate, contextFactory } = yoga.getEnveloped(session ? { session } : {});
  const document: ExecutionArgs['document'] = parse(query);
  const faults = validate(schema, document);
  if (faults.length > 0) return [...faults];
  if (getOperationAST(document, operationName) == null) {
    return [
      badInput('Name the operation to run in operationName: the document has several, or none of that name.'),
    ];
  }
  const args: ExecutionArgs = { schema, document, contextValue: await contextFactory() };
  return { ...args, operationName: operationName ?? null, variableValues: variables ?? null };
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode } });
}

type LooseResult = { readonly errors?: readonly GraphQLError[] | undefined } & object;

function formatResult({ errors, ...result }: LooseResult): FormattedExecutionResult {
  return { ...result, ...(errors !== undefined && { errors: errors.map(formatError) }) };
}

/** As it is sent, without what Yoga keeps in it for HTTP. */
function formatError(error: GraphQLError): ReturnType<GraphQLError['toJSON']> {
  const { extensions, ...formatted } = error.toJSON();
  const { http: _http, ...shown } = extensions ?? {};
  return { ...formatted, extensions: shown };
}

/**
 * Pings every socket now and then, and ends those that have not answered since the last time. After a stall of this process
 * their answers may lie unread, so then they get another turn. Returns how to stop.
 */
function keepAlive(server: WebSocketServer): () => void {
  const silent = new WeakSet<WebSocket>();
  let lastTurn = Date.now();
  const timer = setInterval(() => {
    const isLate = Date.now() - lastTurn > 1.5 * KEEP_ALIVE_MS;
    lastTurn = Date.now();
    for (const socket of server.clients) {
      if (!silent.has(socket)) {
        silent.add(socket);
        socket.once('pong', () => silent.delete(socket));
      } else if (!isLate) {
        socket.terminate();
        continue;
      }
      socket.ping();
    }
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}
