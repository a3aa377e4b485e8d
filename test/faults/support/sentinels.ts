import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFailed, onTestFinished } from 'vitest';
import { freePort, until } from '../../support/redis.ts';
import { type RedisProcess, useProcess, useRedisProcess } from './redis-process.ts';

/** A primary and a replica, watched by three sentinels. */
export interface WatchedRedis {
  readonly url: string;
  readonly primary: RedisProcess;
  readonly replica: RedisProcess;
  /** Makes the sentinels promote the replica to primary, although the old primary works. */
  failOver(): Promise<void>;
  /** Waits until the sentinels agree that the replica is the primary. */
  untilFailedOver(): Promise<void>;
  /**
   * From now on the replica receives nothing from the primary. The sentinels repair that once they have seen it for the fail-over
   * timeout, unless the primary is dead by then. A replica that was cut off for more than ten times `downAfter` does not become
   * primary.
   */
  cutReplication(): Promise<void>;
  /** Waits until the replica has everything that the primary has accepted. */
  untilReplicated(): Promise<void>;
}

const NAME = 'dms';

/** In milliseconds, as in sentinel.conf. */
export interface Patience {
  /** The primary counts as down after this time of silence. */
  readonly downAfter: number;
  /** The longest time for a fail-over. The next attempt follows after twice this time. */
  readonly failoverTimeout: number;
}

const HASTY: Patience = { downAfter: 1000, failoverTimeout: 5000 };

export async function useSentinels(patience = HASTY): Promise<WatchedRedis> {
  const settings = { appendonly: 'no', 'repl-diskless-sync-delay': '0' };
  const primary = await useRedisProcess(settings);
  const replica = await useRedisProcess({ ...settings, replicaof: `127.0.0.1 ${primary.port}` });
  await until(async () => (await replica.client.info('replication')).includes('master_link_status:up'));
  const sentinels: Awaited<ReturnType<typeof useSentinel>>[] = [];
  for (let index = 0; index < 3; index += 1) sentinels.push(await useSentinel(primary.port, patience));
  const [first] = sentinels;
  if (first === undefined) throw new Error('no sentinel');
  for (const [index, { port }] of sentinels.entries()) recordEvents(`sentinel ${index + 1}`, port);
  // The sentinels find the replica and one another through the primary.
  await until(async () => {
    const [found] = await factsOf(first);
    return found?.['num-slaves'] === '1' && found['num-other-sentinels'] === '2';
  });
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${NAME}`,
    primary,
    replica,
    async failOver() {
      await until(async () => {
        try {
          return (await first.client.call('SENTINEL', 'FAILOVER', NAME)) === 'OK';
        } catch {
          return false; // the sentinel does not accept the replica yet
        }
      });
    },
    async untilFailedOver() {
      for (const { client } of sentinels) {
        await until(async () => {
          const address = await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
          return Array.isArray(address) && address[1] === `${replica.port}`;
        });
      }
    },
    async cutReplication() {
      await replica.client.replicaof('127.0.0.1', await freePort()); // no server listens there
    },
    async untilReplicated() {
      await until(async () => {
        const { offset: ahead } = replicationOf(await primary.client.info('replication'));
        return replicationOf(await replica.client.info('replication')).offset === ahead;
      });
    },
  };
}

async function useSentinel(
  primaryPort: number,
  { downAfter, failoverTimeout }: Patience,
): Promise<Omit<RedisProcess, 'forget'>> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'dms-live-sentinel-'));
  const file = join(directory, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${NAME} ${downAfter}`,
    `sentinel failover-timeout ${NAME} ${failoverTimeout}`,
  ];
  await writeFile(file, lines.join('\n'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return useProcess(port, 'redis-server', [file, '--sentinel']);
}

/** If the test fails, even if a second try passes, prints all that the sentinels have announced: why no fail-over came is in it. */
function recordEvents(name: string, port: number): void {
  const said: string[] = [];
  const start = performance.now();
  const listener = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 });
  listener.on('error', () => undefined); // it ends with the test
  listener.on('pmessage', (_pattern, event: string, about: string) => {
    said.push(`${Math.round(performance.now() - start)} ms: ${name}: ${event} ${about}`);
  });
  listener.psubscribe('*').catch(() => undefined);
  onTestFailed(() => void process.stdout.write(`${said.join('\n')}\n`));
  onTestFinished(() => listener.disconnect());
}

async function factsOf({ client }: Pick<RedisProcess, 'client'>): Promise<Record<string, string>[]> {
  const answer = await client.call('SENTINEL', 'MASTERS');
  if (!Array.isArray(answer)) return [];
  return answer.map((flat: string[]) =>
    Object.fromEntries(
      flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])),
    ),
  );
}

function replicationOf(info: string): { readonly offset: number } {
  return { offset: Number(/master_repl_offset:(\d+)/.exec(info)?.[1]) };
}
