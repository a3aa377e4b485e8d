import { createStopwatch } from './stopwatch.ts';
import { after } from './timer.ts';
import { remainingOf } from './token-expiry.ts';

/** The shortest and the longest wait before a failed renewal is tried again, in milliseconds. */
const RETRY_MS = { least: 1000, most: 10_000 };

export interface RenewalOptions {
  /** How long before its end a session is renewed, in milliseconds. */
  readonly renewBeforeMs: number;
  /** Renews the session; returns its new token. */
  readonly renew: (token: string) => Promise<string>;
}

/**
 * Renews the session of a link in time, again and again. A renewal that fails is tried again until the session is over. Then the
 * server closes the link, and the connection opens another one with a fresh token.
 * @param token the one by which the link was opened just now.
 * @returns how to stop.
 */
export function keepRenewing(token: string, { renewBeforeMs, renew }: RenewalOptions): () => void {
  let isStopped = false;
  let cancel: () => void = () => undefined;

  function schedule(held: string): void {
    const remaining = remainingOf(held);
    if (remaining === undefined) return;
    const since = createStopwatch();
    const remainingNow = (): number => remaining - since.elapsedMs;
    cancel = after(remaining - Math.min(renewBeforeMs, remaining / 3), () => attempt(held, remainingNow));
  }

  function attempt(held: string, remainingNow: () => number): void {
    renew(held).then(
      (next) => {
        if (!isStopped) schedule(next);
      },
      () => {
        const remaining = remainingNow();
        if (isStopped || remaining <= 0) return;
        const waitMs = Math.max(Math.min(remaining / 3, RETRY_MS.most), RETRY_MS.least);
        cancel = after(waitMs, () => attempt(held, remainingNow));
      },
    );
  }

  schedule(token);
  return () => {
    isStopped = true;
    cancel();
  };
}
