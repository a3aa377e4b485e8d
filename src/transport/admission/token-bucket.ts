/** Lets `capacity` items through at once, and `perSecond` in the long run. A class, since each socket and each address has its own. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  #tokens: number;
  /** When `#tokens` was counted, by a clock that cannot be set back. */
  #at = performance.now();

  /** @param capacity `Infinity`: no limit. */
  constructor(capacity: number, perSecond: number) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#tokens = capacity;
  }

  /** Takes a token. `false`: there is none now. */
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

  /** Takes a token even if there is none. The debt is paid before `take` succeeds again. */
  charge(): void {
    this.#refill();
    this.#tokens -= 1;
  }

  /** Gives back a token that need not have been taken. */
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
