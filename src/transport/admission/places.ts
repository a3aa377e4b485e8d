/** Why a client was refused. A closed set: each is a label of the metric `dms_live_refused_total`. */
export const LIMITS = [
  /** Sockets of an address that are not signed in. */
  'sockets',
  /** Requests of an address without a session. */
  'requests',
  /** Sockets and requests without a session, of all addresses together. */
  'strangers',
  /** New connections of an address in a minute. */
  'connections',
  /** Refused tokens of an address in a minute. */
  'tokens',
  /** Messages of a socket in a second, and bytes before it is signed in. */
  'messages',
] as const;

export type LimitName = (typeof LIMITS)[number];

/**
 * How long a stranger has to sign in before it may be sent away to make room for another, in milliseconds. With less time, slow
 * clients that come in a crowd would push each other out.
 */
const GRACE_MS = 3000;

/** A bounded number of places for strangers. */
export class Places {
  readonly limit: LimitName;
  readonly #size: number;
  /** The strangers that may be sent away; the one that has waited longest comes first. */
  readonly #waiting = new Set<Stranger>();
  #taken = 0;

  /** @param size how many there are; 0: no limit. */
  constructor(limit: LimitName, size: number) {
    this.limit = limit;
    this.#size = size;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * Whether there is a place. If all are taken, the stranger that has waited longest without signing in is sent away to make one.
   * Holding a place costs nothing, so without this an attacker could keep everybody else of an address out.
   */
  makeRoom(): boolean {
    if (this.#size === 0 || this.#taken < this.#size) return true;
    const [longest] = this.#waiting;
    if (longest === undefined || performance.now() - longest.waitingSince < GRACE_MS) return false;
    longest.sendAway();
    return true;
  }

  take(): void {
    this.#taken += 1;
  }

  release(stranger: Stranger): void {
    this.#taken -= 1;
    this.#waiting.delete(stranger);
  }

  /** The stranger may be sent away from now on, after all that wait already. */
  wait(stranger: Stranger): void {
    this.#waiting.delete(stranger);
    this.#waiting.add(stranger);
  }

  /** The stranger may not be sent away. */
  keep(stranger: Stranger): void {
    this.#waiting.delete(stranger);
  }
}

/** A socket or a request without a session. It holds a place of each kind that it needs, or none at all. */
export class Stranger {
  readonly #places: readonly Places[];
  #isIn = false;
  #dismiss: (limit: LimitName) => void = () => undefined;
  waitingSince = 0;

  constructor(...places: readonly Places[]) {
    this.#places = places;
  }

  /** Takes its places, or returns the limit that is reached. */
  enter(): LimitName | undefined {
    if (this.#isIn) return undefined;
    const full = this.#places.find((places) => !places.makeRoom());
    if (full !== undefined) return full.limit;
    this.#isIn = true;
    for (const places of this.#places) places.take();
    return undefined;
  }

  /**
   * The stranger may be sent away from now on.
   * @param dismiss ends it, since another got its places.
   */
  wait(dismiss: (limit: LimitName) => void): void {
    this.#dismiss = dismiss;
    this.waitAgain();
  }

  waitAgain(): void {
    if (!this.#isIn) return;
    this.waitingSince = performance.now();
    for (const places of this.#places) places.wait(this);
  }

  /** The stranger may not be sent away: something is under way, such as the check of its token. */
  keep(): void {
    for (const places of this.#places) places.keep(this);
  }

  /** It is gone, or has signed in. */
  leave(): void {
    if (!this.#isIn) return;
    this.#isIn = false;
    for (const places of this.#places) places.release(this);
  }

  sendAway(): void {
    this.leave();
    this.#dismiss(this.#places[0]?.limit ?? 'strangers');
  }
}
