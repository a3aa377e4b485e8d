import { Redis } from 'ioredis';
import { MAX_CONNECT_MS, type RedisAddress, retryStrategy } from './redis-connection.ts';

/**
 * Listens to the sentinels for a change of the primary. The old one, where it still runs, takes events for some seconds
 * more, which are lost when it is demoted: the sooner everybody leaves it, the fewer. Returns how to stop.
 */
export function watchFailovers(address: RedisAddress, onFailover: () => void): () => void {
  if (address.form !== 'sentinel') return () => undefined;
  const sentinels = address.nodes.map((node) => {
    const sentinel = new Redis({
      ...node,
      connectTimeout: MAX_CONNECT_MS,
      enableReadyCheck: false,
      maxRetriesPerRequest: null,
      retryStrategy,
      ...(address.tls && { tls: {} }),
    });
    sentinel.on('error', () => undefined); // the other sentinels tell as well
    sentinel.on('message', (_channel, message) => {
      if (message.startsWith(`${address.primaryName} `)) onFailover();
    });
    sentinel.subscribe('+switch-master').catch(() => undefined); // closed
    return sentinel;
  });
  return () => {
    for (const sentinel of sentinels) sentinel.disconnect();
  };
}
