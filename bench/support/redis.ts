import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { startProgram } from './processes.ts';

/** A Redis for the benchmark only, on a free port of the loopback. */
export interface BenchRedis {
  readonly url: string;
  /** For publishing. */
  readonly client: Redis;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<BenchRedis> {
  const port = await freePort();
  const program = startProgram('redis-server', [
    ...['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
  ]);
  await program.says(/Ready to accept connections/);
  const client = new Redis(port, '127.0.0.1');
  return {
    url: `redis://127.0.0.1:${port}`,
    client,
    async stop() {
      client.disconnect();
      await program.stop();
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
