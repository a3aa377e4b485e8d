import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { freePort } from '../../support/redis.ts';

/** A redis-server or a sentinel of the running test, with its own directory. */
export interface RedisProcess {
  readonly port: number;
  readonly url: string;
  /** For queries and commands of the test. It reconnects after a restart. */
  readonly client: Redis;
  start(): Promise<void>;
  /** Kills the process, like a crash. */
  kill(): Promise<void>;
  /** Removes its data on disk. */
  forget(): Promise<void>;
  /** Freezes the process (SIGSTOP): its sockets stay open and answer nothing. */
  pause(): void;
  resume(): void;
}

const READY = /Ready to accept connections|\+monitor/;

/** @param settings as in redis.conf; by default every write is on disk before its answer. */
export async function useRedisProcess(settings: Record<string, string> = {}): Promise<RedisProcess> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'dms-live-redis-'));
  const standard = { bind: '127.0.0.1', dir: directory, save: '', appendonly: 'yes', appendfsync: 'always' };
  const all = Object.entries({ port: `${port}`, ...standard, ...settings });
  const args = all.flatMap(([name, value]) => [`--${name}`, value]);
  const process = await useProcess(port, 'redis-server', args);
  onTestFinished(async () => {
    await process.kill();
    await rm(directory, { recursive: true, force: true });
  });
  return { ...process, forget: () => rm(join(directory, 'appendonlydir'), { recursive: true, force: true }) };
}

export async function useProcess(
  port: number,
  command: string,
  args: readonly string[],
  account: { readonly username?: string; readonly password?: string } = {},
): Promise<Omit<RedisProcess, 'forget'>> {
  let child: ChildProcess | undefined;
  const client = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
    enableReadyCheck: account.username === undefined, // an account may lack INFO
    ...account,
  });
  client.on('error', () => undefined); // while it is killed

  async function kill(): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill('SIGKILL');
    await exited;
  }

  async function start(): Promise<void> {
    const started = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      started.stdout.on('data', (chunk: Buffer) => {
        if (output === READY.source) return;
        output += chunk;
        if (!READY.test(output)) return;
        output = READY.source;
        resolve();
      });
      started.once('error', reject);
      started.once('exit', () => reject(new Error(`${command} ended: ${output}`)));
    });
    if (client.status === 'wait') await client.connect();
  }

  onTestFinished(async () => {
    client.disconnect();
    await kill();
  });
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    client,
    start,
    kill,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}
