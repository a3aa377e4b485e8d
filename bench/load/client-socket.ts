import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { publishedAt } from '../event.ts';
import { monotonicMs } from '../support/clock.ts';
import type { Dialect, Wish } from './dialects.ts';
import { createFrameScanner, encodeFrame, Opcode } from './frames.ts';
import type { Tally } from './tally.ts';

/** One subscriber: a socket with its own code for WebSocket. */
export interface ClientSocket {
  /** Resolves when the subscription has been requested. */
  readonly subscribed: Promise<void>;
  /** Stops reading. Bytes that have arrived but are not read yet are not counted either. */
  stall(): void;
  /** Sends a WebSocket ping, unless one is unanswered: ws accepts only few of them. The tally gets the answer's delay. */
  ping(): void;
  close(): void;
}

export interface ClientSocketOptions extends Wish {
  readonly port: number;
  readonly dialect: Dialect;
  readonly token: string;
  /** Whether every message is read. Otherwise events are only counted, where that is possible. */
  readonly isWatched: boolean;
  /** Returns the current tally. */
  readonly tally: () => Tally;
}

/** All sockets share it, since each chunk is handled before the next is read. */
const readBuffer = Buffer.alloc(256 * 1024);

export function openClientSocket(options: ClientSocketOptions): ClientSocket {
  const { tally, isWatched, dialect } = options;
  let isStalled = false;
  let isClosing = false;
  let pingedAt: number | undefined;
  /** When the chunk was read that is being handled. To ask for the time of each event would cost more than to count it. */
  let readAt = 0;
  let lastWords = 'without a word';
  let upgrade: string | undefined = '';
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const subscribed = new Promise<void>((resolveIt, rejectIt) => {
    resolve = resolveIt;
    reject = rejectIt;
  });

  const scan = createFrameScanner({
    wants: (opcode, length) => isWatched || opcode !== Opcode.Text || length < dialect.eventFrom,
    onFrame(opcode, length, payload) {
      if (opcode === Opcode.Text) receive(length, payload);
      else if (opcode === Opcode.Ping) socket.write(encodeFrame(Opcode.Pong, payload ?? ''));
      else if (opcode === Opcode.Pong) ponged();
      else if (opcode === Opcode.Close) receiveClose(payload);
    },
  });

  const socket: Socket = connect({
    host: '127.0.0.1',
    port: options.port,
    noDelay: true,
    onread: {
      buffer: readBuffer,
      callback(length) {
        take(readBuffer.subarray(0, length));
        return !isStalled;
      },
    },
  });
  socket.once('connect', () => socket.write(upgradeRequest(options)));
  socket.on('error', (error) => {
    lastWords = error.message;
    tally().fault(error.message);
  });
  socket.once('close', () => {
    reject(new Error(`closed before it was subscribed: ${lastWords}`));
    if (!isClosing) tally().closed();
  });

  function take(chunk: Buffer): void {
    readAt = monotonicMs();
    if (upgrade === undefined) return void scan(chunk);
    upgrade += chunk.toString('latin1');
    const end = upgrade.indexOf('\r\n\r\n');
    if (end < 0) return;
    if (!upgrade.startsWith('HTTP/1.1 101')) return void socket.destroy(new Error(upgrade.slice(0, 80)));
    const rest = Buffer.from(upgrade.slice(end + 4), 'latin1');
    upgrade = undefined;
    send(dialect.signIn(options.token));
    if (rest.length > 0) scan(rest);
  }

  function ponged(): void {
    if (pingedAt !== undefined) tally().ponged(monotonicMs() - pingedAt);
    pingedAt = undefined;
  }

  function receiveClose(payload: Buffer | undefined): void {
    if (payload === undefined || payload.length < 2) return;
    lastWords = `${payload.readUInt16BE(0)} ${payload.subarray(2)}`;
    tally().fault(`closed by the server: ${lastWords}`);
  }

  function send(message: object): void {
    socket.write(encodeFrame(Opcode.Text, JSON.stringify(message)));
  }

  function receive(length: number, payload: Buffer | undefined): void {
    if (payload === undefined) tally().received(length, readAt);
    else for (const message of dialect.split(String(payload))) takeMessage(message, length / payload.length);
  }

  /** @param packing how many bytes each byte of it was on the wire. */
  function takeMessage(message: string, packing: number): void {
    switch (dialect.meaningOf(message)) {
      case 'event':
        takeEvent(message, packing);
        break;
      case 'signed in':
        send(dialect.subscribe(options));
        resolve();
        break;
      case 'ping':
        send(dialect.pong);
        break;
      case 'answer':
        break;
      case 'fault':
        tally().fault(`unexpected: ${message}`);
    }
  }

  function takeEvent(message: string, packing: number): void {
    tally().received(Math.round(Buffer.byteLength(message) * packing), readAt);
    if (!isWatched) return;
    const at = publishedAt(message);
    if (at === undefined) tally().fault(`not an event: ${message}`);
    else tally().sampled(readAt - at);
  }

  return {
    subscribed,
    stall() {
      isStalled = true;
      socket.pause();
    },
    ping() {
      if (pingedAt !== undefined || upgrade !== undefined) return; // a ping before the answer to the upgrade would not be HTTP
      pingedAt = monotonicMs();
      socket.write(encodeFrame(Opcode.Ping, ''));
    },
    close() {
      isClosing = true;
      if (isStalled) socket.destroy();
      else socket.end(encodeFrame(Opcode.Close, Buffer.from([0x03, 0xe8])));
    },
  };
}

function upgradeRequest({ port, dialect }: ClientSocketOptions): string {
  return [
    `GET ${dialect.path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...dialect.headers,
    '\r\n',
  ].join('\r\n');
}
