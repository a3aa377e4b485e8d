import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Child, startChild } from './child.ts';

/** A Redis on a free port of this machine, which keeps nothing on disk. */
export async function startOwnRedis(): Promise<{ readonly url: string; readonly child: Child }> {
  const port = await findFreePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = await startChild({ program: 'redis-server', args, ready: /Ready to accept connections/ });
  return { url: `redis://127.0.0.1:${port}`, child };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
