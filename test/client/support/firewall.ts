import { once } from 'node:events';
import { request as ask, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Addressed } from '../../support/clients.ts';

/** A proxy in front of a server, like some company networks: it passes HTTP, but blocks WebSockets while `isBlocking`. */
export interface Firewall extends Addressed {
  isBlocking: boolean;
}

export async function useFirewall(target: Addressed): Promise<Firewall> {
  const { hostname, port } = new URL(target.url);
  const server = createServer((incoming, response) => {
    const { url = '/', method, headers } = incoming;
    const outgoing = ask({ hostname, port, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  server.on('upgrade', ({ url, headers }, socket, head) => {
    socket.on('error', () => undefined); // `close` follows
    if (firewall.isBlocking) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    const through = connect(Number(port), hostname);
    through.on('error', () => socket.destroy());
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    through.write(`GET ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    through.write(head);
    socket.pipe(through).pipe(socket);
    socket.on('close', () => through.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const firewall: Firewall = { url: `http://127.0.0.1:${address.port}`, isBlocking: true };
  return firewall;
}
