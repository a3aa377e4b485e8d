import { Cluster, type Redis } from 'ioredis';
import type { RedisConnection } from './redis-connection.ts';

/** How often each connection is asked for a sign of life, in milliseconds; one that gives none for two turns is made anew. */
const PULSE_MS = 3000;
const TURNS = 2;

/**
 * Drops connections that do not answer, for ioredis to make new ones: a host that vanishes, or a primary that hangs while
 * another takes over, says no goodbye, and a connection that only listens would never notice. Returns how to stop.
 */
export function watchPulse(connection: RedisConnection): () => void {
  const silentTurns = new Map<Redis, number>();
  const timer = setInterval(() => {
    const nodes = nodesOf(connection).filter(({ status }) => status === 'ready');
    for (const node of silentTurns.keys()) if (!nodes.includes(node)) silentTurns.delete(node);
    for (const node of nodes) ask(node);
  }, PULSE_MS);

  function ask(node: Redis): void {
    const silent = silentTurns.get(node);
    if (silent === undefined) {
      silentTurns.set(node, 1);
      const answered = (): void => void silentTurns.delete(node);
      node.ping().then(answered, answered); // an error is a sign of life, or the connection is gone
    } else if (silent < TURNS) {
      silentTurns.set(node, silent + 1);
    } else {
      silentTurns.delete(node);
      node.disconnect(true);
    }
  }

  return () => clearInterval(timer);
}

function nodesOf(connection: RedisConnection): Redis[] {
  return connection instanceof Cluster ? connection.nodes('all') : [connection];
}
