import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { BYTES } from 'yoga-shared-subscriptions';
import type { Outlet } from './outbox.ts';

/** How often an idle stream shows that it is alive, in milliseconds. */
export const KEEP_ALIVE_MS = 12_000;
/** How long a client should wait before it reconnects to a server that stops, at most, in milliseconds. */
const MAX_RETRY_MS = 3000;
/** How long a client may take to read the last message, in milliseconds. */
const GOODBYE_MS = 1000;

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no', // nginx would hold events back
};

/** Says nothing but that the stream is alive. */
export const COMMENT = ':\n\n';

/** The last words of a server that stops: when to come back. Not `complete`, which would say that there is nothing more. */
export function retryHint(): string {
  return `retry: ${Math.round(Math.random() * MAX_RETRY_MS)}\n\n`;
}

/** Settles when a response has been sent whole, or its client does not take it. */
export async function endOf(response: ServerResponse): Promise<void> {
  const limit = AbortSignal.timeout(GOODBYE_MS);
  await finished(response, { signal: limit }).catch(() => undefined);
}

export interface StreamEnd {
  /** How many bytes wait for the client. */
  readonly pendingBytes: () => number;
  /** Ends it at once. */
  readonly endFailed: () => void;
  readonly onSlow: () => void;
}

/** Where an event stream's bytes go. */
export function outletTo(stream: Writable, { pendingBytes, endFailed, onSlow }: StreamEnd): Outlet {
  return {
    get isOpen() {
      return !stream.destroyed && !stream.writableEnded;
    },
    get pendingBytes() {
      return pendingBytes();
    },
    get isCongested() {
      return stream.writableNeedDrain;
    },
    write: (bytes) => void stream.write(bytes, BYTES),
    lend(bytes) {
      stream.write(bytes);
      return false; // what the stream is piped to keeps them
    },
    cork: () => stream.cork(),
    uncork: () => stream.uncork(),
    endSlow() {
      onSlow();
      endFailed();
    },
    endFailed,
  };
}
