import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, type WebSocket as ProtocolSocket } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { BYTES } from '../delivery/bytes.ts';
import { createOutbox, type Outlet } from '../delivery/outbox.ts';
import type { Turn } from '../delivery/turn.ts';
import { CloseCode } from './close-codes.ts';
import { keepIdsApart } from './operation-ids.ts';
import { isAllowedOrigin } from './origin.ts';
import {
  type Connection,
  createProtocol,
  type Protocol,
  type ProtocolOptions,
} from './websocket-protocol.ts';
import { GRAPHQL_PATH } from './yoga.ts';

/** A client that has shown no sign of life for two of these, in milliseconds, is taken for gone. */
const KEEP_ALIVE_MS = 12_000;
export interface WebSocketOptions extends ProtocolOptions {
  readonly corsOrigins: readonly string[];
  /** Larger messages close the socket with 1009. */
  readonly maxMessageBytes: number;
  /** How much may wait for a client, in bytes; a slower one is closed with 1013. */
  readonly maxOutboxBytes: number;
  readonly turn: Turn;
  /** A client was too slow. */
  readonly onSlow: () => void;
}

export interface WebSockets {
  /** How many sockets are open. */
  readonly count: number;
  /** How much waits for their clients to read. */
  readonly outboxBytes: number;
  /**
   * Tells every client to reconnect (1012), and takes no more.
   * @param patienceMs how long clients have to say goodbye, in milliseconds.
   */
  close(patienceMs: number): Promise<void>;
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
    server.handleUpgrade(request, stream, head, (socket) => connect(protocol, socket, stream, options));
  });

  return {
    get count() {
      return server.clients.size;
    },
    get outboxBytes() {
      let bytes = 0;
      for (const socket of server.clients) bytes += socket.bufferedAmount;
      return bytes;
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

/** Binds one socket to graphql-ws and to its outbox. Nothing that goes wrong here may reach another socket. */
function connect(protocol: Protocol, socket: WebSocket, stream: Duplex, options: WebSocketOptions): void {
  const { log, maxOutboxBytes } = options;
  const outlet: Outlet = {
    get isOpen() {
      return socket.readyState === socket.OPEN;
    },
    get pendingBytes() {
      return stream.writableLength;
    },
    get isCongested() {
      return stream.writableNeedDrain;
    },
    // Beside ws and not through it: the bytes are whole frames already, and ws writes its own in one piece as well.
    write: (bytes) => void stream.write(bytes, BYTES),
    endSlow() {
      options.onSlow();
      socket.close(CloseCode.TryAgainLater, 'You read too slowly: reconnect and resume');
    },
  };
  const outbox = createOutbox(outlet, maxOutboxBytes, options.turn);
  stream.on('drain', () => outbox.drained());

  const adapted: ProtocolSocket = {
    protocol: socket.protocol,
    send: (message) =>
      new Promise((resolve) => {
        outbox.flush(); // what was gathered for an operation comes before its end
        if (outlet.isOpen && stream.writableLength > maxOutboxBytes) outlet.endSlow();
        if (!outlet.isOpen) return resolve();
        socket.send(message, () => resolve()); // a failed write closes the socket, which is heard below
      }),
    close: (code, reason) => socket.close(code, reason),
    onMessage(handle) {
      const receive = keepIdsApart(handle, () =>
        socket.close(CloseCode.SubscriberAlreadyExists, 'An operation of this id exists already'),
      );
      socket.on('message', (data, isBinary) => {
        if (isBinary) return socket.close(CloseCode.BadRequest, 'Send text');
        receive(String(data)).catch((error: unknown) => {
          if (isUnexpectedMessage(error)) return socket.close(CloseCode.BadRequest, 'Unexpected message');
          log.error({ err: error }, 'a message could not be handled');
          socket.close(CloseCode.InternalError, 'Internal error: reconnect');
        });
      });
    },
  };
  const connection: Connection = { socket, stream, outbox };
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
