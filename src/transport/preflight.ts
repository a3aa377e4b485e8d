import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OriginCheck } from './origin.ts';

/** What clients send besides what a browser always lets them. */
const KNOWN_HEADERS = ['authorization', 'content-type', 'last-event-id'];
/** One name of a header (RFC 9110, 5.6.2), or several. */
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+( *, *[\w!#$%&'*+.^`|~-]+)*$/;
const MAX_ASKED_LENGTH = 1000;
/** For how long a browser may remember the answer, in seconds; each has a limit of its own (Chromium: two hours). */
const MAX_AGE_S = 86_400;

/** Answers what a browser asks before the request of a page of another origin. It costs no session and no GraphQL. */
export function answerPreflight(
  { headers }: IncomingMessage,
  response: ServerResponse,
  isAllowedOrigin: OriginCheck,
  address: string | undefined,
): void {
  const { origin } = headers;
  response.setHeader('allow', 'GET, HEAD, POST, PUT, DELETE, OPTIONS');
  response.setHeader('vary', 'Origin, Access-Control-Request-Headers');
  if (origin !== undefined && isAllowedOrigin(headers, address)) {
    response.setHeader('access-control-allow-origin', origin);
    const asked = headers['access-control-request-method'];
    response.setHeader(
      'access-control-allow-methods',
      asked === 'PUT' || asked === 'DELETE' ? asked : 'GET, POST',
    );
    response.setHeader(
      'access-control-allow-headers',
      allowedHeaders(headers['access-control-request-headers']).join(','),
    );
    response.setHeader('access-control-max-age', MAX_AGE_S);
  }
  response.writeHead(204).end();
}

/** Those that clients of ours send, so that one answer serves all their requests, and whatever else a page asks for: none can do harm. */
function allowedHeaders(asked = ''): readonly string[] {
  const isReadable = asked.length <= MAX_ASKED_LENGTH && HEADER_NAMES.test(asked);
  const names = isReadable ? asked.split(',').map((name) => name.trim().toLowerCase()) : [];
  return [...new Set([...KNOWN_HEADERS, ...names])];
}
