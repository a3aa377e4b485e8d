import { createEventStreamParser, type StreamEvent } from './event-stream-parser.ts';
import {
  type Closing,
  extensionsOf,
  type Fault,
  type LinkRequest,
  type LinkSink,
  LOST,
  type Result,
} from './link.ts';

/** Where to ask, and as whom. */
export interface Address {
  readonly url: string;
  readonly token: string;
}

/** Posts GraphQL; `accept` says as what the answer should come. */
export function postGraphQL(
  { url, token }: Address,
  request: LinkRequest,
  accept: string,
  signal: AbortSignal,
): Promise<Response> {
  const { query, variables } = request;
  return fetch(url, {
    method: 'POST',
    signal,
    cache: 'no-store',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables, extensions: extensionsOf(request) }),
  });
}

export const REFUSED: Closing = {
  kind: 'refused',
  reason: 'The server does not take the token: sign in again.',
};

/**
 * Runs one operation over one stream, until it is over. Returns why the link should close: the stream broke, or the session has
 * ended; `undefined`: only the operation has ended, and the sink was notified. Rejects if the network fails, or it was stopped.
 * @param received something has come, if only a sign of life.
 */
export async function followStream(
  address: Address,
  request: LinkRequest,
  sink: LinkSink,
  received: () => void,
  signal: AbortSignal,
): Promise<Closing | undefined> {
  const response = await postGraphQL(address, request, 'text/event-stream', signal);
  if (response.status === 401) return REFUSED;
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    sink.ended(await readFaults(response));
    return undefined;
  }
  let closing: Closing | undefined = LOST; // as long as nothing else was said
  const parse = createEventStreamParser((event) => {
    if (signal.aborted) return;
    const result = event.event === 'next' ? readResult(event) : undefined;
    if (result?.errors?.some(isUnauthenticated)) closing = REFUSED;
    else if (result !== undefined) sink.next(result);
    else if (event.event === 'complete' && closing !== REFUSED) {
      closing = undefined;
      sink.ended([]);
    } else if (event.past !== undefined) {
      const [ms = Number.NaN, now = Number.NaN] = event.past.split(' ').map(Number);
      if (ms >= 0 && now >= 0) sink.past(ms, now);
    } else if (event.id !== undefined) sink.position(event.id);
  });
  for await (const text of readText(response)) {
    received();
    parse(text);
  }
  return closing;
}

async function* readText(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function readResult({ data }: StreamEvent): Result | undefined {
  return data === undefined ? undefined : (JSON.parse(data) as Result); // as the protocol has it
}

function isUnauthenticated({ extensions }: Fault): boolean {
  return extensions?.code === 'UNAUTHENTICATED';
}

/** The faults in an answer that is no stream. An answer of something else than the server, such as a proxy, may be tried again. */
async function readFaults(response: Response): Promise<readonly Fault[]> {
  const answer: Result | undefined = await response.json().catch(() => undefined);
  if (answer?.errors !== undefined && answer.errors.length > 0) return answer.errors;
  return [
    { message: `The server answered ${response.status}.`, extensions: { code: 'SERVICE_UNAVAILABLE' } },
  ];
}
