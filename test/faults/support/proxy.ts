import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy in front of ports of the loopback, for the running test. */
export interface Proxy {
  readonly port: number;
  /** Breaks every connection. */
  cut(): void;
  /** From now on existing connections carry nothing and stay open, as when a host vanishes. New connections work. */
  silence(): void;
}

/** @param target the port, or what gives that of the next connection, as a balancer does. */
export async function useProxy(target: number | (() => number)): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(typeof target === 'number' ? target : target(), '127.0.0.1');
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => undefined); // `close` follows
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    server.close();
    cut();
  });
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return {
    port,
    cut,
    silence() {
      for (const socket of sockets) socket.pause();
    },
  };
}
