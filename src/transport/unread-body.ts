import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a client has to read its answer, in milliseconds, while the rest of what it sends is not read. */
const LINGER_MS = 500;

/**
 * Ends the connection of a request that was answered before all of it had come: it was refused. Node would go on reading, and
 * throw away, as much as its client likes to send.
 */
export function cutUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request; // which the request lets go when it is destroyed
  response.once('finish', () => {
    if (request.complete || socket.destroyed) return;
    socket.pause();
    socket.end();
    setTimeout(() => socket.destroy(), LINGER_MS);
  });
}
