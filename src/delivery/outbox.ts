import type { Bytes } from './bytes.ts';
import type { Turn } from './turn.ts';

/** Where an outbox writes to: a socket, or the body of a response. */
export interface Outlet {
  readonly isOpen: boolean;
  /** Bytes written and not yet taken by the network. */
  readonly pendingBytes: number;
  /** Whether more should wait until the outlet says, by {@link Outbox.drained}, that it has room. */
  readonly isCongested: boolean;
  write(bytes: Bytes): void;
  /** The client does not keep up: end it so that it can resume. */
  endSlow(): void;
}

/** Collects what one turn produces for a client, and writes it in one go. Bounded: a client that does not read is ended. */
export interface Outbox {
  /** Adds bytes of which none may be lost. */
  add(bytes: Bytes): void;
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
  /** Made for the first that needs it: most sockets follow nothing of which only the newest counts. */
  #newest: Map<string, Bytes> | undefined;
  #isScheduled = false;
  #isEnded = false;
  #roomSeekers: (() => void)[] | undefined;

  constructor(outlet: Outlet, maxBytes: number, turn: Turn) {
    this.#outlet = outlet;
    this.#maxBytes = maxBytes;
    this.#turn = turn;
  }

  add(bytes: Bytes): void {
    if (this.#isEnded) return;
    this.#waiting += bytes;
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
      this.#roomSeekers ??= [];
      this.#roomSeekers.push(resolve);
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
    return this.#waiting !== '' && pendingBytes > 0 && pendingBytes + this.#waiting.length > this.#maxBytes;
  }

  #endSlow(): void {
    this.#isEnded = true;
    this.#drop();
    this.#outlet.endSlow();
  }

  #write(): void {
    if (this.#newest !== undefined && this.#newest.size > 0 && !this.#outlet.isCongested) {
      this.#waiting = [...this.#newest.values(), this.#waiting].join(''); // what waits may tell a place behind it
      this.#newest.clear();
    }
    if (this.#waiting === '') return;
    const bytes = this.#waiting;
    this.#waiting = '';
    this.#outlet.write(bytes);
    this.#tellRoom();
  }

  #hasRoom(): boolean {
    return this.#isEnded || !this.#outlet.isOpen || (this.#waiting.length === 0 && !this.#outlet.isCongested);
  }

  #tellRoom(): void {
    if (this.#roomSeekers === undefined || !this.#hasRoom()) return;
    const seekers = this.#roomSeekers;
    this.#roomSeekers = undefined;
    for (const tell of seekers) tell();
  }

  #drop(): void {
    this.#waiting = '';
    this.#newest = undefined;
    this.#tellRoom();
  }
}
