import { messageOf } from '../errors.ts';

export interface FetchOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** The largest answer that is read, in bytes. */
  readonly maxBytes: number;
}

/** The answer has another status than 200. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: number;

  constructor(status: number) {
    const isRedirect = status >= 300 && status < 400;
    super(
      isRedirect
        ? `status ${status}: redirects are not followed, name the final URL (mind its last slash)`
        : `status ${status}`,
    );
    this.status = status;
  }
}

/**
 * Reads JSON from another server. Redirects are not followed: a token goes where the settings say, and nowhere else. Throws
 * {@link StatusError}, and for whatever else goes wrong what {@link reasonOf} can name; the answer is in no message.
 */
export async function fetchJson(url: URL, { headers, signal, maxBytes }: FetchOptions): Promise<unknown> {
  const response = await fetch(url, { headers, redirect: 'manual', signal });
  try {
    if (response.status !== 200) throw new StatusError(response.status);
    return parseJson(await readBody(response, maxBytes));
  } finally {
    response.body?.cancel().catch(() => undefined); // read to its end, or of no use
  }
}

async function readBody({ body }: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new Error('an answer that is not JSON'); // the parser's own error would quote it
  }
}

/** What `fetch` throws says no more than that it failed; why is in its cause, of which some have only a code. */
export function reasonOf(error: unknown): string {
  const cause = (error instanceof TypeError ? error.cause : undefined) ?? error;
  const message = messageOf(cause);
  if (message !== '') return message;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}
