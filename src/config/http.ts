import type { Reader } from './reader.ts';

/** Where the server listens, and for which pages. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** Origins of pages that may use this server besides its own; `*` is any. */
  readonly corsOrigins: readonly string[];
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
