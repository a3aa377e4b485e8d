import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket as ProtocolSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { BYTES, type Bytes, type Turn } from 'yoga-shared-subscriptions';
import type { Session } from '../auth/session.ts';
import type { Visitor } from '../auth/viewer.ts';
import type { SocketVisit } from './admission/admission.ts';
import { CloseCode } from './close-codes.ts';
import { Intake, type IntakeLimits } from './intake.ts';
import { isTooDeep } from './nesting.ts';
import { Operations } from './operations.ts';
import { createOutbox, type Outbox, type Outlet } from './outbox.ts';
import { encodeText } from './websocket-frame.ts';

export interface ConnectionOptions extends IntakeLimits {
  /** How much may wait for a client, in bytes; a slower one is closed with 1013. */
  readonly maxOutboxBytes: number;
  readonly turn: Turn;
  /** A client was too slow. */
  readonly onSlow: () => void;
  /** A client sent more than it may. */
  readonly onOverrun: (visitor: Visitor, session: Session | undefined) => void;
  /** A client sent what the protocol does not allow: its socket is closed with this code. */
  readonly onMisuse: (sender: Visitor | Session, code: number) => void;
}

/** The name of the only extension that is ever agreed on (RFC 7692). */
const COMPRESSION = 'permessage-deflate';

/** How long a client that is hung up on has to read why, in milliseconds. */
const HANG_UP_MS = 500;

/**
 * One socket, as graphql-ws sees it (`ProtocolSocket`) and as its outbox does (`Outlet`). A class, since there are many: what
 * they share should exist once.
 */
export class Connection implements ProtocolSocket, Outlet {
  readonly protocol: string;
  /** Whether its client takes compressed messages. */
  readonly isCompressed: boolean;
  readonly socket: WebSocket;
  readonly stream: Duplex;
  readonly outbox: Outbox;
  readonly visitor: Visitor;
  session: Session | undefined;
  operations: Operations | undefined;
  /** Until it has signed in. */
  visit: SocketVisit | undefined;
  /** The number of the part of all sockets with which it is pinged (keep-alive.ts); `undefined` until its part is chosen. */
  part: number | undefined;
  /** Whether it has not answered its last ping. */
  isSilent = false;
  readonly #options: ConnectionOptions;
  readonly #intake: Intake;
  #countBytes: ((chunk: Buffer) => void) | undefined;

  constructor(socket: WebSocket, stream: Duplex, visit: SocketVisit, options: ConnectionOptions) {
    this.protocol = socket.protocol;
    this.isCompressed = socket.extensions === COMPRESSION;
    this.socket = socket;
    this.stream = stream;
    this.visitor = { address: visit.address, transport: 'websocket' };
    this.visit = visit;
    this.outbox = createOutbox(this, options.maxOutboxBytes, options.turn);
    this.#options = options;
    this.#intake = new Intake(options);
    visit.opened(() => this.hangUp(CloseCode.TryAgainLater, 'Others need the place: reconnect and sign in'));
    this.#countBytes = ({ length }) => this.#takeBytes(length);
    stream.on('data', this.#countBytes);
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

  /** A `Socket` of Node gives bytes to the kernel at once, as far as they fit. Other streams may pass on the buffer itself. */
  lend(bytes: Buffer): boolean {
    this.stream.write(bytes);
    return this.stream.writableLength === 0 && this.stream instanceof Socket;
  }

  cork(): void {
    this.stream.cork();
  }

  uncork(): void {
    this.stream.uncork();
  }

  endSlow(): void {
    this.#options.onSlow();
    this.socket.close(CloseCode.TryAgainLater, 'You read too slowly: reconnect and resume');
  }

  endFailed(): void {
    this.socket.close(CloseCode.InternalError, 'Internal error: reconnect and resume');
  }

  send(message: string): void {
    this.outbox.add(encodeText(message));
  }

  /** Closes it for what its client sent; graphql-ws does so as well. Who ends it for another reason says that in the security log. */
  close(code: number, reason: string): void {
    if (this.isOpen) this.noteMisuse(code);
    this.end(code, reason);
  }

  noteMisuse(code: number): void {
    this.#options.onMisuse(this.session ?? this.visitor, code);
  }

  /** Closes it after what was sent. */
  end(code: number, reason: string): void {
    this.outbox.flush();
    this.socket.close(code, reason);
  }

  /** Closes it without waiting for an answer, and reads no more: the client does what it should not. */
  hangUp(code: number, reason: string): void {
    this.socket.close(code, reason);
    this.cutOff();
  }

  /** Reads no more of a socket that is being closed: ws would, and throw away, until the client has closed it too. */
  cutOff(): void {
    this.socket.pause();
    setImmediate(() => this.socket.pause()); // after an error ws resumes it at the next tick
    setTimeout(() => this.socket.terminate(), HANG_UP_MS);
  }

  signedIn(session: Session): void {
    this.session = session;
    this.visit = undefined;
    this.#intake.signedIn();
    if (this.#countBytes !== undefined) this.stream.off('data', this.#countBytes);
    this.#countBytes = undefined;
  }

  /** Counts a message, a ping or a pong. `false`: it is not to be dealt with any more. */
  takeMessage(): boolean {
    if (this.#intake.takeMessage()) return this.isOpen;
    this.#overrun(CloseCode.TooManyRequests, 'Too many messages');
    return false;
  }

  /** Counts a pong, by which the client has answered its ping. */
  takePong(): void {
    this.isSilent = false;
    this.takeMessage();
  }

  #takeBytes(count: number): void {
    if (!this.#intake.takeBytes(count)) this.#overrun(CloseCode.MessageTooBig, 'Sign in first');
  }

  #overrun(code: CloseCode, reason: string): void {
    if (this.socket.isPaused) return; // it is hung up on already, and this is what was read before
    this.#options.onOverrun(this.visitor, this.session);
    if (this.isOpen) this.hangUp(code, reason);
    else this.socket.terminate(); // it was closed, and goes on sending
  }

  onMessage(handle: (data: string) => Promise<void>): void {
    // It takes what is parsed already, although its types do not say so.
    this.operations = new Operations(handle as (message: unknown) => Promise<void>, () =>
      this.close(CloseCode.SubscriberAlreadyExists, 'An operation of this id exists already'),
    );
  }

  /** Answers a ping with what came with it, as graphql-ws would, which fails where that is nested without end. */
  onPing(payload: unknown): void {
    if (isTooDeep(payload)) this.close(CloseCode.BadRequest, 'Nest the payload less deeply');
    else this.send(JSON.stringify({ type: 'pong', ...(payload !== undefined && { payload }) }));
  }

  /** Settles when all that a message began is over. */
  receive(data: string): Promise<void> {
    return this.operations?.receive(data) ?? Promise.resolve();
  }
}
