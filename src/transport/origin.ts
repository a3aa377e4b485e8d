import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of this origin may use the server: its own, or one that `CORS_ORIGINS` lists. Programs that are no browser
 * send no origin and may. A browser does not apply CORS to WebSockets, so the upgrade asks here too.
 */
export function isAllowedOrigin(
  headers: Pick<IncomingHttpHeaders, 'origin' | 'host'>,
  allowed: readonly string[],
): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
