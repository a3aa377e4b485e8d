import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long a client has to read its answer, in milliseconds, while the rest of what it sends is not read. */
const LINGER_MS = 500;

/**
 * Ends the connection of a request that is answered before its whole body came: it was refused. Node would go on reading, and
 * throw away, as much as the client likes to send. The answer says `Connection: close`, so that the client does not send its
 * next request there.
 */
export function cutUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  if (!hasBody(request)) return;
  const { socket } = request; // which the request lets go when it is destroyed
  const { writeHead } = response;
  response.writeHead = function announceEnd(...head: unknown[]): ServerResponse {
    if (!request.complete) {
      response.shouldKeepAlive = false;
      // Node calls this once the answer is written. By itself it would reset the connection, and the answer could be lost.
      socket.destroySoon = () => linger(socket);
    }
    return Reflect.apply(writeHead, response, head);
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function linger(socket: Socket): void {
  socket.pause();
  socket.end();
  setTimeout(() => socket.destroy(), LINGER_MS);
}
