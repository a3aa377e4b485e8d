import type { Link } from '../connection/link.ts';
import type { Phase } from '../connection/status-store.ts';
import { after } from '../connection/timer.ts';
import type { Browser } from './browser.ts';
import { createHub, type Hub } from './hub.ts';
import { type FromLeader, isFromLeader, readMessage } from './messages.ts';
import { takePlace, watchTab } from './place.ts';
import { createSeat } from './seat.ts';

export interface GroupOptions {
  /** Tabs of the same name share. */
  readonly name: string;
  readonly browser: Browser;
  readonly heartbeatMs: number;
  readonly onLink: (link: Link) => void;
  readonly onLinkGone: () => void;
  readonly show: (phase: Phase) => void;
  /** This tab leads: open a link for all. */
  readonly lead: () => void;
  /** It leads no longer: close the link. */
  readonly rest: () => void;
  readonly hurry: () => void;
  readonly reconnect: () => void;
  /** The server runs no more operations for these tabs over one link. */
  readonly onFull: () => void;
  /** The browser gives no locks. */
  readonly onNoLocks: () => void;
}

/** A tab among those that share a connection. */
export interface Group {
  readonly isLeading: boolean;
  /** As the tab that leads: a link has opened, is gone, the phase has changed. */
  attach(link: Link): void;
  detach(): void;
  setPhase(phase: Phase): void;
  /** Asks the tab that leads to make its next attempt now. */
  hurry(): void;
  /** The same, also if it has stopped. */
  reconnect(): void;
  /** Looks whether the tab that leads is still there. */
  check(): void;
  leave(): void;
}

/**
 * How long tabs wait, in milliseconds, before one takes the lead from a tab that does not answer: those that nobody sees let the
 * others go first. If a tab has left, the browser gives the lead to the next one, unless it froze that tab too soon.
 */
const TAKE_MS = { visible: 300, hidden: 2000, left: 500 };

export function joinGroup(options: GroupOptions): Group {
  const { name, browser } = options;
  const { locks } = browser;
  const tab = newId();
  let hub: Hub | undefined;
  /** Whether the tab that leads can watch this one. Else it would take it for one that is gone, and run nothing for it. */
  let isThere = false;
  let hasLeft = false;
  let cancelTaking: () => void = () => undefined;

  const channel = browser.openChannel(name, (data) => {
    const message = readMessage(data);
    if (message === undefined) return;
    if (!isFromLeader(message)) hub?.receive(message);
    else if (hub === undefined && isThere) seat.receive(message);
  });
  const seat = createSeat({
    ...options,
    tab,
    post: (message) => (hub === undefined ? channel.post(message) : hub.receive(message)),
    onLeader: () => cancelTaking(),
    onNoLeader(how) {
      cancelTaking();
      const { visible, hidden, left } = TAKE_MS;
      const waitMs = browser.isVisible ? Math.random() * visible : visible + Math.random() * hidden;
      cancelTaking = after(how === 'left' ? waitMs + left : waitMs, place.take);
    },
  });

  /** A channel does not deliver to the tab that sends. To that tab a message comes after this turn, as to the others. */
  function post(message: FromLeader, isForOthers: boolean): void {
    if (isForOthers) channel.post(message);
    queueMicrotask(() => {
      if (!hasLeft) seat.receive(message);
    });
  }

  function endHub(): void {
    const ended = hub;
    hub = undefined;
    ended?.close();
  }

  const place = takePlace(locks, name, tab, {
    isThere() {
      isThere = true;
      if (hub === undefined) seat.ask();
    },
    leads() {
      cancelTaking();
      seat.leads();
      hub = createHub({
        leader: newId(),
        tab,
        post,
        watchTab: (other, onGone) => watchTab(locks, name, other, onGone),
        hurry: options.hurry,
        reconnect: options.reconnect,
      });
      options.lead();
    },
    lost() {
      endHub();
      options.rest();
      seat.ask();
    },
    refused: options.onNoLocks,
  });

  return {
    get isLeading() {
      return hub !== undefined;
    },
    attach: (link) => hub?.attach(link),
    detach: () => hub?.detach(),
    setPhase: (phase) => hub?.setPhase(phase),
    hurry: () => channel.post({ kind: 'hurry', tab }),
    reconnect: () => channel.post({ kind: 'reconnect', tab }),
    check: seat.check,
    leave() {
      hasLeft = true;
      cancelTaking();
      seat.leave();
      endHub();
      place.leave();
      channel.close();
    },
  };
}

/** Names a tab, or the time for which it leads. */
function newId(): string {
  return `${Date.now().toString(36)}.${Math.random().toString(36).slice(2)}`;
}
