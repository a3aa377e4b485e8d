import type { ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { LiveError, RateLimitError } from '../errors.ts';
import { formatError } from '../graphql/format.ts';

export const NO_STREAM = new LiveError(
  'BAD_USER_INPUT',
  'There is no such stream here: it has ended, or another process has it. Reserve another one.',
);
export const OF_SEVERAL_WORKERS = new LiveError(
  'BAD_USER_INPUT',
  'Streams cannot be reserved here: this server runs several workers, and a stream is known to one of them. Open it with ' +
    'all operations in one request (Accept: text/event-stream; operations=many), or run the server with WORKERS=1.',
);
export const TAKEN = new LiveError('BAD_USER_INPUT', 'This stream is open already: reserve another one.');
export const EXISTS = new LiveError('BAD_USER_INPUT', 'An operation of this id runs already.');

function statusOf(error: unknown, code: unknown): number {
  if (error === NO_STREAM) return 404;
  if (error === OF_SEVERAL_WORKERS) return 501;
  if (error === TAKEN || error === EXISTS) return 409;
  if (error instanceof RateLimitError) return 429;
  switch (code) {
    case 'UNAUTHENTICATED':
      return 401;
    case 'LIMIT_EXCEEDED':
      return 413;
    case 'BAD_USER_INPUT':
      return 400;
    case 'SERVICE_UNAVAILABLE':
      return 503;
    default:
      return 500;
  }
}

export interface RefusalOptions {
  readonly maskError: (error: unknown) => GraphQLError;
  /** For metrics. */
  readonly onErrors: (errors: readonly GraphQLError[]) => void;
}

/** Answers a request of single connection mode that cannot be served. */
export function refuse(
  response: ServerResponse,
  error: unknown,
  { maskError, onErrors }: RefusalOptions,
): void {
  if (response.destroyed) return; // its client has gone
  const masked = maskError(error);
  onErrors([masked]);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(statusOf(error, masked.extensions['code']), {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(error instanceof RateLimitError && { 'retry-after': `${error.retryAfterSeconds}` }),
  });
  response.end(JSON.stringify({ errors: [formatError(masked)] }));
}
