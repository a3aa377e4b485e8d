import { isIP } from 'node:net';
import type { AddressRange, ProxySettings } from '../transport/client-address.ts';
import type { Reader } from './reader.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
}

/** Where the server listens, and for which pages. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** Where the metrics and the probes have a port of their own; `undefined`: they are on the public one. */
  readonly metrics: Listening | undefined;
  /** Origins of pages that may use this server besides its own; `*` is any. */
  readonly corsOrigins: readonly string[];
  /** The site's own origins, for a proxy that changes `Host`. */
  readonly publicOrigins: readonly string[];
  /** What every path starts with: nothing, or e.g. `/live`. */
  readonly basePath: string;
  /** How long a connection is kept open after a request, in seconds. */
  readonly keepAliveSeconds: number;
  /** Whether clients of WebSockets get compressed messages if they take them. */
  readonly compression: boolean;
  readonly proxies: ProxySettings;
  /** By default off in production. */
  readonly graphiql: boolean;
  /** By default off in production. */
  readonly introspection: boolean;
  /** How long a stop may take, in seconds. */
  readonly shutdownSeconds: number;
}

const MAX_PORT = 65_535;

/** Balancers keep idle connections for 60 s. They must close first: a request could be lost on a connection that the server closes. */
const KEEP_ALIVE_S = 75;

/** Nothing, or parts that stand for themselves in a URL. */
const BASE_PATH = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)*$/;

export function readHttpSettings(read: Reader): HttpSettings {
  const isProduction = read.text('NODE_ENV') === 'production';
  const host = read.textOr('HOST', '127.0.0.1');
  const port = read.integer('PORT', 4000, 0, MAX_PORT);
  return {
    host,
    port,
    metrics: readMetricsListening(read, { host, port }),
    corsOrigins: read.list('CORS_ORIGINS', []).map((origin) => readOrigin('CORS_ORIGINS', origin, read)),
    publicOrigins: read.list('PUBLIC_ORIGIN', []).map((origin) => readOrigin('PUBLIC_ORIGIN', origin, read)),
    proxies: readProxies(read),
    basePath: read.matching(
      'BASE_PATH',
      '',
      BASE_PATH,
      'a path such as /live, with a slash before each part and none at the end; leave it out for the root',
    ),
    compression: read.flag('COMPRESSION', false),
    keepAliveSeconds: read.integer('KEEP_ALIVE_SECONDS', KEEP_ALIVE_S, 1, 86_400),
    graphiql: read.flag('GRAPHIQL', !isProduction),
    introspection: read.flag('INTROSPECTION', !isProduction),
    shutdownSeconds: read.integer('SHUTDOWN_SECONDS', 10, 0, 3600),
  };
}

/** By default the metrics are at the address of the public port: with `HOST=0.0.0.0` a collector elsewhere reaches them. */
function readMetricsListening(read: Reader, open: Listening): Listening | undefined {
  const host = read.text('METRICS_HOST') ?? open.host;
  const port = read.integer('METRICS_PORT', undefined, 0, MAX_PORT);
  if (port === undefined) return undefined;
  if (port === open.port && port !== 0) read.fault('METRICS_PORT must differ from PORT.');
  return { host, port };
}

type OriginSetting = 'CORS_ORIGINS' | 'PUBLIC_ORIGIN';

function readOrigin(setting: OriginSetting, written: string, read: Reader): string {
  if (written === '*' && setting === 'CORS_ORIGINS') return written;
  const origin = URL.canParse(written) ? new URL(written).origin : 'null';
  if (origin === 'null' || origin.includes('*') || origin !== written.replace(/\/$/, '')) {
    read.fault(`${setting} must list origins such as https://dms.example.org, without path or wildcard.`);
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
