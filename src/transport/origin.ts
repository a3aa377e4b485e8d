import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from '../log.ts';
import type { SecurityLog } from '../record/security-log.ts';

type OriginHeaders = Pick<IncomingHttpHeaders, 'origin' | 'host'>;

/**
 * Whether a page of the origin that a request names may use the server.
 * @param address the client's, for the security log; `undefined`: not known.
 */
export type OriginCheck = (headers: OriginHeaders, address: string | undefined) => boolean;

export interface OriginOptions {
  /** Origins of the site itself, for a proxy that changes `Host`. */
  readonly publicOrigins: readonly string[];
  /** Origins of other pages that may use the server; `*` is any. */
  readonly corsOrigins: readonly string[];
  readonly securityLog: SecurityLog;
  readonly log: Pick<Logger, 'warn'>;
}

/** How many refused origins are logged; anybody can make up more. */
const MAX_LOGGED = 100;
/** How much of a header is logged. */
const MAX_LENGTH = 200;

/**
 * Lets in pages of the server's own origin, and of those that `PUBLIC_ORIGIN` and `CORS_ORIGINS` list. Programs that are no
 * browser send no origin and may. A browser does not apply CORS to WebSockets, so the upgrade asks here too. A refused origin
 * is logged once.
 */
export function createOriginCheck({
  publicOrigins,
  corsOrigins,
  securityLog,
  log,
}: OriginOptions): OriginCheck {
  const listed = new Set([...publicOrigins, ...corsOrigins]);
  const publicHosts = new Set(publicOrigins.map((origin) => new URL(origin).host));
  const isAny = listed.has('*');
  const logged = new Set<string>();

  function isAllowed({ origin, host }: OriginHeaders): boolean {
    if (origin === undefined || isAny || listed.has(origin)) return true;
    if (host === undefined || !URL.canParse(origin)) return false;
    const from = new URL(origin);
    // For the site itself the scheme is known: a page that came over http is not the one of https.
    return !publicHosts.has(from.host) && isSameHost(from, host);
  }

  function report({ origin, host }: OriginHeaders): void {
    const shown = describe(origin);
    if (logged.has(shown) || logged.size > MAX_LOGGED) return;
    logged.add(shown);
    if (logged.size > MAX_LOGGED) log.warn('further refused origins are not logged');
    else log.warn({ origin: shown, host: host?.slice(0, MAX_LENGTH) }, REFUSED);
  }

  return (headers, address) => {
    const isLetIn = isAllowed(headers);
    if (!isLetIn) {
      report(headers);
      securityLog.note({
        event: 'origin.refused',
        origin: describe(headers.origin),
        address: address ?? null,
      });
    }
    return isLetIn;
  };
}

const REFUSED =
  'pages of this origin are refused: if it is the site itself, whose proxy changes Host, set PUBLIC_ORIGIN to it; otherwise add it to CORS_ORIGINS';

/** A proxy may write the default port into `Host`, which no origin has. */
function isSameHost({ protocol, host }: URL, written: string): boolean {
  if (host === written) return true;
  const address = `${protocol}//${written}`;
  if (!URL.canParse(address)) return false;
  const named = new URL(address);
  return named.host === host && named.href === `${protocol}//${host}/`;
}

function describe(origin = ''): string {
  if (!URL.canParse(origin)) return origin === 'null' ? 'null' : '(not an origin)';
  return new URL(origin).origin.slice(0, MAX_LENGTH);
}
