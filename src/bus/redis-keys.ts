import { Cluster } from 'ioredis';
import { messageOf } from '../errors.ts';
import { agreeOn } from './agreement.ts';
import { type Bus, NO_TEXT } from './bus.ts';
import { primariesOf, type RedisConnection } from './redis-connection.ts';
import { loadScript } from './redis-script.ts';
import type { RedisWatch } from './redis-watch.ts';
import { writeTogether } from './redis-write-together.ts';

type Keys = Pick<
  Bus,
  'read' | 'readFields' | 'findKeys' | 'expiresIn' | 'agree' | 'revoke' | 'forgetRevocations'
>;

/** How many keys Redis looks at in one go. */
const SCANNED_AT_ONCE = 1000;

/** Keys and hashes of Redis, single or a cluster. */
export function createRedisKeys(
  redis: RedisConnection,
  { read, write }: Pick<RedisWatch, 'read' | 'write'>,
): Keys {
  const runRevoke = loadScript(redis, 'revoke.lua');
  const revoke: typeof runRevoke = (keys, args) => write(runRevoke(keys, args));

  const readOne = (key: string): Promise<string | null> =>
    redis.get(key).catch((error: unknown) => {
      if (messageOf(error).startsWith('WRONGTYPE')) return NO_TEXT;
      throw error;
    });

  return {
    async read(keys) {
      if (redis instanceof Cluster) return Promise.all(keys.map(readOne)); // the keys live on different nodes
      // Of revocations of an earlier version there are nearly always none, and then this one number is all that has to be read.
      const existing = await read(() => {
        writeTogether(redis);
        return redis.exists(...keys);
      });
      if (existing === 0) return keys.map(() => null);
      const values = await read(() => redis.mget([...keys]));
      // MGET says of a key that holds no text that it is not there.
      return existing === values.filter((value) => value !== null).length
        ? values
        : Promise.all(keys.map(readOne));
    },
    readFields: (key, fields) =>
      read(() => {
        if (!(redis instanceof Cluster)) writeTogether(redis);
        return redis.hmget(key, ...fields);
      }),
    async findKeys(pattern, onFound) {
      for (const node of primariesOf(redis)) {
        let cursor = '0';
        do {
          const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', SCANNED_AT_ONCE);
          if (keys.length > 0) await onFound(keys);
          cursor = next;
        } while (cursor !== '0');
      }
    },
    async expiresIn(key) {
      const milliseconds = await redis.pttl(key);
      return milliseconds < 0 ? undefined : milliseconds;
    },
    agree: (key, proposal) =>
      agreeOn({
        read: async () => (await read(() => redis.get(key))) ?? undefined,
        propose: () => write(redis.set(key, proposal, 'NX')),
      }),
    async revoke({ record, channel = '', action, whose, id, seconds, at }) {
      const args = [channel, action, whose, id, `${Math.ceil(seconds)}`];
      await revoke([record], at === undefined ? args : [...args, `${at}`]);
    },
    forgetRevocations: async (record) => Number(await revoke([record], [])),
  };
}
