import type { Redis } from 'ioredis';

/**
 * Sends all commands of this turn to Redis in one write: each write costs more than the command in it. A pipeline of ioredis would do
 * that as well, and would cost more than the two commands of a client that connects.
 */
export function writeTogether(redis: Redis): void {
  if (redis.status !== 'ready') return; // ioredis keeps the commands until it is
  const { stream } = redis;
  stream.cork();
  process.nextTick(() => stream.uncork());
}
