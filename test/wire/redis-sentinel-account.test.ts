/** Sentinels with their own accounts, which differ from those of the Redis that they watch. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { useProcess } from '../faults/support/redis-process.ts';
import { useApp } from '../support/app.ts';
import { readReadiness, untilReady } from '../support/readiness.ts';
import { freePort, until, useRedis } from '../support/redis.ts';

/** A Redis, and a sentinel that accepts only the account `watcher`. */
async function useGuardedSentinel() {
  const redis = await useRedis();
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'dms-live-sentinel-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${directory}`,
    'user watcher on >secret resetkeys resetchannels &+switch-master nocommands +auth +ping +subscribe +sentinel',
    'user default off',
    `sentinel monitor dms 127.0.0.1 ${redis.port} 1`,
  ];
  await writeFile(file, lines.join('\n'));
  await useProcess(port, 'redis-server', [file, '--sentinel'], { username: 'watcher', password: 'secret' });
  const settings = { REDIS_URL: `redis+sentinel://127.0.0.1:${port}/dms`, REDIS_SENTINEL_USER: 'watcher' };
  return { redis, settings };
}

test('the server signs in to the sentinels with their own account', async () => {
  const { redis, settings } = await useGuardedSentinel();
  const app = await useApp({ ...settings, REDIS_SENTINEL_PASSWORD: 'secret' });
  await untilReady(app);
  await redis.untilSubscribed('dms:session');
});

test('a wrong password for the sentinels is reported as such', async () => {
  const { settings } = await useGuardedSentinel();
  const app = await useApp({ ...settings, REDIS_SENTINEL_PASSWORD: 'wrong' });
  await until(async () => (await readReadiness(app)).reason.includes('REDIS_SENTINEL_PASSWORD'));
  const { status, reason } = await readReadiness(app);
  expect(status).toBe(503);
  expect(reason).toContain('WRONGPASS');
  expect(reason).not.toContain('wrong');
});
