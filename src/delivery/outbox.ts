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
  let waiting: Bytes = '';
  const newest = new Map<string, Bytes>();
  let isScheduled = false;
  let isEnded = false;
  let roomSeekers: (() => void)[] = [];

  function hasRoom(): boolean {
    return isEnded || !outlet.isOpen || (waiting.length === 0 && !outlet.isCongested);
  }

  function tellRoom(): void {
    if (roomSeekers.length === 0 || !hasRoom()) return;
    const seekers = roomSeekers;
    roomSeekers = [];
    for (const tell of seekers) tell();
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    turn.write(flush);
  }

  function flush(): void {
    isScheduled = false;
    if (isEnded || !outlet.isOpen) {
      drop();
      return;
    }
    if (isTooSlow()) {
      isEnded = true;
      drop();
      outlet.endSlow();
      return;
    }
    if (newest.size > 0 && !outlet.isCongested) {
      waiting = [...newest.values(), waiting].join(''); // what waits may tell a place behind it
      newest.clear();
    }
    if (waiting === '') return;
    const bytes = waiting;
    waiting = '';
    outlet.write(bytes);
    tellRoom();
  }

  /** Who has taken all there was is not slow, however much there is now: or what is larger than the bound would never get out. */
  function isTooSlow(): boolean {
    const { pendingBytes } = outlet;
    return waiting !== '' && pendingBytes > 0 && pendingBytes + waiting.length > maxBytes;
  }

  function drop(): void {
    waiting = '';
    newest.clear();
    tellRoom();
  }

  return {
    add(bytes) {
      if (isEnded) return;
      waiting += bytes;
      schedule();
    },
    addNewest(slot, bytes) {
      if (isEnded) return;
      newest.set(slot, bytes);
      schedule();
    },
    clear: (slot) => void newest.delete(slot),
    flush,
    room: () => (hasRoom() ? undefined : new Promise((resolve) => roomSeekers.push(resolve))),
    drained() {
      tellRoom();
      if (newest.size > 0) schedule();
    },
  };
}
