import { isIP } from 'node:net';
import type { AddressRange, ProxySettings } from '../transport/client-address.ts';
import type { Reader } from './reader.ts';

/** Where the server listens, and for which pages. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** Origins of pages that may use this server besides its own; `*` is any. */
  readonly corsOrigins: readonly string[];
  readonly proxies: ProxySettings;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** How long a stop may take, in seconds. */
  readonly shutdownSeconds: number;
}

export function readHttpSettings(read: Reader): HttpSettings {
  return {
    host: read.text('HOST') ?? '127.0.0.1',
    port: read.integer('PORT', 4000, 0, 65_535),
    corsOrigins: read.list('CORS_ORIGINS', []).map((origin) => readOrigin(origin, read)),
    proxies: readProxies(read),
    graphiql: read.flag('GRAPHIQL', true),
    introspection: read.flag('INTROSPECTION', true),
    shutdownSeconds: read.integer('SHUTDOWN_SECONDS', 10, 0, 3600),
  };
}

function readOrigin(written: string, read: Reader): string {
  if (written === '*') return written;
  const origin = URL.canParse(written) ? new URL(written).origin : 'null';
  if (origin === 'null' || origin.includes('*') || origin !== written.replace(/\/$/, '')) {
    read.fault('CORS_ORIGINS must list origins such as https://dms.example.org, without path or wildcard.');
  }
  return origin;
}

/** `none`: there is no proxy, so that a peer on the loopback is a client as well. */
function readProxies(read: Reader): ProxySettings {
  const written = read.list('TRUSTED_PROXIES', []);
  const isNone = written.length === 1 && written[0] === 'none';
  const trusted = isNone ? [] : written.flatMap((range) => readRange(range, read) ?? []);
  return { trusted, isLoopbackClient: isNone, isLoopbackExpected: false };
}

function readRange(written: string, read: Reader): AddressRange | undefined {
  const [address = '', prefix, ...rest] = written.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (bits > 0 && length <= bits && rest.length === 0) return { address, prefix: length };
  read.fault(
    'TRUSTED_PROXIES must list addresses or ranges (CIDR) such as 10.0.0.0/8 or 2001:db8::/32, or be none.',
  );
  return undefined;
}
