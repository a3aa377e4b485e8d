import { Redis } from 'ioredis';
import type { RedisAddress } from './redis-address.ts';
import { MAX_CONNECT_MS } from './redis-connect.ts';
import { createRetryStrategy } from './redis-reconnect.ts';

/** How long to wait before a sentinel that refuses is asked again, in milliseconds. */
const RETRY_MS = 5000;

/**
 * Listens to the sentinels for a change of the primary. An old primary that still runs takes events for some more seconds, and loses
 * them when it is demoted. So its connections should be dropped soon. Returns how to stop.
 */
export function watchFailovers(address: RedisAddress, onFailover: () => void): () => void {
  if (address.form !== 'sentinel') return () => undefined;
  const timers = new Set<NodeJS.Timeout>();
  const sentinels = address.nodes.map((node) => {
    const sentinel = new Redis({
      ...node,
      connectTimeout: MAX_CONNECT_MS,
      enableReadyCheck: false,
      disableClientInfo: true,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      retryStrategy: createRetryStrategy(),
      ...(address.sentinelUsername !== undefined && { username: address.sentinelUsername }),
      ...(address.sentinelPassword !== undefined && { password: address.sentinelPassword }),
      ...(address.tls && { tls: {} }),
    });
    sentinel.on('error', () => undefined); // the other sentinels report it as well
    sentinel.on('message', (_channel, message) => {
      if (message.startsWith(`${address.primaryName} `)) onFailover();
    });
    // We subscribe ourselves: ioredis forgets a subscription that was refused once.
    sentinel.on('ready', () => {
      sentinel.subscribe('+switch-master').catch(() => retry(sentinel));
    });
    return sentinel;
  });
  return () => {
    for (const timer of timers) clearTimeout(timer);
    for (const sentinel of sentinels) sentinel.disconnect();
  };

  /** Tries to subscribe again after a pause, as long as the sentinel refuses. */
  function retry(sentinel: Redis): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (sentinel.status === 'ready') sentinel.subscribe('+switch-master').catch(() => retry(sentinel));
    }, RETRY_MS);
    timers.add(timer);
  }
}
