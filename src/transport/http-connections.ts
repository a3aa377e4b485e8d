import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of an HTTP server, by what is under way on them. */
export interface HttpConnections {
  /**
   * Ends the connections on which no request is under way, and the others as soon as theirs is answered; also what is left of upgraded
   * ones, whose end is reported by the code that took them over. Node's own
   * `closeIdleConnections` spares those on which nothing has been sent yet, or half a request, and they may stay for ever.
   */
  closeWhenIdle(): void;
  /** Calls back, once, when no request is under way on a connection; never if it closes before. */
  whenAnswered(socket: Socket, callback: () => void): void;
}

export interface StallOptions {
  /** How often a client that takes nothing is looked at, in milliseconds. */
  readonly lookMs: number;
  /** A response is cut off when its client has taken nothing of it for this time, in milliseconds. */
  readonly stalledMs: (response: ServerResponse) => number;
  /** A response was cut off. */
  readonly onStalled: () => void;
}

interface ConnectionState {
  /** How many requests are under way. */
  requests: number;
  /** Whether there has been a request at all. */
  isUsed: boolean;
  /** The responses that had to wait for an earlier one and are not closed. Hardly any client sends requests ahead. */
  waiting: Set<ServerResponse> | undefined;
  /** The response to the latest; `undefined`: all are answered. */
  latest: ServerResponse | undefined;
  whenAnswered: (() => void) | undefined;
  /** When its client was found to take nothing, first and last, in milliseconds of `performance.now()`. */
  stalledSince: number;
  stalledAt: number;
}

export function watchConnections(
  server: Server,
  { lookMs, stalledMs, onStalled }: StallOptions,
): HttpConnections {
  const connections = new Map<Socket, ConnectionState>();
  let isClosing = false;

  function count(socket: Socket, change: 1 | -1): void {
    const state = connections.get(socket);
    if (state === undefined) return; // closed
    state.requests += change;
    state.isUsed = true;
    if (state.requests > 0) return;
    state.latest = undefined;
    endIfIdle(socket, state);
    const { whenAnswered } = state;
    state.whenAnswered = undefined;
    whenAnswered?.();
  }

  function endIfIdle(socket: Socket, { requests }: ConnectionState): void {
    if (isClosing && requests === 0) socket.destroySoon(); // what was answered still goes out
  }

  /**
   * Node calls this for a socket on which nothing came or went for a while, not even a part of what is being written. For the
   * server's own time-outs it leaves the decision to this listener.
   */
  function look(socket: Socket): void {
    const state = connections.get(socket);
    if (state === undefined) return;
    const { latest } = state;
    if (latest === undefined) {
      if (state.isUsed) socket.destroy(); // kept alive for long enough; before its first request `headersTimeout` decides
      return;
    }
    if (socket.writableLength === 0) return; // it waits for us, and the next write sets its clock again
    const now = performance.now();
    const isFirstLook = now - state.stalledAt > 1.5 * lookMs;
    if (isFirstLook) state.stalledSince = now - lookMs;
    state.stalledAt = now;
    if (now - state.stalledSince < stalledMs(latest)) {
      socket.setTimeout(lookMs);
      return;
    }
    onStalled();
    socket.destroy();
  }

  /** One function for all sockets: a closure for each would take memory for as long as the socket is open. */
  function forget(this: Socket): void {
    const waiting = connections.get(this)?.waiting;
    connections.delete(this);
    for (const response of waiting ?? []) closeWaiting(response);
  }

  server.timeout = lookMs;
  server.on('timeout', look);
  server.on('connection', (socket: Socket) => {
    if (connections.has(socket)) return; // given back to the server after an offer of another protocol
    connections.set(socket, {
      requests: 0,
      isUsed: false,
      waiting: undefined,
      latest: undefined,
      whenAnswered: undefined,
      stalledSince: 0,
      stalledAt: Number.NEGATIVE_INFINITY,
    });
    socket.on('end', cutOffLater);
    socket.on('close', forget);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const state = connections.get(socket);
    if (state !== undefined) state.latest = response;
    if (state !== undefined && response.socket === null) {
      state.waiting ??= new Set();
      state.waiting.add(response);
    }
    count(socket, 1);
    response.once('close', () => {
      state?.waiting?.delete(response);
      count(socket, -1);
    });
  });

  return {
    closeWhenIdle() {
      isClosing = true;
      for (const [socket, state] of connections) endIfIdle(socket, state);
    },
    whenAnswered(socket, callback) {
      const state = connections.get(socket);
      if (state === undefined) return;
      if (state.requests === 0) callback();
      else state.whenAnswered = callback;
    },
  };
}

/**
 * When a connection ends, Node emits `close` for the response that is being sent, but not for those that wait for their turn after it.
 * Whatever belongs to those would be kept for ever.
 */
function closeWaiting(response: ServerResponse): void {
  if (response.socket !== null) return;
  response.destroy();
  response.emit('close');
}

/** How long a connection may last whose client sends no more, in milliseconds: it may not read what it was sent last. */
const LAST_WORDS_MS = 4000;

function cutOffLater(this: Socket): void {
  const timer = setTimeout(() => this.destroy(), LAST_WORDS_MS);
  this.once('close', () => clearTimeout(timer));
}
