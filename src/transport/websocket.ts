import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { type PerMessageDeflateOptions, type ServerOptions, WebSocketServer } from 'ws';
import type { Logger } from '../log.ts';
import { type Admission, describeRefusal, isRefusal } from './admission/admission.ts';
import { CloseCode, closeCodeOfFault } from './close-codes.ts';
import { sendAway } from './drain.ts';
import { maxPiecesOf } from './intake.ts';
import { keepAlive } from './keep-alive.ts';
import type { OriginCheck } from './origin.ts';
import { GRAPHQL_PATH, pathOf } from './paths.ts';
import type { UserConnections } from './presence.ts';
import { isWebSocketUpgrade } from './upgrade.ts';
import { Connection, type ConnectionOptions } from './websocket-connection.ts';
import { keepOffersThatFit } from './websocket-deflate.ts';
import { createProtocol, type Protocol, type ProtocolOptions } from './websocket-protocol.ts';

export interface WebSocketOptions extends ProtocolOptions, ConnectionOptions {
  readonly admission: Pick<Admission, 'upgrade'>;
  readonly isAllowedOrigin: OriginCheck;
  /** What every path starts with: nothing, or e.g. `/live`. */
  readonly basePath: string;
  /** Larger messages close the socket with 1009. */
  readonly maxMessageBytes: number;
  /** Whether what clients receive is compressed, for those that offer it (permessage-deflate). */
  readonly compression: boolean;
}

export interface WebSockets extends UserConnections {
  /** How many sockets are open. */
  readonly count: number;
  /** How much waits for their clients to read. */
  readonly outboxBytes: number;
  /**
   * Takes no more clients, and closes those there are with 1012, one after the other, so that they reconnect.
   * @param patienceMs how long that may take, in milliseconds; those that are still there then are cut off.
   */
  close(patienceMs: number): Promise<void>;
}

/** GraphQL over WebSocket (graphql-transport-ws): graphql-ws speaks the protocol, this connects it to sockets and sessions. */
export function serveWebSockets(http: Server, options: WebSocketOptions): WebSockets {
  const server = new WebSocketServer(serverOptions(options));
  const protocol = createProtocol(options);
  const connections = new Set<Connection>();
  const stopPinging = keepAlive(connections);
  const path = `${options.basePath}${GRAPHQL_PATH}`;
  let isDraining = false;

  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (!isWebSocketUpgrade(request)) return;
    stream.on('error', destroy);
    const visit = options.admission.upgrade(request, stream);
    if (isRefusal(visit)) {
      const retry = `Retry-After: ${visit.retryAfterSeconds}`;
      return refuseUpgrade(stream, '429 Too Many Requests', describeRefusal(visit), retry);
    }
    if (pathOf(request) !== path) return refuseUpgrade(stream, '404 Not Found');
    if (!options.isAllowedOrigin(request.headers, visit.address))
      return refuseUpgrade(stream, '403 Forbidden');
    if (isDraining) return refuseUpgrade(stream, '503 Service Unavailable');
    request.headers.upgrade = 'websocket'; // among several offers, ws would not find it
    if (options.compression) keepOffersThatFit(request.headers);
    server.handleUpgrade(request, stream, head, (socket) =>
      connect(new Connection(socket, stream, visit, options), connections, protocol, options.log),
    );
  });

  return {
    *ofUser(userId) {
      for (const { session, operations } of connections)
        if (session?.identity.viewer.id === userId) yield { session, results: operations?.results() ?? [] };
    },
    get count() {
      return connections.size;
    },
    get outboxBytes() {
      let bytes = 0;
      for (const { stream } of connections) bytes += stream.writableLength;
      return bytes;
    },
    async close(patienceMs) {
      isDraining = true;
      const timer = setTimeout(() => {
        for (const { socket } of connections) socket.terminate();
      }, patienceMs);
      await sendAway(
        connections,
        (connection) => connection.end(CloseCode.ServiceRestart, RESTARTING),
        patienceMs,
      );
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(timer);
      stopPinging();
    },
  };
}

/** How long a client may take to answer a close frame, in milliseconds. After that it is cut off. */
const CLOSE_TIMEOUT_MS = 3000;

/** The last three are not in the types yet. */
type AllServerOptions = ServerOptions & {
  readonly closeTimeout: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
};

/** What is agreed on with a client that offers compression: no window is kept, on either side. */
const COMPRESSION: PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
};

function serverOptions({ maxMessageBytes, compression }: WebSocketOptions): AllServerOptions {
  return {
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: compression && COMPRESSION,
    handleProtocols: chooseProtocol,
    closeTimeout: CLOSE_TIMEOUT_MS,
    maxFragments: maxPiecesOf(maxMessageBytes),
    maxBufferedChunks: maxPiecesOf(maxMessageBytes),
  };
}

const RESTARTING = 'The server restarts: reconnect and resume';

/**
 * A client that asks for another protocol is accepted in that one, and closed with 4406: from a refused handshake it would learn
 * nothing.
 */
function chooseProtocol(offered: Set<string>): string | false {
  if (offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL)) return GRAPHQL_TRANSPORT_WS_PROTOCOL;
  const [first = false] = offered;
  return first;
}

/** @param body JSON, if any. */
function refuseUpgrade(stream: Duplex, status: string, body = '', ...headers: readonly string[]): void {
  const lines = [`HTTP/1.1 ${status}`, 'Connection: close', `Content-Length: ${Buffer.byteLength(body)}`];
  if (body !== '') lines.push('Content-Type: application/json');
  stream.once('finish', () => stream.destroy()); // its client may never close it
  stream.end(`${[...lines, ...headers].join('\r\n')}\r\n\r\n${body}`);
}

/** A listener for all sockets. A closure would keep the upgrade for as long as its socket is open. */
function destroy(this: Duplex): void {
  this.destroy();
}

/**
 * Binds one socket to graphql-ws and to its outbox. No error here may reach another socket. The listeners live as long as the socket and
 * keep what is in their scope, so the request and the visit are not in it.
 */
function connect(
  connection: Connection,
  connections: Set<Connection>,
  protocol: Protocol,
  log: Logger,
): void {
  const { socket, stream, outbox } = connection;
  connections.add(connection);
  stream.on('drain', () => outbox.drained());
  socket.on('error', (error) => {
    log.debug({ reason: error.message }, 'socket error');
    const code = closeCodeOfFault(error);
    if (code !== undefined) connection.noteMisuse(code);
    connection.cutOff(); // ws has closed it
  });
  const closed = protocol.opened(connection, connection);
  const fail = (error: unknown): void => {
    if (isUnexpectedMessage(error)) connection.close(CloseCode.BadRequest, 'Unexpected message');
    else {
      log.error({ err: error }, 'a message could not be handled');
      socket.close(CloseCode.InternalError, 'Internal error: reconnect');
    }
  };
  socket.on('ping', () => connection.takeMessage());
  socket.on('pong', () => connection.takePong());
  socket.on('message', (data, isBinary) => {
    if (!connection.takeMessage()) return;
    if (isBinary) return connection.close(CloseCode.BadRequest, 'Send text');
    connection.receive(String(data)).catch(fail);
  });
  socket.on('close', (code, reason) => {
    connections.delete(connection);
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
