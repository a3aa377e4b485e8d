import type { Bytes, Turn } from 'yoga-shared-subscriptions';

/** What an outbox writes to: a socket, or the body of a response. */
export interface Outlet {
  readonly isOpen: boolean;
  /** Bytes that were written and have not been taken by the network yet. */
  readonly pendingBytes: number;
  /** Whether to wait until the outlet has room again, which it reports by {@link Outbox.drained}. */
  readonly isCongested: boolean;
  write(bytes: Bytes | Buffer): void;
  /** Writes bytes that others change afterwards. Returns whether all have left: if not, the buffer must stay as it is. */
  lend(bytes: Buffer): boolean;
  /** Holds back what is written until `uncork`, so that it leaves together. */
  cork(): void;
  uncork(): void;
  /** The client is too slow: end it, in a way that lets it resume. */
  endSlow(): void;
  /** What was queued for the client is lost, by a fault of ours: end it, in a way that lets it resume. */
  endFailed(): void;
}

/** Bytes that are put into a shared buffer when they are written. */
export interface Printed {
  readonly length: number;
  /** The bytes, until the next call by anybody who shares the buffer. */
  print(): Buffer;
  /** What was printed must stay as it is: the next call takes another buffer. */
  giveAway(): void;
}

/** Collects what one turn of the event loop produces for a client, and writes it at once. A client that does not read is ended. */
export interface Outbox {
  /** Queues bytes that must not be lost, after everything queued before. Replaceable bytes (`addNewest`) may be skipped. */
  add(bytes: Bytes): void;
  /** The same with a buffer that is shared with other outboxes: it is not copied, however long the client takes. */
  addShared(buffer: Buffer): void;
  /** The same with bytes that are printed when they are written. */
  addPrinted(printed: Printed): void;
  /**
   * Queues bytes that are made when they are written. What many sockets send in a turn is then not in memory for all of them at once,
   * in pieces that the garbage collector must look at again and again: a burst takes half the CPU time.
   * @param add adds the bytes.
   */
  defer(add: () => void): void;
  /** Queues bytes that replace those queued before for the same slot: a slow client skips the older ones. */
  addNewest(slot: string, bytes: Bytes): void;
  /** Drops what waits for a slot. */
  clear(slot: string): void;
  /** Writes now what has been queued, so that something else can be written after it. */
  flush(): void;
  /** Resolves when everything queued was written and the outlet has room; `undefined`: that is so now. */
  room(): Promise<void> | undefined;
  /** The outlet calls this when it has room again. */
  drained(): void;
}

/** @param maxBytes how much may wait for a client that has not read what it was sent; beyond that it is ended. */
export function createOutbox(outlet: Outlet, maxBytes: number, turn: Turn): Outbox {
  return new TurnOutbox(outlet, maxBytes, turn);
}

type Part = Bytes | Buffer | Printed;

/** A class, since there is one for each socket: all of them share the methods, while closures would be made for each. */
class TurnOutbox implements Outbox {
  readonly #outlet: Outlet;
  readonly #maxBytes: number;
  readonly #turn: Turn;
  #waiting: Bytes = '';
  /** What waits before `#waiting`, if it is not all one string. */
  #parts: Part[] | undefined;
  #partBytes = 0;
  /** What adds the bytes that come after `#parts` and `#waiting`. */
  #deferred: (() => void)[] | undefined;
  /** Made only when it is needed: most sockets have no replaceable bytes. */
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
    this.#addDeferred();
    this.#takeNewest(); // the new bytes may carry a position after it
    this.#waiting += bytes;
    this.#schedule();
  }

  addShared(buffer: Buffer): void {
    this.#addPart(buffer);
  }

  addPrinted(printed: Printed): void {
    this.#addPart(printed);
  }

  defer(add: () => void): void {
    if (this.#isEnded) return;
    this.#takeNewest();
    this.#deferred ??= [];
    this.#deferred.push(add);
    this.#schedule();
  }

  addNewest(slot: string, bytes: Bytes): void {
    if (this.#isEnded) return;
    this.#addDeferred();
    this.#newest ??= new Map();
    this.#newest.set(slot, bytes);
    this.#schedule();
  }

  clear(slot: string): void {
    this.#newest?.delete(slot);
  }

  flush(): void {
    const isOver = this.#isEnded || !this.#outlet.isOpen;
    if (!isOver) this.#addDeferred(); // before the next line, so that nothing is scheduled again
    this.#isScheduled = false;
    if (isOver) this.#drop();
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
    this.#reportRoom();
    if (this.#newest !== undefined && this.#newest.size > 0) this.#schedule();
  }

  #addPart(part: Buffer | Printed): void {
    if (this.#isEnded) return;
    this.#addDeferred();
    this.#parts ??= [];
    this.#partBytes += this.#waiting.length + part.length;
    this.#parts.push(this.#waiting, part);
    this.#waiting = '';
    this.#schedule();
  }

  #addDeferred(): void {
    const deferred = this.#deferred;
    if (deferred === undefined) return;
    this.#deferred = undefined;
    try {
      for (const add of deferred) add();
    } catch (error) {
      this.#end();
      this.#outlet.endFailed();
      this.#turn.gather(() => {
        throw error; // reported as every failure of a turn is; thrown here, it could disturb other clients
      });
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#turn.write(this);
  }

  /** A client with nothing pending is never slow, even if this batch alone exceeds the limit: otherwise it could never be sent. */
  #isTooSlow(): boolean {
    const { pendingBytes } = this.#outlet;
    const waiting = this.#waitingBytes;
    return waiting > 0 && pendingBytes > 0 && pendingBytes + waiting > this.#maxBytes;
  }

  get #waitingBytes(): number {
    return this.#partBytes + this.#waiting.length;
  }

  #endSlow(): void {
    this.#end();
    this.#outlet.endSlow();
  }

  #end(): void {
    this.#isEnded = true;
    this.#drop();
  }

  #write(): void {
    this.#takeNewest(); // after what waits, which may carry a position before it
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
    this.#reportRoom();
  }

  #writeParts(parts: readonly Part[]): void {
    const all = [...parts, this.#waiting];
    this.#forget();
    this.#outlet.cork();
    for (const part of all) {
      if (typeof part === 'object' && 'print' in part) this.#print(part);
      else if (part.length > 0) this.#outlet.write(part);
    }
    this.#outlet.uncork();
    this.#reportRoom();
  }

  /** Not held back: a buffer that is kept by no outlet needs no copy for the next one. */
  #print(printed: Printed): void {
    this.#outlet.uncork();
    if (!this.#outlet.lend(printed.print())) printed.giveAway();
    this.#outlet.cork();
  }

  get #isEmpty(): boolean {
    return this.#waitingBytes === 0 && this.#deferred === undefined;
  }

  #hasRoom(): boolean {
    return this.#isEnded || !this.#outlet.isOpen || (this.#isEmpty && !this.#outlet.isCongested);
  }

  #reportRoom(): void {
    if (this.#roomWaiters === undefined || !this.#hasRoom()) return;
    const waiters = this.#roomWaiters;
    this.#roomWaiters = undefined;
    for (const resolve of waiters) resolve();
  }

  #forget(): void {
    this.#deferred = undefined;
    this.#waiting = '';
    this.#parts = undefined;
    this.#partBytes = 0;
  }

  #drop(): void {
    this.#forget();
    this.#newest = undefined;
    this.#reportRoom();
  }
}
