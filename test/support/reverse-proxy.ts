import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a proxy does wrong. */
export interface Misbehaviour {
  readonly upgrades?: 'strips' | 'loses protocol';
  /** It passes on an answer when all of it is there. */
  readonly buffers?: boolean;
  /** It says that it has compressed event streams. */
  readonly encoding?: string;
  /** It ends connections on which nothing comes for this time, in milliseconds. */
  readonly idleMs?: number;
  /** Headers of requests that it replaces; `undefined`: removes. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** A reverse proxy in front of a server of the loopback. */
export async function startReverseProxy(target: string, misbehaviour: Misbehaviour) {
  const { upgrades, buffers = false, encoding, idleMs, headers = {} } = misbehaviour;
  const sockets = new Set<Socket | Duplex>();
  const replaced = (given: IncomingHttpHeaders): IncomingHttpHeaders => ({ ...given, ...headers });

  function forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { method, url = '/' } = incoming;
    const sent = request(
      `${target}${url}`,
      { method, headers: ordinary(replaced(incoming.headers)) },
      (answer) => {
        const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true;
        const changed = isStream && encoding !== undefined ? { 'content-encoding': encoding } : {};
        if (buffers && isStream) return void answer.resume();
        response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...changed });
        response.flushHeaders();
        answer.pipe(response);
      },
    );
    sent.on('error', () => response.destroy());
    response.on('close', () => sent.destroy());
    incoming.pipe(sent);
  }

  function upgrade(incoming: IncomingMessage, stream: Duplex): void {
    sockets.add(stream);
    const sent = request(`${target}${incoming.url}`, {
      headers: withoutUndefined(replaced(incoming.headers)),
    });
    sent.on('upgrade', (answer, other) => {
      sockets.add(other);
      const lines = Object.entries(answer.headers)
        .filter(([name]) => !(upgrades === 'loses protocol' && name === 'sec-websocket-protocol'))
        .map(([name, value]) => `${name}: ${String(value)}`);
      stream.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      stream.pipe(other).pipe(stream);
      for (const [one, another] of [
        [stream, other],
        [other, stream],
      ] as const) {
        one.on('error', () => undefined); // `close` follows
        one.on('close', () => another.destroy());
      }
    });
    sent.on('response', (answer) => {
      stream.end(`HTTP/1.1 ${answer.statusCode} No\r\ncontent-length: 0\r\n\r\n`);
      answer.resume();
    });
    sent.on('error', () => stream.destroy());
    sent.end();
  }

  function endIdle(stream: Socket): void {
    if (idleMs !== undefined) stream.setTimeout(idleMs, () => stream.destroy());
  }

  const server = createServer(forward);
  server.on('connection', (socket) => {
    sockets.add(socket);
    endIdle(socket);
  });
  if (upgrades !== 'strips') server.on('upgrade', upgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Of an upgrade that is taken for an ordinary request. */
function ordinary({ connection: _connection, upgrade: _upgrade, ...headers }: IncomingHttpHeaders) {
  return withoutUndefined(headers);
}

function withoutUndefined(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
