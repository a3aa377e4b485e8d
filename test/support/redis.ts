import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';

/** A Redis for one test, on a free port of the loopback. It stops with the test. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** For publishing and for checks. It reconnects after a restart. */
  readonly client: Redis;
  start(): Promise<void>;
  /** Kills the process as a crash would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Waits until a channel has this number of subscribers. */
  untilSubscribed(channel: string, listeners?: number): Promise<void>;
}

/** Starts a Redis that the caller stops. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort();
  let server: ChildProcess | undefined;
  const client = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
  });
  client.on('error', () => undefined); // while it is killed

  async function start(): Promise<void> {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const { stdout } = server;
    if (stdout === null) throw new Error('redis-server has no output');
    for await (const chunk of stdout) if (String(chunk).includes('Ready to accept connections')) break;
    stdout.resume();
    if (client.status === 'wait') await client.connect();
  }

  async function kill(): Promise<void> {
    if (server === undefined || server.exitCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
    server = undefined;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    start,
    kill,
    untilSubscribed: (channel, listeners = 1) =>
      until(async () => (await client.pubsub('NUMSUB', channel))[1] === listeners),
    async stop() {
      client.disconnect();
      await kill();
    },
  };
}

/** Starts a Redis for the running test. */
export async function useRedis(): Promise<TestRedis> {
  const redis = await startRedis();
  onTestFinished(redis.stop);
  return redis;
}

/** Systems give higher ports to outgoing connections. Such a connection could take the port of a server that restarts. */
const LOWEST_PORT = 15_000;
const HIGHEST_PORT = 32_000;

/** A free port of the loopback. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** How often a state is asked for: the first times in milliseconds, and at the latest. */
const [SOONEST_MS, LATEST_MS] = [5, 50];

/**
 * Waits for a state outside this process that sends no event. The time-out of the test ends it. What takes long is asked for less and
 * less often, since the questions take the processor from what is waited for.
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let ms = SOONEST_MS; !(await condition()); ms = Math.min(ms * 1.1, LATEST_MS)) await pause(ms);
}
