import type { Bytes, Turn } from 'yoga-shared-subscriptions';

/** Where an outbox writes to: a socket, or the body of a response. */
export interface Outlet {
  readonly isOpen: boolean;
  /** Bytes written and not yet taken by the network. */
  readonly pendingBytes: number;
  /** Whether more should wait until the outlet says, by {@link Outbox.drained}, that it has room. */
  readonly isCongested: boolean;
  write(bytes: Bytes | Buffer): void;
  /** Holds back what is written until `uncork`, to be written in one go. */
  cork(): void;
  uncork(): void;
  /** The client does not keep up: end it so that it can resume. */
  endSlow(): void;
}

/** Collects what one turn produces for a client, and writes it in one go. Bounded: a client that does not read is ended. */
export interface Outbox {
  /** Adds bytes of which none may be lost. They leave behind what was added before them, but for what gives way to newer. */
  add(bytes: Bytes): void;
  /** The same with a buffer that others are given too: it is not copied, however long the client takes. */
  addShared(buffer: Buffer): void;
  /** Adds bytes of which only the newest for a slot matters: while the client lags, older ones give way. */
  addNewest(slot: string, bytes: Bytes): void;
  /** Forgets what waits for a slot. */
  clear(slot: string): void;
  /** Writes now what has been added, so that something else can be written behind it. */
  flush(): void;
  /** Settles when what was added has been written and the outlet takes more; `undefined`: it does now. */
  room(): Promise<void> | undefined;
  /** To be called when a congested outlet has room again. */
  drained(): void;
}

/** @param maxBytes how much may wait for a client that has not read what it was sent; beyond it the client is ended. */
export function createOutbox(outlet: Outlet, maxBytes: number, turn: Turn): Outbox {
  return new TurnOutbox(outlet, maxBytes, turn);
}

/** A class, since there is one for each socket: of methods there is one for all of them, of closures one for each. */
class TurnOutbox implements Outbox {
  readonly #outlet: Outlet;
  readonly #maxBytes: number;
  readonly #turn: Turn;
  #waiting: Bytes = '';
  /** What waits before that, where it is not all one string. */
  #parts: (Bytes | Buffer)[] | undefined;
  #partBytes = 0;
  /** Made for the first that needs it: most sockets follow nothing of which only the newest counts. */
  #newest: Map<string, Bytes> | undefined;
  #isScheduled = false;
  #isEnded = false;
  #roomWaiters: (() => void)[] | undefined;

  constructor(outlet: Outlet, maxBytes: number, turn: Turn) {
    this.#outlet = outlet;
    this.#maxBytes = maxBytes;
    this.#turn = turn;
  }

  add(bytes: Bytes): void {
    if (this.#isEnded) return;
    this.#takeNewest(); // they may tell a place behind it
    this.#waiting += bytes;
    this.#schedule();
  }

  addShared(buffer: Buffer): void {
    if (this.#isEnded) return;
    this.#parts ??= [];
    this.#partBytes += this.#waiting.length + buffer.length;
    this.#parts.push(this.#waiting, buffer);
    this.#waiting = '';
    this.#schedule();
  }

  addNewest(slot: string, bytes: Bytes): void {
    if (this.#isEnded) return;
    this.#newest ??= new Map();
    this.#newest.set(slot, bytes);
    this.#schedule();
  }

  clear(slot: string): void {
    this.#newest?.delete(slot);
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#isEnded || !this.#outlet.isOpen) this.#drop();
    else if (this.#isTooSlow()) this.#endSlow();
    else this.#write();
  }

  room(): Promise<void> | undefined {
    if (this.#hasRoom()) return undefined;
    return new Promise((resolve) => {
      this.#roomWaiters ??= [];
      this.#roomWaiters.push(resolve);
    });
  }

  drained(): void {
    this.#tellRoom();
    if (this.#newest !== undefined && this.#newest.size > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#turn.write(this);
  }

  /** Who has taken all there was is not slow, however much there is now: or what is larger than the bound would never get out. */
  #isTooSlow(): boolean {
    const { pendingBytes } = this.#outlet;
    const waiting = this.#waitingBytes;
    return waiting > 0 && pendingBytes > 0 && pendingBytes + waiting > this.#maxBytes;
  }

  get #waitingBytes(): number {
    return this.#partBytes + this.#waiting.length;
  }

  #endSlow(): void {
    this.#isEnded = true;
    this.#drop();
    this.#outlet.endSlow();
  }

  #write(): void {
    this.#takeNewest(); // behind what waits, which may tell a place before it
    if (this.#parts !== undefined) this.#writeParts(this.#parts);
    else if (this.#waiting !== '') this.#writeString();
  }

  #takeNewest(): void {
    if (this.#newest === undefined || this.#newest.size === 0 || this.#outlet.isCongested) return;
    for (const bytes of this.#newest.values()) this.#waiting += bytes;
    this.#newest.clear();
  }

  #writeString(): void {
    const bytes = this.#waiting;
    this.#waiting = '';
    this.#outlet.write(bytes);
    this.#tellRoom();
  }

  #writeParts(parts: readonly (Bytes | Buffer)[]): void {
    const last = this.#waiting;
    this.#forget();
    this.#outlet.cork();
    for (const part of parts) if (part.length > 0) this.#outlet.write(part);
    if (last !== '') this.#outlet.write(last);
    this.#outlet.uncork();
    this.#tellRoom();
  }

  #hasRoom(): boolean {
    return this.#isEnded || !this.#outlet.isOpen || (this.#waitingBytes === 0 && !this.#outlet.isCongested);
  }

  #tellRoom(): void {
    if (this.#roomWaiters === undefined || !this.#hasRoom()) return;
    const waiters = this.#roomWaiters;
    this.#roomWaiters = undefined;
    for (const resolve of waiters) resolve();
  }

  #forget(): void {
    this.#waiting = '';
    this.#parts = undefined;
    this.#partBytes = 0;
  }

  #drop(): void {
    this.#forget();
    this.#newest = undefined;
    this.#tellRoom();
  }
}
