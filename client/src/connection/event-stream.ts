import { createEventStreamParser, type StreamEvent } from './event-stream-parser.ts';
import {
  type Closing,
  extensionsOf,
  type Fault,
  type LinkRequest,
  LOST,
  type Past,
  type Result,
} from './link.ts';
import { type SendDocuments, sentDocument } from './sent-document.ts';

/** Where to ask, as whom, and how. */
export interface Address {
  readonly url: string;
  readonly token: string;
  readonly documents: SendDocuments;
}

/** Posts JSON; `accept` says as what the answer should come. */
export function postJson(
  { url, token }: Address,
  body: unknown,
  accept: string,
  signal: AbortSignal,
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    signal,
    cache: 'no-store',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
}

export const REFUSED: Closing = {
  kind: 'refused',
  reason: 'The server does not take the token: sign in again.',
};

/** What a stream of many operations reports; each is named by its id. */
export interface StreamListener {
  /** The server runs the operations. */
  opened(): void;
  next(id: string, result: Result): void;
  position(id: string, cursor: string): void;
  /** See `LinkSink`. */
  past(id: string, past: Past): void;
  complete(id: string): void;
  /** Something has come, if only a sign of life. */
  received(): void;
}

/**
 * Runs operations over one stream, until it ends. Returns why the link should close; faults: the server runs none of them. Rejects if
 * the network fails, or the stream was stopped.
 */
export async function followStream(
  address: Address,
  operations: Iterable<readonly [id: string, request: LinkRequest]>,
  listener: StreamListener,
  signal: AbortSignal,
): Promise<Closing | readonly Fault[]> {
  const body = Array.from(operations, ([operationId, request]) => ({
    ...sentDocument(request, address.documents),
    variables: request.variables,
    extensions: { operationId, ...extensionsOf(request) },
  }));
  const response = await postJson(address, body, 'text/event-stream; operations=many', signal);
  if (response.status === 401) return REFUSED;
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return readFaults(response);
  listener.opened();
  let closing = LOST;
  const parse = createEventStreamParser((event) => {
    if (!signal.aborted && closing === LOST && !report(event, listener)) closing = REFUSED;
  });
  for await (const text of readText(response)) {
    listener.received();
    parse(text);
    if (closing !== LOST) break;
  }
  return closing;
}

/** Returns false if the session has ended. */
function report({ event, id, data, past }: StreamEvent, listener: StreamListener): boolean {
  if (event === 'next') {
    const { id: operation, payload }: { id: string; payload: Result } = JSON.parse(data ?? ''); // as the protocol has it
    if (payload.errors?.some(isUnauthenticated)) return false;
    listener.next(operation, payload);
  } else if (event === 'complete') listener.complete(JSON.parse(data ?? '').id);
  else if (past !== undefined)
    for (const [operation, announced] of Object.entries<Past>(JSON.parse(past)))
      listener.past(operation, announced);
  else if (id !== undefined)
    for (const [operation, cursor] of Object.entries<string>(JSON.parse(id)))
      listener.position(operation, cursor);
  return true;
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
