import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress, RedisNode } from './redis-address.ts';
import { type RedisConnection, whenProven } from './redis-connection.ts';
import { createDemotionGuard, createRetryStrategy, type RetryStrategy } from './redis-reconnect.ts';

/**
 * How a connection behaves when Redis is away:
 * - `subscriber`: it takes no command then, and repeats none, since redis-subscriptions.ts knows what to subscribe. It has no ready
 *   check, which fails on a connection that already subscribes (ioredis).
 * - `commands`: it gives up on a command after some seconds, so that nobody waits for ever.
 */
export type ConnectionRole = 'subscriber' | 'commands';

/** How long a connection may take to be made, in milliseconds. */
export const MAX_CONNECT_MS = 5000;
/** How long Redis may take to close a connection that we end, in milliseconds. A Redis that hangs would never close it. */
const MAX_GOODBYE_MS = 250;
/** How long a sentinel may take to answer, in milliseconds; then another is asked. */
const MAX_SENTINEL_MS = 2000;

/**
 * Connects in the background, and connects again until it is disconnected. The caller must listen to `error`.
 * @param otherNodes the nodes of a cluster that are known besides those in the address.
 */
export function connectRedis(
  address: RedisAddress,
  role: ConnectionRole,
  otherNodes: () => readonly RedisNode[] = () => [],
): RedisConnection {
  const retryStrategy = createRetryStrategy();
  const connection = connectBy(address, role, otherNodes, retryStrategy);
  if (connection instanceof Cluster) connection.on('+node', guardSocket);
  else {
    guardSocket(connection);
    whenProven(connection, (answer) => {
      if (answer === true) retryStrategy.succeed();
    });
  }
  return connection;
}

/**
 * ioredis listens to the first error of a socket. One with TLS may have another, such as an alert after a certificate that we refused,
 * and an error that nobody listens to ends the process.
 */
function guardSocket(connection: Redis): void {
  let socket = connection.stream;
  Object.defineProperty(connection, 'stream', {
    get: () => socket,
    set(next: typeof socket) {
      socket = next;
      socket.on('error', () => undefined);
    },
  });
}

function connectBy(
  address: RedisAddress,
  role: ConnectionRole,
  otherNodes: () => readonly RedisNode[],
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
 * Connects to one node of a cluster, and to the next one when that is lost. Every node passes on what is published on any node. This
 * connection reports when it is back; the one by which ioredis itself subscribes in a cluster does not.
 */
function connectAnyOf(known: () => readonly RedisNode[], options: RedisOptions): Redis {
  let turn = Math.floor(Math.random() * known().length);
  const connection = new Redis({ ...options, ...known()[turn] });
  connection.on('reconnecting', () => {
    const nodes = known();
    turn += 1;
    Object.assign(connection.options, nodes[turn % nodes.length]); // read at each attempt
  });
  return connection;
}

/** The account for the sentinels, which do not know the accounts of Redis. */
function sentinelAccount({ sentinelUsername, sentinelPassword }: RedisAddress) {
  return {
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
  };
}
