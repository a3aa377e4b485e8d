import { type AttemptOptions, createAttempts } from './attempts.ts';
import { type Closing, type Link, LOST } from './link.ts';
import { createStopwatch } from './stopwatch.ts';
import type { Tokens } from './tokens.ts';
import type { TransportChoice } from './transport-choice.ts';
import type { Transport } from './types.ts';

export interface ConnectionOptions extends AttemptOptions {
  readonly tokens: Tokens;
  readonly choice: TransportChoice;
  /** A link has opened by this token; it takes the place of the one before, if there is one. */
  readonly onLink: (link: Link, token: string) => void;
  /** Keeps a link that has opened in good order. Returns how to stop. */
  readonly keepUp: (link: Link, token: string) => () => void;
  /** The link is gone. */
  readonly onLinkGone: () => void;
  readonly onSessionEnd: (reason: string) => void;
  /** Whether anything needs a link. */
  readonly isWanted: () => boolean;
}

/** Keeps one link open for as long as it is wanted, and reopens it when it breaks. */
export interface Connection {
  /** Connects at once, unless there is a link, an attempt is under way, or the connection is held. */
  connect(): void;
  /** As `connect`, also if it is held. */
  reconnect(): void;
  /** Makes the next attempt now, if it waits for that; the wait after it is a short one. */
  hurry(): void;
  /**
   * Opens a second link, by this transport. Once it is open, it replaces the present one. Rejects if it cannot be opened: then the
   * present link stays. Never settles if the present link breaks meanwhile.
   */
  replace(transport: Transport, token: Promise<string>): Promise<void>;
  /** Cuts the link. `disconnected`: the connection is held until `reconnect`. `browser`: it waits for `hurry`, and tries slowly. */
  hold(reason: 'browser' | 'disconnected'): void;
  /** The session is over: cuts the link, and holds the connection. `onSessionEnd` is called after `farewell`, if there is one. */
  end(reason: string, farewell?: Promise<void>): void;
  /** Nothing is wanted any more: closes the link, until `connect`. */
  rest(): void;
  /** Looks whether the other side of the link is still there. */
  check(): void;
  readonly link: Link | undefined;
}

/** A link that lasted this long was a good one: the wait after it is a short one again. */
const GOOD_MS = 10_000;
/**
 * Over SSE the server does not say why it refuses a token. After more refusals in a row than this, and for longer than this, the
 * session counts as over. A token of the very second in which the user's role has changed is refused like those from before.
 */
const MAX_REFUSALS = { count: 3, ms: 2000 };

export function createConnection(options: ConnectionOptions): Connection {
  const { tokens, backoff, choice, store } = options;
  const current = createCurrentLink(options);
  const attempts = createAttempts(options, { opened: adopt, closed });
  let isHeld = false;
  const refusals = createRefusals();

  function begin(): void {
    const transport = choice.next;
    attempts.begin(transport, refusals.count > 0 ? tokens.fresh() : tokens.current(), {
      failed: (closing) => goOn(closing, closing.kind === 'lost' && choice.failed(transport), transport),
      noToken: () => goOn(LOST, false, transport),
    });
  }

  function adopt(opened: Link, token: string): void {
    refusals.forget();
    current.adopt(opened, token);
  }

  function closed(gone: Link, closing: Closing): void {
    if (gone !== current.link) return;
    if (current.isGood) backoff.reset();
    drop();
    goOn(closing, closing.kind === 'lost' && closing.isLate === true, gone.transport);
  }

  /** Leaves nothing open or under way. */
  function drop(): void {
    attempts.giveUp();
    current.drop();
  }

  /** @param isAtOnce whether another attempt need not wait. */
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
        refusals.note();
        if (transport === 'sse' && refusals.areForGood) end(closing.reason);
        else if (refusals.count === 1) begin();
        else attempts.wait(transport, begin);
        break;
      case 'lost':
        if (isAtOnce) begin();
        else attempts.wait(transport, begin);
    }
  }

  function end(reason: string, farewell?: Promise<void>): void {
    if (store.status.phase === 'signed-out') return;
    isHeld = true;
    drop();
    store.enter({ phase: 'signed-out', reason });
    if (farewell === undefined) options.onSessionEnd(reason);
    else void farewell.then(() => options.onSessionEnd(reason));
  }

  return {
    get link() {
      return current.link;
    },
    connect() {
      if (!isHeld && current.link === undefined && !attempts.areUnderWay) begin();
    },
    reconnect() {
      isHeld = false;
      refusals.forget();
      backoff.reset();
      if (!options.isWanted()) store.enter({ phase: 'idle' });
      else if (current.link === undefined && store.status.phase !== 'connecting') begin();
    },
    hurry() {
      const { phase } = store.status;
      if (phase !== 'reconnecting' && (phase !== 'offline' || isHeld)) return;
      backoff.reset();
      begin();
    },
    replace: attempts.replace,
    hold(reason) {
      if (reason === 'disconnected') isHeld = true;
      else if (isHeld) return; // for a reason that stays when the browser is online again
      drop();
      if (reason === 'browser') attempts.waitForBrowser(begin);
      else store.enter({ phase: 'offline', reason });
    },
    end,
    check: () => current.link?.check(),
    rest() {
      drop();
      if (!isHeld) store.enter({ phase: 'idle' });
    },
  };
}

/** Counts the tokens that were refused in a row. */
function createRefusals() {
  const sinceFirst = createStopwatch();
  let count = 0;
  return {
    get count() {
      return count;
    },
    get areForGood() {
      return count > MAX_REFUSALS.count && sinceFirst.elapsedMs > MAX_REFUSALS.ms;
    },
    note(): void {
      if (count === 0) sinceFirst.restart();
      count += 1;
    },
    forget(): void {
      count = 0;
    },
  };
}

/** The link that is open, if there is one, and what is done for it. */
function createCurrentLink({
  choice,
  store,
  onLink,
  keepUp,
  onLinkGone,
}: Pick<ConnectionOptions, 'choice' | 'store' | 'onLink' | 'keepUp' | 'onLinkGone'>) {
  let link: Link | undefined;
  let openedAt = 0;
  let stopUpkeep: (() => void) | undefined;
  return {
    get link() {
      return link;
    },
    /** Whether it has lasted so long that the next wait may be a short one. */
    get isGood() {
      return performance.now() - openedAt > GOOD_MS;
    },
    /** Puts a link that has opened in the place of the present one. */
    adopt(opened: Link, token: string): void {
      const previous = link;
      const { transport } = opened;
      stopUpkeep?.();
      link = opened;
      openedAt = performance.now();
      choice.opened(transport);
      if (previous?.transport !== transport) store.enter({ phase: 'live', transport });
      onLink(opened, token);
      stopUpkeep = keepUp(opened, token);
      previous?.close();
    },
    drop(): void {
      const gone = link;
      link = undefined;
      stopUpkeep?.();
      stopUpkeep = undefined;
      if (gone === undefined) return;
      onLinkGone();
      gone.close();
    },
  };
}
