import type { ChainableCommander } from 'ioredis';
import type { Notes } from './bus.ts';
import type { RedisConnection } from './redis-connection.ts';

/**
 * Notes as keys that expire by themselves, and the names of a board's notes in a sorted set, whose scores mean nothing. A note that has
 * expired is taken out of the set by the next reader. If its writer writes it at that very moment, it is in the set again with the next
 * writing. All keys of a board share its hash tag.
 */
export function createRedisNotes(redis: RedisConnection): Notes {
  const keyOf = (board: string, name: string): string => `${board}:${name}`;
  return {
    async put(board, notes, expiresInMs) {
      const pipeline = redis.pipeline();
      for (const [name, text] of notes) {
        pipeline.set(keyOf(board, name), text, 'PX', expiresInMs);
        pipeline.zadd(board, 0, name);
      }
      await execute(pipeline);
    },
    async all(board) {
      const names = await redis.zrangebyscore(board, '-inf', '+inf');
      if (names.length === 0) return new Map();
      const texts = await redis.mget(...names.map((name) => keyOf(board, name)));
      const expired = names.filter((_name, index) => texts[index] == null);
      if (expired.length > 0) await redis.zrem(board, ...expired);
      return new Map(
        names.flatMap((name, index) => {
          const text = texts[index];
          return text == null ? [] : [[name, text] as const];
        }),
      );
    },
  };
}

async function execute(pipeline: ChainableCommander): Promise<void> {
  const answers = (await pipeline.exec()) ?? [[new Error('Redis did not answer')]];
  for (const [error] of answers) if (error !== null) throw error;
}
