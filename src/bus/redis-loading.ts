import { Cluster } from 'ioredis';
import type { RedisConnection } from './redis-connection.ts';

/** How often Redis is asked whether it still loads its data, in milliseconds. */
const ASK_MS = 500;

/** Lets reads fail while Redis loads its data. */
export interface LoadingGuard {
  /** Passes on what is read; rejects while Redis loads its data, which may take minutes. */
  read<Result>(read: () => Promise<Result>): Promise<Result>;
}

/**
 * While Redis loads its data, ioredis keeps all commands until that is done, and reports nothing. Here those reads are rejected, as
 * by any other refusal.
 * @param onLoading gets the refusal as Redis would spell it.
 */
export function watchLoading(connection: RedisConnection, onLoading: (error: Error) => void): LoadingGuard {
  if (connection instanceof Cluster) return { read: (read) => read() }; // its nodes say so themselves
  const redis = connection;
  const waiting = new Set<(error: Error) => void>();
  let refusal: Error | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** INFO is answered during loading as well. */
  function ask(): void {
    timer = setTimeout(() => {
      if (redis.status !== 'connect') return;
      redis.info('persistence').then(learn, () => undefined); // the connection is gone
    }, ASK_MS);
  }

  function learn(info: string): void {
    if (redis.status !== 'connect') return;
    if (/^loading:1/m.test(info)) {
      refusal = new Error('LOADING Redis is loading the dataset in memory');
      onLoading(refusal);
      for (const reject of [...waiting]) reject(refusal);
    }
    ask();
  }

  function forget(): void {
    clearTimeout(timer);
    refusal = undefined;
  }

  redis.on('connect', ask);
  redis.on('ready', forget);
  redis.on('close', forget);

  return {
    read(read) {
      if (refusal !== undefined) return Promise.reject(refusal);
      return new Promise((resolve, reject) => {
        waiting.add(reject);
        const end = (): void => void waiting.delete(reject);
        const reading = read();
        reading.then(resolve, reject);
        reading.then(end, end);
      });
    },
  };
}
