/**
 * Where Redis is:
 * - `redis://[user:password@]host[:port][/db]`, `rediss://…` with TLS
 * - `redis+sentinel://[user:password@]host[:port],host[:port]/name-of-primary[/db]`, `rediss+sentinel://…`
 * - `redis+cluster://[user:password@]host[:port],host[:port]`, `rediss+cluster://…`
 */
export interface RedisAddress {
  readonly form: 'single' | 'sentinel' | 'cluster';
  readonly nodes: readonly RedisNode[];
  /** The primary's name among the sentinels. */
  readonly primaryName?: string;
  readonly database: number;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** The account for the sentinels, which have accounts of their own. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

const REDIS_URL = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?#@]+)((?:\/[^/?#]*)*)\/?$/;
const DEFAULT_PORTS = { single: 6379, sentinel: 26379, cluster: 6379 } as const;

/** Reads a Redis URL. Throws an error that says which form it should have. The error never has the URL, which may hold a password. */
export function parseRedisUrl(url: string): RedisAddress {
  const match = REDIS_URL.exec(url);
  if (match === null) {
    throw new TypeError(
      'must look like redis://host:6379, redis+sentinel://host:26379,host:26379/primary or redis+cluster://host:6379,host:6379',
    );
  }
  const [, scheme, topology = 'single', credentials, hosts = '', path = ''] = match;
  const form = topology === 'sentinel' || topology === 'cluster' ? topology : 'single';
  const nodes = hosts.split(',').map((host) => parseNode(host, DEFAULT_PORTS[form]));
  if (form === 'single' && nodes.length > 1) {
    throw new TypeError('names several hosts: use redis+sentinel:// or redis+cluster://');
  }
  const segments = path.split('/').filter((segment) => segment !== '');
  const primaryName = form === 'sentinel' ? segments.shift() : undefined;
  if (form === 'sentinel' && primaryName === undefined) {
    throw new TypeError('lacks the primary’s name: redis+sentinel://host:26379/primary');
  }
  const database = parseDatabase(segments);
  if (form === 'cluster' && database !== 0) throw new TypeError('names a database: a cluster has but one');
  const [username, password] = splitCredentials(credentials);
  return {
    form,
    nodes,
    database,
    tls: scheme === 'rediss',
    ...(primaryName !== undefined && { primaryName }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

function parseNode(written: string, defaultPort: number): RedisNode {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(written);
  const port = Number(match?.[2] ?? defaultPort);
  if (match?.[1] === undefined || port > 65_535)
    throw new TypeError('has a host or port that cannot be read');
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
}

function parseDatabase(segments: readonly string[]): number {
  const [database = '0', ...rest] = segments;
  if (!/^\d{1,4}$/.test(database) || rest.length > 0) throw new TypeError('has a database that is no number');
  return Number(database);
}

function splitCredentials(credentials: string | undefined): [string | undefined, string | undefined] {
  if (credentials === undefined) return [undefined, undefined];
  const [username = '', ...password] = credentials.split(':');
  return [
    username === '' ? undefined : decodeURIComponent(username),
    password.length === 0 ? undefined : decodeURIComponent(password.join(':')),
  ];
}
