import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LiveError, type RequestHandler, sendJson } from 'dms-live';
import { withCausedEvents } from './caused-events.ts';
import type { Endpoint, Reply } from './endpoint.ts';
import { badRequest, notFound, RestError } from './rest-error.ts';
import type { SignIn } from './sign-in.ts';

/** The largest body, in bytes. */
const MAX_BODY_BYTES = 65_536;

/** Answers requests for `/api/…`, with or without a slash at the end. */
export function createRestApi(endpoints: readonly Endpoint[], { identify }: SignIn): RequestHandler {
  async function answer(request: IncomingMessage): Promise<Reply> {
    const [path = '', query] = request.url?.split('?') ?? [];
    const matches = endpoints.flatMap((endpoint) => {
      const places = match(endpoint.path, path);
      return places === undefined ? [] : [{ endpoint, places }];
    });
    if (matches.length === 0) throw notFound();
    const found = matches.find(({ endpoint }) => endpoint.method === request.method);
    if (found === undefined) throw new RestError(405, `Method ${request.method} not allowed.`);
    return found.endpoint.answer({
      places: found.places,
      query: new URLSearchParams(query),
      idempotencyKey: headerOf(request, 'idempotency-key'),
      readBody: () => readBody(request),
      identify: () => identify(request),
    });
  }

  return async (request, response) => {
    const reply = await withCausedEvents(
      () => answer(request).catch(replyTo),
      (header) => response.setHeader('dms-live-events', header),
    );
    if (reply.status === 401) response.setHeader('www-authenticate', 'Bearer');
    // What is left of a body that nobody read would be taken for the next request.
    if (!request.complete) response.setHeader('connection', 'close');
    await send(response, reply);
  };
}

async function send(response: ServerResponse, { status, body, stream, headers }: Reply): Promise<void> {
  if (stream !== undefined) {
    response.writeHead(status, { ...headers, 'cache-control': 'no-store' });
    // A client that goes away in the middle is no fault of the server's.
    await pipeline(Readable.from(stream), response).catch(() => response.destroy());
  } else if (body === undefined) response.writeHead(status, { 'cache-control': 'no-store' }).end();
  else sendJson(response, status, body);
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const written = headers[name];
  return Array.isArray(written) ? written.join(', ') : written;
}

/** What stands at a path's places, if it fits. */
function match(path: string, asked: string): Record<string, string> | undefined {
  const pattern = path.split('/');
  const parts = asked.replace(/\/$/, '').split('/');
  if (parts.length !== pattern.length) return undefined;
  const places: Record<string, string> = {};
  for (const [index, name] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (name.startsWith(':')) places[name.slice(1)] = part;
    else if (name !== part) return undefined;
  }
  return places;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed when it is too large: the answer has to go the same way.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RestError(413, `A body of more than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw badRequest('The body is no JSON.');
  }
}

const STATUS_OF: Partial<Record<LiveError['code'], number>> = {
  UNAUTHENTICATED: 401,
  SERVICE_UNAVAILABLE: 503,
};

/** What went as expected wrong; anything else is the server's fault, and is logged there. */
function replyTo(error: unknown): Reply {
  const status = error instanceof LiveError ? STATUS_OF[error.code] : undefined;
  if (error instanceof RestError) {
    const { status: code, message, conflict } = error;
    return { status: code, body: { detail: message, ...(conflict && { conflict }) } };
  }
  if (error instanceof LiveError && status !== undefined) return { status, body: { detail: error.message } };
  throw error;
}
