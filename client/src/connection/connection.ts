import type { Backoff } from './backoff.ts';
import type { Dial } from './dial.ts';
import { type Closing, type Link, LOST } from './link.ts';
import { isOnline } from './page-signals.ts';
import type { StatusStore } from './status-store.ts';
import type { Tokens } from './tokens.ts';
import type { TransportChoice } from './transport-choice.ts';
import type { Transport } from './types.ts';

export interface ConnectionOptions {
  readonly dial: Dial;
  readonly tokens: Tokens;
  readonly backoff: Backoff;
  readonly choice: TransportChoice;
  readonly store: StatusStore;
  /** A link has opened; it takes the place of the one before, if there is one. Returns how to stop what was begun for it. */
  readonly onLink: (link: Link, token: string) => () => void;
  /** The link is gone. */
  readonly onLinkGone: () => void;
  readonly onSessionEnd: (reason: string) => void;
  /** Whether anything needs a link. */
  readonly isWanted: () => boolean;
}

/** Keeps one link open for as long as it is wanted, and reopens it when it breaks. */
export interface Connection {
  /** Connects at once if there is no link, and nothing stands against it. */
  connect(): void;
  /** As `connect`, also if something stands against it. */
  reconnect(): void;
  /** If it waits for its next attempt, makes it now. */
  hurry(): void;
  /**
   * Opens a link of this kind beside the present one, which it then replaces. If that fails it rejects, and all stays as it is; it
   * never settles if the present one breaks meanwhile.
   */
  replace(transport: Transport, token: Promise<string>): Promise<void>;
  /** Cuts the link, and connects no more until `reconnect`. */
  hold(reason: 'browser' | 'disconnected'): void;
  /** The session is over: as `hold`. */
  end(reason: string): void;
  /** Nothing is wanted any more: closes the link, until `connect`. */
  rest(): void;
  readonly link: Link | undefined;
}

/** A link that lasted this long was a good one: the wait after it is a short one again. */
const GOOD_MS = 10_000;
/** How many fresh tokens may be refused over SSE, which does not say why, until the session counts as over. */
const MAX_REFUSALS = 3;

export function createConnection(options: ConnectionOptions): Connection {
  const { dial, tokens, backoff, choice, store } = options;
  let link: Link | undefined;
  let openedAt = 0;
  let isHeld = false;
  let refusals = 0;
  let giveUp: (() => void) | undefined;
  let giveUpReplacing: (() => void) | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let stopUpkeep: (() => void) | undefined;

  function begin(): void {
    clear();
    const transport = choice.next;
    store.enter({ phase: 'connecting', transport });
    giveUp = dial(transport, refusals > 0 ? tokens.fresh() : tokens.current(), {
      opened: adopt,
      failed: (closing) =>
        goOn(closing, closing.kind === 'lost' && isOnline() && choice.failed(transport), transport),
      noToken: () => goOn(LOST, false, transport),
      closed,
    });
  }

  function adopt(opened: Link, token: string): void {
    const previous = link;
    stopUpkeep?.();
    link = opened;
    openedAt = performance.now();
    refusals = 0;
    choice.opened(opened.transport);
    const { transport } = opened;
    if (previous?.transport !== transport) store.enter({ phase: 'live', transport });
    stopUpkeep = options.onLink(opened, token);
    previous?.close();
  }

  function closed(gone: Link, closing: Closing): void {
    if (gone !== link) return;
    drop();
    if (performance.now() - openedAt > GOOD_MS) backoff.reset();
    goOn(closing, false, gone.transport);
  }

  /** Leaves nothing open or under way. */
  function drop(): void {
    clear();
    const gone = link;
    link = undefined;
    stopUpkeep?.();
    stopUpkeep = undefined;
    if (gone === undefined) return;
    options.onLinkGone();
    gone.close();
  }

  function clear(): void {
    clearTimeout(retry);
    giveUp?.();
    giveUpReplacing?.();
    retry = giveUp = giveUpReplacing = undefined;
  }

  function goOn(closing: Closing, isAtOnce: boolean, transport: Transport): void {
    switch (closing.kind) {
      case 'signed-out':
        end(closing.reason);
        break;
      case 'stopped':
        isHeld = true;
        store.enter({ phase: 'stopped', code: closing.code, reason: closing.reason });
        break;
      case 'refused':
        refusals += 1;
        if (transport === 'sse' && refusals > MAX_REFUSALS) end(closing.reason);
        else if (refusals === 1) begin();
        else wait(transport);
        break;
      case 'lost':
        if (isAtOnce) begin();
        else wait(transport);
    }
  }

  function wait(transport: Transport): void {
    if (!isOnline()) {
      store.enter({ phase: 'offline', reason: 'browser' });
      return;
    }
    const waitMs = backoff.next();
    store.enter({ phase: 'reconnecting', retryAt: Date.now() + waitMs, transport });
    retry = setTimeout(begin, waitMs);
  }

  function end(reason: string): void {
    if (store.status.phase === 'signed-out') return;
    isHeld = true;
    drop();
    store.enter({ phase: 'signed-out', reason });
    options.onSessionEnd(reason);
  }

  return {
    get link() {
      return link;
    },
    connect() {
      if (!isHeld && link === undefined && giveUp === undefined && retry === undefined) begin();
    },
    reconnect() {
      isHeld = false;
      refusals = 0;
      backoff.reset();
      if (!options.isWanted()) store.enter({ phase: 'idle' });
      else if (link === undefined && store.status.phase !== 'connecting') begin();
    },
    hurry() {
      const { phase } = store.status;
      if (phase === 'reconnecting' || (phase === 'offline' && !isHeld)) begin();
    },
    replace(transport, token) {
      giveUpReplacing?.();
      return new Promise((resolve, reject) => {
        giveUpReplacing = dial(transport, token, {
          opened(opened, held) {
            adopt(opened, held);
            resolve();
          },
          failed: ({ kind }) => reject(new Error(`No ${transport} now: ${kind}`)),
          noToken: () => reject(new Error(`No ${transport} now: there is no token`)),
          closed,
        });
      });
    },
    hold(reason) {
      if (reason === 'disconnected') isHeld = true;
      else if (isHeld) return; // for a better reason
      drop();
      store.enter({ phase: 'offline', reason });
    },
    end,
    rest() {
      drop();
      if (!isHeld) store.enter({ phase: 'idle' });
    },
  };
}
