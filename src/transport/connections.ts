import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of an HTTP server, by what is under way on them. */
export interface HttpConnections {
  /**
   * Ends those on which no request is under way, and the others as soon as theirs is answered; also what is left of those
   * that were upgraded, whose end is told by whoever took them over. Node's own
   * `closeIdleConnections` spares those on which nothing has been sent yet, or half a request, and they may stay for ever.
   */
  closeWhenIdle(): void;
}

export function watchConnections(server: Server): HttpConnections {
  const underWay = new Map<Socket, number>();
  let isClosing = false;

  function count(socket: Socket, change: 1 | -1): void {
    const requests = underWay.get(socket);
    if (requests === undefined) return; // closed
    underWay.set(socket, requests + change);
    endIfIdle(socket);
  }

  function endIfIdle(socket: Socket): void {
    if (isClosing && underWay.get(socket) === 0) socket.destroySoon(); // what was answered still goes out
  }

  server.on('connection', (socket: Socket) => {
    underWay.set(socket, 0);
    socket.once('end', cutOffLater);
    socket.once('close', () => underWay.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });

  return {
    closeWhenIdle() {
      isClosing = true;
      for (const socket of underWay.keys()) endIfIdle(socket);
    },
  };
}

/** How long a connection may last whose client sends no more, in milliseconds: it may not read what it was sent last. */
const LAST_WORDS_MS = 4000;

function cutOffLater(this: Socket): void {
  const timer = setTimeout(() => this.destroy(), LAST_WORDS_MS);
  this.once('close', () => clearTimeout(timer));
}
