import type { Duplex } from 'node:stream';
import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { BYTES, type Bytes } from '../delivery/bytes.ts';
import { createOutbox, type Outbox, type Outlet } from '../delivery/outbox.ts';
import type { Turn } from '../delivery/turn.ts';
import { CloseCode } from './close-codes.ts';
import { isTooDeep } from './nesting.ts';
import { Operations } from './operation-ids.ts';
import type { Session } from './session.ts';
import { encodeText } from './websocket-frame.ts';

export interface ConnectionOptions {
  /** How much may wait for a client, in bytes; a slower one is closed with 1013. */
  readonly maxOutboxBytes: number;
  readonly turn: Turn;
  /** A client was too slow. */
  readonly onSlow: () => void;
}

/**
 * One socket, as graphql-ws sees it (`ProtocolSocket`) and as its outbox does (`Outlet`). A class, since there are many: what
 * they share should exist once.
 */
export class Connection implements ProtocolSocket, Outlet {
  readonly protocol: string;
  readonly socket: WebSocket;
  readonly stream: Duplex;
  readonly outbox: Outbox;
  session: Session | undefined;
  operations: Operations | undefined;
  readonly #onSlow: () => void;

  constructor(socket: WebSocket, stream: Duplex, { maxOutboxBytes, turn, onSlow }: ConnectionOptions) {
    this.protocol = socket.protocol;
    this.socket = socket;
    this.stream = stream;
    this.outbox = createOutbox(this, maxOutboxBytes, turn);
    this.#onSlow = onSlow;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  get pendingBytes(): number {
    return this.stream.writableLength;
  }

  get isCongested(): boolean {
    return this.stream.writableNeedDrain;
  }

  /** Beside ws and not through it: the bytes are whole frames already, and ws writes its own in one piece as well. */
  write(bytes: Bytes | Buffer): void {
    this.stream.write(bytes, BYTES);
  }

  cork(): void {
    this.stream.cork();
  }

  uncork(): void {
    this.stream.uncork();
  }

  endSlow(): void {
    this.#onSlow();
    this.socket.close(CloseCode.TryAgainLater, 'You read too slowly: reconnect and resume');
  }

  send(message: string): void {
    this.outbox.add(encodeText(message));
  }

  close(code: number, reason: string): void {
    this.outbox.flush();
    this.socket.close(code, reason);
  }

  onMessage(handle: (data: string) => Promise<void>): void {
    // It takes what is parsed already, although its types do not say so.
    this.operations = new Operations(handle as (message: unknown) => Promise<void>, () =>
      this.socket.close(CloseCode.SubscriberAlreadyExists, 'An operation of this id exists already'),
    );
  }

  /** Answers a ping with what came with it, as graphql-ws would, which fails where that is nested without end. */
  onPing(payload: unknown): void {
    if (isTooDeep(payload)) this.socket.close(CloseCode.BadRequest, 'Nest the payload less deeply');
    else this.send(JSON.stringify({ type: 'pong', ...(payload !== undefined && { payload }) }));
  }

  /** Settles when all that a message began is over. */
  async receive(data: string): Promise<void> {
    await this.operations?.receive(data);
  }
}
