import { messageOf } from '../errors.ts';
import { refusalCode } from './refusal.ts';

/** How often a message is sent through Pub/Sub to this process itself, in milliseconds. */
export const ROUND_TRIP_MS = 3000;
/** This process counts as deaf after this many messages that did not arrive. */
const MAX_MISSED = 2;
/** How long to wait before connections that bring no messages are made once more, in milliseconds: at first, and at most. */
const MIN_RENEWAL_MS = 5000;
const MAX_RENEWAL_MS = 40_000;

export interface RoundTripOptions {
  /** Publishes on this process's own channel: once on each node that events may come from. */
  readonly publish: (payload: string) => readonly Promise<unknown>[];
  /** Whether Redis has confirmed this process's subscription to it, and takes commands. */
  readonly isPossible: () => boolean;
  readonly onDeaf: () => void;
  readonly onRecovered: () => void;
  /** The connections are to be made again. */
  readonly renew: () => void;
  /** A message has arrived, this many milliseconds after it was sent. Default: nobody counts. */
  readonly onArrival?: (ms: number) => void;
}

export interface RoundTrip {
  receive(payload: string): void;
  /** Sends one now. */
  send(): void;
  readonly isDeaf: boolean;
  /** What Redis answers, if it does not let the message be published: nothing can be proven then. */
  readonly refusal: string | undefined;
  close(): void;
}

/** A message on its way, by the number in it. */
interface Sent {
  readonly number: number;
  /** By `performance.now()`. */
  readonly at: number;
  /** How many copies of it have not arrived. */
  missing: number;
}

/**
 * Proves that what is published arrives here. A subscription that Redis has confirmed may bring nothing all the same: it may
 * be held by another Redis than the one that takes the events (after a fail-over, or behind a balancer), or by one that hangs.
 */
export function watchRoundTrip(options: RoundTripOptions): RoundTrip {
  const id = crypto.randomUUID();
  let last = 0;
  /** The messages of the last turns. */
  let underWay: Sent[] = [];
  let missed = 0;
  let isDeaf = false;
  /** What Redis answered when it refused last, and how often it has refused in a row. */
  let refusal: string | undefined;
  let refusals = 0;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let renewalMs = MIN_RENEWAL_MS;

  function send(): void {
    last += 1;
    const publications = options.publish(`${id} ${last}`);
    const sent: Sent = { number: last, at: performance.now(), missing: publications.length };
    underWay = [...underWay.slice(-MAX_MISSED), sent];
    for (const published of publications) {
      published.then(
        () => {
          refusals = 0;
        },
        (error: unknown) => {
          if (refusalCode(error) === 'NOPERM') {
            refusal = messageOf(error);
            refusals += 1;
          }
          sent.missing -= 1; // a node that cannot be reached takes no events either
        },
      );
    }
  }

  function turn(): void {
    const hasMissed = underWay.some(({ missing }) => missing > 0);
    missed = hasMissed && refusals === 0 && options.isPossible() ? missed + 1 : 0;
    if (missed >= MAX_MISSED) fail();
    send();
  }

  function fail(): void {
    if (!isDeaf) options.onDeaf();
    isDeaf = true;
    const now = performance.now();
    if (now - renewedAt < renewalMs) return;
    renewedAt = now;
    renewalMs = Math.min(renewalMs * 2, MAX_RENEWAL_MS);
    options.renew();
  }

  function arrive(): void {
    underWay = [];
    missed = 0;
    if (!isDeaf) return;
    isDeaf = false;
    renewalMs = MIN_RENEWAL_MS;
    options.onRecovered();
  }

  const timer = setInterval(turn, ROUND_TRIP_MS);
  return {
    receive(payload) {
      const [from, number] = payload.split(' ');
      const sent = underWay.find((one) => from === id && one.number === Number(number));
      if (sent === undefined) return;
      sent.missing -= 1;
      if (sent.missing > 0) return;
      options.onArrival?.(performance.now() - sent.at);
      arrive();
    },
    send,
    get isDeaf() {
      return isDeaf;
    },
    get refusal() {
      return refusals > 1 ? refusal : undefined;
    },
    close: () => clearInterval(timer),
  };
}
