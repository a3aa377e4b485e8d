import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a client has to read its answer, in milliseconds, while the rest of what it sends is not read. */
const LINGER_MS = 500;

/**
 * Ends the connection of a request that was answered before all of it had come: it was refused. Node would go on reading, and
 * throw away, as much as its client likes to send. The answer says `Connection: close`, so that no client sends its next
 * request there.
 */
export function cutUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request; // which the request lets go when it is destroyed
  const { writeHead } = response;
  response.writeHead = function announceEnd(...head: unknown[]): ServerResponse {
    if (!request.complete) response.shouldKeepAlive = false;
    return Reflect.apply(writeHead, response, head);
  };
  response.once('finish', () => {
    if (request.complete || socket.destroyed) return;
    socket.pause();
    socket.end();
    setTimeout(() => socket.destroy(), LINGER_MS);
  });
}
