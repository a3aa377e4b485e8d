import { TokenBucket } from './admission/token-bucket.ts';

export interface IntakeLimits {
  /** How many messages a socket may send in a second, pings and pongs among them; 0: no limit. */
  readonly maxMessagesPerSecond: number;
  readonly maxSubscriptionsPerConnection: number;
}

/** How many messages a client may send before it has signed in; one would do. */
const STRANGER_MESSAGES = 10;
/** How much it may send by then, in bytes: the longest token that is read (16 KiB), and room around it. */
const STRANGER_BYTES = 20_480;

/**
 * A client that comes back sends for each of its subscriptions `subscribe`, the `pong` for its position, and perhaps `complete`, all at
 * once.
 */
const MESSAGES_PER_SUBSCRIPTION = 4;

/** Limits what one client sends: in all before it has signed in, then by the second. A class, since there is one for each socket. */
export class Intake {
  readonly #limits: IntakeLimits;
  #messages = new TokenBucket(STRANGER_MESSAGES, 0);
  #bytesLeft = STRANGER_BYTES;

  constructor(limits: IntakeLimits) {
    this.#limits = limits;
  }

  /** `false`: it is one message too many. */
  takeMessage(): boolean {
    return this.#messages.take();
  }

  /** For what comes before signing in; `false`: it is too much. */
  takeBytes(count: number): boolean {
    this.#bytesLeft -= count;
    return this.#bytesLeft >= 0;
  }

  signedIn(): void {
    const { maxMessagesPerSecond: perSecond, maxSubscriptionsPerConnection: subscriptions } = this.#limits;
    const burst =
      perSecond === 0 ? Number.POSITIVE_INFINITY : perSecond + MESSAGES_PER_SUBSCRIPTION * subscriptions;
    this.#messages = new TokenBucket(burst, perSecond);
  }
}

/** Pieces in which a message may come, or 256 bytes in each where that is more: what waits for the rest costs more than its bytes. */
const MIN_PIECES = 256;
const PIECE_BYTES = 256;

/** How many chunks, or fragments, ws may keep of a message that is not whole yet. */
export function maxPiecesOf(maxMessageBytes: number): number {
  return Math.max(MIN_PIECES, Math.ceil(maxMessageBytes / PIECE_BYTES));
}
