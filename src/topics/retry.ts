/**
 * p-retry is not used here. It counts attempts; what counts here is for how long Redis has refused without a break, while an outage
 * is waited out however long it lasts. With p-retry this rule would stay, and only the loop would go.
 */
import { isRefusal } from '../bus/refusal.ts';
import { messageOf } from '../errors.ts';

/** How long to wait before reading again what could not be read, in milliseconds. */
const RETRY_MS = 250;
/** How long Redis may refuse to be read before that is taken as its answer, in milliseconds. */
const MAX_REFUSED_MS = 4000;

export interface RetryOptions {
  /** Whether the answer is still wanted; if not, the next failure is thrown. */
  readonly isWanted: () => boolean;
  readonly onRetry: (reason: string) => void;
  /** How long a refusal is waited out, in milliseconds. Default: some seconds. */
  readonly maxRefusedMs?: number;
}

/**
 * Reads, and waits out whatever keeps Redis away, however long that lasts. A refusal is waited out for some seconds: a password or
 * a right may be on its way, and Redis may be loading its data.
 * @throws what Redis answered last, if it refuses for longer; at once where the key is no log, which time does not mend.
 */
export async function retry<Result>(
  read: () => Promise<Result>,
  { isWanted, onRetry, maxRefusedMs = MAX_REFUSED_MS }: RetryOptions,
): Promise<Result> {
  let refusedSince: number | undefined;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const now = performance.now();
      refusedSince = isRefusal(error) ? (refusedSince ?? now) : undefined;
      const isRefused = refusedSince !== undefined && now - refusedSince >= maxRefusedMs;
      if (!isWanted() || isRefused || isForGood(error)) throw error;
      onRetry(messageOf(error));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function isForGood(error: unknown): boolean {
  return messageOf(error).startsWith('WRONGTYPE');
}
