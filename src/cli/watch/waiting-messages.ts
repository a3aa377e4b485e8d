import type { BusMessage } from '../../bus/bus.ts';

/** How many bytes of messages may wait to be shown; each counts a little more than its payload. */
const MAX_BYTES = 16 * 1024 * 1024;
const OVERHEAD = 500;
/** How many are shown together: Redis is asked about all of them at once. */
const BATCH = 200;

/** Messages that came in, and wait to be shown. Those that come faster than they can be shown are left out, and counted. */
export interface WaitingMessages {
  add(message: BusMessage): void;
  /** Shows what waits, and from now on what comes. */
  open(): void;
  close(): void;
}

export interface WaitingOptions {
  readonly show: (messages: readonly BusMessage[]) => Promise<void>;
  /** After what was shown, this number is missing. */
  readonly onLeftOut: (count: number) => void;
  /** Default: 16 MiB. */
  readonly maxBytes?: number;
}

export function createWaitingMessages({
  show,
  onLeftOut,
  maxBytes = MAX_BYTES,
}: WaitingOptions): WaitingMessages {
  let waiting: BusMessage[] = [];
  let bytes = 0;
  let leftOut = 0;
  /** Whether somebody takes care of what waits, or nobody may yet. */
  let isTaken = true;

  async function showAll(): Promise<void> {
    isTaken = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH);
      await show(batch);
      bytes -= batch.reduce((sum, message) => sum + sizeOf(message), 0);
      if (waiting.length > 0 || leftOut === 0) continue;
      onLeftOut(leftOut);
      leftOut = 0;
    }
    isTaken = false;
  }

  return {
    add(message) {
      const size = sizeOf(message);
      if (leftOut > 0 || (waiting.length > 0 && bytes + size > maxBytes)) {
        leftOut += 1; // until it was said how many, so that they are missing in one place
        return;
      }
      waiting.push(message);
      bytes += size;
      if (!isTaken) void showAll();
    },
    open: () => void showAll(),
    close() {
      waiting = [];
    },
  };
}

const sizeOf = ({ payload }: BusMessage): number => payload.length + OVERHEAD;
