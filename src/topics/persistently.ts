import { messageOf } from '../errors.ts';

/** How long to wait before reading again what could not be read, in milliseconds. */
const RETRY_MS = 250;

export interface Persistence {
  /** Whether the answer is still wanted; if not, the next failure is thrown. */
  readonly isWanted: () => boolean;
  readonly onRetry: (reason: string) => void;
}

/** Reads, and waits out whatever keeps Redis away; only a refusal ends it. */
export async function persistently<Result>(
  read: () => Promise<Result>,
  { isWanted, onRetry }: Persistence,
): Promise<Result> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!isWanted() || isRefusal(error)) throw error;
      onRetry(messageOf(error));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Redis is there and will not: the account may not read, or the key is something else. */
function isRefusal(error: unknown): boolean {
  return /^(NOPERM|NOAUTH|WRONGTYPE)/.test(messageOf(error));
}
