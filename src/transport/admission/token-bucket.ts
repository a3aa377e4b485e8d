/**
 * Lets through `capacity` at once, and `perSecond` of them in the long run. A class, since each socket and each address has its
 * own.
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  #tokens: number;
  /** When `#tokens` was true. By a clock that cannot be set back. */
  #at = performance.now();

  /** @param capacity `Infinity`: no limit. */
  constructor(capacity: number, perSecond: number) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#tokens = capacity;
  }

  /** Takes one; `false`: there is none now. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  get isEmpty(): boolean {
    this.#refill();
    return this.#tokens < 1;
  }

  /** Takes one also where there is none: what is owed is paid before others get any. */
  charge(): void {
    this.#refill();
    this.#tokens -= 1;
  }

  /** Gives back what need not have been taken. */
  giveBack(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + 1);
  }

  #refill(): void {
    const now = performance.now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
  }
}

/** @param limit per minute; 0: no limit. */
export function perMinute(limit: number): TokenBucket {
  return limit === 0 ? new TokenBucket(Number.POSITIVE_INFINITY, 0) : new TokenBucket(limit, limit / 60);
}
