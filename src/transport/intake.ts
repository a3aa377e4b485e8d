import { TokenBucket } from './admission/token-bucket.ts';

export interface IntakeLimits {
  /** How many messages a socket may send in a second, pings and pongs among them; 0: no limit. */
  readonly maxMessagesPerSecond: number;
  readonly maxSubscriptionsPerConnection: number;
}

/** How many messages a client may send before it has signed in. It needs one. */
const STRANGER_MESSAGES = 10;
/** How many bytes a client may send before it has signed in: enough for the longest token that is read (16 KiB). */
const STRANGER_BYTES = 20_480;

/** A client that reconnects sends all at once, for each subscription: `subscribe`, the `pong` for its cursor, perhaps `complete`. */
const MESSAGES_PER_SUBSCRIPTION = 4;

/** Limits what one client sends: in total before it has signed in, per second afterwards. A class, since each socket has one. */
export class Intake {
  readonly #limits: IntakeLimits;
  /** Made once the client has signed in. */
  #messages: TokenBucket | undefined;
  #messagesLeft = STRANGER_MESSAGES;
  #bytesLeft = STRANGER_BYTES;

  constructor(limits: IntakeLimits) {
    this.#limits = limits;
  }

  /** Counts a message. `false`: it is one too many. */
  takeMessage(): boolean {
    if (this.#messages !== undefined) return this.#messages.take();
    this.#messagesLeft -= 1;
    return this.#messagesLeft >= 0;
  }

  /** Counts bytes that come before the client has signed in. `false`: there are too many. */
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

/**
 * In how many pieces a message may come: 256, or one for each 256 bytes of the largest message, where that is more. A piece that waits
 * for the rest of its message takes more memory than its bytes.
 */
const MIN_PIECES = 256;
const PIECE_BYTES = 256;

/** How many chunks, or fragments, ws may keep of a message that is not whole yet. */
export function maxPiecesOf(maxMessageBytes: number): number {
  return Math.max(MIN_PIECES, Math.ceil(maxMessageBytes / PIECE_BYTES));
}
