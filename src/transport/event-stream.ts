import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';

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
