import type { IncomingMessage } from 'node:http';

/** Where the API is, below `BASE_PATH`. */
export const GRAPHQL_PATH = '/graphql';

/** The path of a request, without its query and without a slash at its end: `/graphql/?query=…` asks for `/graphql`. */
export function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const path = url.split('?', 1)[0] ?? '/';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** The query of a request with its `?`, or nothing. */
export function searchOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start);
}
