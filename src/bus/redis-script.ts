import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ownFile } from '../own-files.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Runs a script of `contract/` in Redis, with these keys and arguments. */
export type RunScript = (keys: readonly string[], args: readonly string[]) => Promise<unknown>;

/** @param name of the file in `contract/`. */
export function loadScript(redis: RedisConnection, name: string): RunScript {
  const script = readFileSync(ownFile(`contract/${name}`), 'utf8');
  const digest = createHash('sha1').update(script).digest('hex');
  // Calls the script by its digest. Redis gets the script itself only when it does not know it, or no longer.
  return async (keys, args) => {
    try {
      return await redis.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(script, keys.length, ...keys, ...args);
    }
  };
}
