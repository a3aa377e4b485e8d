import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { whenProven } from './redis-link.ts';

export type RedisConnection = Redis | Cluster;

/**
 * Where Redis is:
 * - `redis://[user:password@]host[:port][/db]`, `rediss://…` with TLS
 * - `redis+sentinel://[user:password@]host[:port],host[:port]/name-of-primary[/db]`, `rediss+sentinel://…`
 * - `redis+cluster://[user:password@]host[:port],host[:port]`, `rediss+cluster://…`
 */
export interface RedisAddress {
  readonly form: 'single' | 'sentinel' | 'cluster';
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** The name that the sentinels know the primary by. */
  readonly primaryName?: string;
  readonly database: number;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** Of the sentinels, which have accounts of their own. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

const REDIS_URL = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/?#@]+)((?:\/[^/?#]*)*)\/?$/;
const DEFAULT_PORTS = { single: 6379, sentinel: 26379, cluster: 6379 } as const;

/** Reads a Redis URL. Throws an error that says which form it should have; the URL, which may hold a password, is not in it. */
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

function parseNode(written: string, defaultPort: number): { host: string; port: number } {
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

/**
 * How a connection behaves when Redis is away:
 * - `subscriber`: takes no command then, and repeats none: what is to be subscribed, redis-subscriptions.ts knows. It has no
 *   ready check, which fails on a connection that already subscribes (ioredis).
 * - `commands`: gives up on a command after some seconds, so that nobody waits for ever.
 */
export type ConnectionRole = 'subscriber' | 'commands';

/** The longest pause between two attempts to reconnect, in milliseconds: events flow again soon after Redis is back. */
const MAX_RETRY_DELAY_MS = 500;

/** How long a connection may take to be made, in milliseconds. */
export const MAX_CONNECT_MS = 5000;
/** How long Redis may take to close a connection that we end, in milliseconds; one that hangs never would. */
const MAX_GOODBYE_MS = 250;
/** How long a sentinel may take to answer, in milliseconds; then another is asked. */
const MAX_SENTINEL_MS = 2000;

/** The first of them, in milliseconds: mostly only the connection was cut, and can be made again at once. */
const FIRST_RETRY_MS = 10;
/** Attempts that lie further apart than this, in milliseconds, belong to different outages. */
const OUTAGE_MS = 2000;

/** How long to wait before the next attempt to connect, in milliseconds. */
export interface RetryStrategy {
  (): number;
  /** A connection has been good for something. */
  succeed(): void;
}

/**
 * Waits a little longer before each attempt. ioredis counts attempts from the beginning as soon as Redis has taken a
 * connection, also where it refuses the password right after that.
 */
export function createRetryStrategy(): RetryStrategy {
  let attempts = 0;
  let triedAt = Number.NEGATIVE_INFINITY;
  const next = (): number => {
    const now = performance.now();
    attempts = now - triedAt < OUTAGE_MS ? attempts + 1 : 0;
    triedAt = now;
    return Math.min(FIRST_RETRY_MS + 50 * attempts, MAX_RETRY_DELAY_MS);
  };
  const succeed = (): void => {
    triedAt = Number.NEGATIVE_INFINITY;
  };
  return Object.assign(next, { succeed });
}

type Node = RedisAddress['nodes'][number];

/**
 * Connects, in the background, and for good. Whoever calls it must listen to `error`.
 * @param otherNodes of a cluster, those that are known besides the ones in the address.
 */
export function connectRedis(
  address: RedisAddress,
  role: ConnectionRole,
  otherNodes: () => readonly Node[] = () => [],
): RedisConnection {
  const retryStrategy = createRetryStrategy();
  const connection = connectBy(address, role, otherNodes, retryStrategy);
  if (connection instanceof Redis) {
    whenProven(connection, (answer) => {
      if (answer === true) retryStrategy.succeed();
    });
  }
  return connection;
}

function connectBy(
  address: RedisAddress,
  role: ConnectionRole,
  otherNodes: () => readonly Node[],
  retryStrategy: RetryStrategy,
): RedisConnection {
  const options: RedisOptions = {
    db: address.database,
    connectTimeout: MAX_CONNECT_MS,
    disconnectTimeout: MAX_GOODBYE_MS,
    keepAlive: 10_000,
    disableClientInfo: true, // its answer would swallow why Redis refuses
    ...(role === 'commands'
      ? { maxRetriesPerRequest: 20, enableReadyCheck: true }
      : {
          maxRetriesPerRequest: null,
          enableReadyCheck: false,
          autoResubscribe: false,
          autoResendUnfulfilledCommands: false,
          enableOfflineQueue: false,
        }),
    retryStrategy,
    reconnectOnError: createDemotionGuard(),
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.tls && { tls: {} }),
  };
  const [first] = address.nodes;
  if (first === undefined) throw new TypeError('A Redis address needs a host.');
  switch (address.form) {
    case 'cluster':
      if (role === 'subscriber') return connectAnyOf(() => [...address.nodes, ...otherNodes()], options);
      return new Cluster([...address.nodes], {
        redisOptions: options,
        clusterRetryStrategy: createRetryStrategy(),
      });
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: [...address.nodes],
        name: address.primaryName ?? '',
        sentinelRetryStrategy: createRetryStrategy(),
        ...sentinelAccount(address),
        sentinelCommandTimeout: MAX_SENTINEL_MS,
        ...(address.tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
      });
    case 'single':
      return new Redis({ ...options, host: first.host, port: first.port });
  }
}

/**
 * Every node of a cluster tells all that is published anywhere. A connection to one of them, and to the next when that is
 * lost, says when it is back; the one that ioredis subscribes by in a cluster does not.
 */
function connectAnyOf(known: () => readonly Node[], options: RedisOptions): Redis {
  let turn = Math.floor(Math.random() * known().length);
  const connection = new Redis({ ...options, ...known()[turn] });
  connection.on('reconnecting', () => {
    const nodes = known();
    turn += 1;
    Object.assign(connection.options, nodes[turn % nodes.length]); // read at each attempt
  });
  return connection;
}

/** The nodes of a cluster that a connection has found by now. */
export function foundNodes(connection: RedisConnection): Node[] {
  if (!(connection instanceof Cluster)) return [];
  return connection
    .nodes('all')
    .flatMap(({ options: { host, port } }) => (host && port ? [{ host, port }] : []));
}

/**
 * Drops a connection, for ioredis to make a new one. One that is being made is dropped once it is there: whom it will reach
 * may be out of date, but ioredis takes a disconnect while it asks the sentinels as an order to give up for good.
 */
export function renew(connection: RedisConnection): void {
  const drop = (): void => connection.disconnect(true);
  if (connection.status === 'connecting') {
    connection.once('connect', drop);
    connection.once('close', () => connection.off('connect', drop));
  } else {
    drop();
  }
}

/** How long a connection that met a replica is kept before it is left again, in milliseconds: at first, and at most. */
const MIN_STAY_MS = 10_000;
const MAX_STAY_MS = 300_000;

/**
 * A primary that has become a replica takes no writes: the one that is primary now is found by connecting again. Where that
 * finds the same replica, as when somebody demoted it by hand, reading goes on, and connecting again helps only rarely.
 */
export function createDemotionGuard(): (error: Error) => boolean {
  let leftAt = Number.NEGATIVE_INFINITY;
  let stayMs = MIN_STAY_MS;
  return (error) => {
    if (!error.message.startsWith('READONLY')) return false;
    const sinceMs = performance.now() - leftAt;
    if (sinceMs < stayMs) return false;
    stayMs = sinceMs > 2 * MAX_STAY_MS ? MIN_STAY_MS : Math.min(stayMs * 2, MAX_STAY_MS);
    leftAt = performance.now();
    return true;
  };
}

/** How to sign in at the sentinels, which do not know Redis’ own accounts. */
export function sentinelAccount({ sentinelUsername, sentinelPassword }: RedisAddress) {
  return {
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
  };
}
