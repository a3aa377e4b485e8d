import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpConnections } from './http-connections.ts';

/** How many headers Node keeps by default. It drops the others; the length of the body may be among them. */
const MAX_HEADERS = 1000;
/** The headers that make the offer. They are left out once it is declined. */
const OFFER = new Set(['upgrade', 'http2-settings']);

export function isWebSocketUpgrade({ headers: { upgrade } }: IncomingMessage): boolean {
  return upgrade === 'websocket' || listOf(upgrade).includes('websocket'); // nearly every client sends just that
}

/**
 * A client may offer to go on in another protocol: Java's HttpClient and `curl --http2` offer h2c with every request. A server
 * may ignore that (RFC 9110, 7.8). Once somebody listens for upgrades, though, Node leaves all of these requests to the
 * listener, unanswered and their bodies unread. So the connection is given back to the server, without the offer.
 */
export function ignoreOtherUpgrades(server: Server, connections: HttpConnections): void {
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, rest: Buffer) => {
    if (isWebSocketUpgrade(request)) return;
    const socket = request.socket;
    const giveUp = (): void => void socket.destroy();
    socket.on('error', giveUp);
    if (request.rawHeaders.length >= 2 * MAX_HEADERS) {
      stream.end(
        'HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
      );
      stream.once('finish', giveUp);
      return;
    }
    const giveBack = (): void => {
      socket.off('error', giveUp);
      if (socket.destroyed || socket.writableEnded) return;
      socket.unshift(Buffer.concat([writeHead(request), rest])); // in one piece, so that nothing comes between
      server.emit('connection', socket);
    };
    // Requests before this one may still be without an answer, and answers go out in order. Not at once: the parser that has
    // read this one is still on the stack.
    connections.whenAnswered(socket, () => process.nextTick(giveBack));
  });
}

/**
 * The head of a request, without its offer. Node has read every byte of a header as one character, and has found it free of
 * line breaks; so this is what came, and is parsed by the same rules.
 */
function writeHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    const key = name.toLowerCase();
    if (OFFER.has(key)) continue;
    const kept =
      key === 'connection'
        ? listOf(value)
            .filter((option) => !OFFER.has(option))
            .join(', ')
        : value;
    if (key !== 'connection' || kept !== '') lines.push(`${name}: ${kept}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function listOf(value = ''): readonly string[] {
  return value
    .toLowerCase()
    .split(',')
    .map((item) => item.trim());
}
