/** Connections that can send any bytes, from any address. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Addressed } from './clients.ts';

export interface RawSocket {
  readonly socket: Socket;
  /** The status of the response; 0 if the connection ended without one. */
  readonly status: Promise<number>;
  /** All received bytes, as Latin-1. */
  readonly text: string;
  /** The code of the received close frame; 0 if the connection ended without one. */
  readonly closeCode: Promise<number>;
  /** Settles when the server has ended the connection or cut it off. */
  readonly ended: Promise<void>;
}

export interface RawSocketOptions {
  /** The client's own address: some 127.x.x.x. */
  readonly localAddress?: string;
  /** True if the client stays connected after the server has ended its side. */
  readonly ignoresEnd?: boolean;
}

/** A TCP connection to a server, for the running test. */
export function useRawSocket({ url }: Addressed, options: RawSocketOptions = {}): RawSocket {
  const { localAddress, ignoresEnd: allowHalfOpen = false } = options;
  const port = Number(new URL(url).port);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen, ...(localAddress && { localAddress }) });
  onTestFinished(() => void socket.destroy());
  let text = '';
  let arrived: () => void = () => undefined;
  socket.on('error', () => undefined); // the server cut it off
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    arrived();
  });
  const ended = new Promise<void>((resolve) => {
    socket.once('end', resolve);
    socket.once('close', () => resolve());
  });
  void ended.then(() => arrived());

  async function find(pattern: RegExp, read: (found: string) => number): Promise<number> {
    for (;;) {
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) return read(found);
      if (socket.destroyed || socket.readableEnded) return 0;
      await new Promise<void>((resolve) => {
        const before = arrived;
        arrived = () => {
          before();
          resolve();
        };
      });
    }
  }

  return {
    socket,
    status: find(/^HTTP\/1\.1 (\d{3})/, Number),
    get text() {
      return text;
    },
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the bytes of a close frame
    closeCode: find(/\r\n\r\n.*\x88[\x02-\x7d](.{2})/s, (bytes) =>
      Buffer.from(bytes, 'latin1').readUInt16BE(),
    ),
    ended,
  };
}

/** The handshake of a WebSocket, as bytes. */
export function handshake(headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'graphql-transport-ws',
    ...headers,
  };
  return request('GET', all);
}

/** A request to /graphql, as bytes. */
export function request(method: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${[`${method} /graphql HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body}`;
}

export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;

/**
 * A frame of a client (RFC 6455, section 5.2), with a mask of zeros. @param announced the length in the header, if it differs
 * from the payload's.
 */
export function frame(
  opcode: number,
  payload: string | Buffer = '',
  { fin = true, announced = -1 } = {},
): Buffer {
  const data = Buffer.from(payload);
  const length = announced < 0 ? data.length : announced;
  const header =
    length < 126 ? Buffer.from([0, 0x80 | length]) : Buffer.from([0, 0x80 | 126, length >> 8, length & 0xff]);
  header[0] = (fin ? 0x80 : 0) | opcode;
  return Buffer.concat([header, Buffer.alloc(4), data]);
}

/** A socket after its upgrade. */
export async function useUpgraded(
  app: Addressed,
  options: RawSocketOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RawSocket> {
  const raw = useRawSocket(app, options);
  raw.socket.write(handshake(options.headers));
  const status = await raw.status;
  if (status !== 101) throw new Error(`not upgraded but ${status}`);
  return raw;
}

/** Signs a raw socket in. */
export async function signIn({ socket }: RawSocket, token: string): Promise<void> {
  const init = { type: 'connection_init', payload: { authorization: `Bearer ${token}` } };
  socket.write(frame(Opcode.Text, JSON.stringify(init)));
  const [chunk] = await once(socket, 'data');
  if (!String(chunk).includes('connection_ack')) throw new Error('not acknowledged');
}
