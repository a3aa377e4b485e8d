import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../log.ts';

/** Answers a request for a path; how a program adds pages of its own beside the API. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export function notFound(_request: IncomingMessage, response: ServerResponse): void {
  sendJson(response, 404, { status: 'not found' });
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

/** Lets a handler answer. If it fails, the log says why, and the client gets 500. */
export async function answer(
  handle: RequestHandler,
  request: IncomingMessage,
  response: ServerResponse,
  { path, log }: { readonly path: string; readonly log: Logger },
): Promise<void> {
  try {
    await handle(request, response);
  } catch (error) {
    log.error({ err: error, path }, 'a request could not be handled');
    if (response.headersSent) response.destroy();
    else sendJson(response, 500, { status: 'error' });
  }
}
