import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort, until } from '../../support/redis.ts';
import { type RedisProcess, useRedisProcess } from './redis-process.ts';

/** Three nodes that share the slots among them. */
export interface ClusteredRedis {
  readonly url: string;
  readonly nodes: readonly RedisProcess[];
  /** Waits until every node accepts commands for all slots. */
  untilWhole(): Promise<void>;
}

export async function useCluster(): Promise<ClusteredRedis> {
  const nodes: RedisProcess[] = [];
  while (nodes.length < 3) {
    const busPort = await freePort();
    const settings = {
      'cluster-enabled': 'yes',
      'cluster-port': `${busPort}`,
      'cluster-node-timeout': '2000',
    };
    nodes.push(await useRedisProcess(settings));
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await promisify(execFile)('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
  const untilWhole = async (): Promise<void> => {
    for (const { client } of nodes)
      await until(async () => String(await client.cluster('INFO')).includes('cluster_state:ok'));
  };
  await untilWhole();
  return { url: `redis+cluster://${addresses.join(',')}`, nodes, untilWhole };
}
