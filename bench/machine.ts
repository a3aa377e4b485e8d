import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { z } from 'zod';
import type { BenchRedis } from './support/redis.ts';
import { CENTRIFUGO } from './systems.ts';

const COMPARED = [
  'graphql',
  'graphql-yoga',
  'graphql-ws',
  'graphql-redis-subscriptions',
  'ioredis',
  'jose',
  'ws',
];

/** Describes the machine and the versions, in Markdown. */
export async function describeMachine(redis: BenchRedis): Promise<string> {
  const info = await redis.client.info('server');
  const redisVersion = /^redis_version:(\S+)/m.exec(info)?.[1] ?? '?';
  const [cpu] = os.cpus();
  const memory = (os.totalmem() / 1024 ** 3).toFixed(0);
  return [
    `- ${new Date().toISOString().slice(0, 10)}`,
    `- ${os.cpus().length} cores of ${cpu?.model ?? '?'}, ${memory} GB of memory, ${os.type()} ${os.release()}`,
    `- Node.js ${process.versions.node}, Redis ${redisVersion}`,
    `- ${COMPARED.map((name) => `${name} ${versionOf(name)}`).join(', ')}`,
    ...(CENTRIFUGO === undefined
      ? []
      : [`- ${execFileSync(CENTRIFUGO, ['version'], { encoding: 'utf8' }).trim()}`]),
  ].join('\n');
}

const manifest = z.object({ version: z.string() });

function versionOf(name: string): string {
  return manifest.parse(JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'))).version;
}
