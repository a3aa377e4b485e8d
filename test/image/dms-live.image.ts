/** The Dockerfile, built on a Debian of its own and run: read-only, as another user, as process 1. Needs root and Debian. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useSignedInRawClient } from '../support/clients.ts';
import { freePort, useRedis } from '../support/redis.ts';
import { people, SECRET } from '../support/tokens.ts';
import { addNode, makeSlimDebian, run } from './bases.ts';
import { createBuildah } from './buildah.ts';
import { enter, exitCodeOf, start } from './container.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const MEGABYTE = 1_000_000;

const folder = mkdtempSync(join(tmpdir(), 'dms-live-image-'));
const buildah = createBuildah(folder);
let root = '';

beforeAll(() => {
  spawnSync(join(REPOSITORY, 'test/support/debian.sh'), ['buildah', 'debootstrap'], { stdio: 'inherit' });
  const debian = join(folder, 'debian');
  makeSlimDebian(debian);
  buildah.imageOf(debian, 'slim');
  addNode(debian);
  buildah.imageOf(debian, 'slim-with-node');
  rmSync(debian, { recursive: true });
  const bases = { BASE: 'localhost/slim', BUILD_BASE: 'localhost/slim-with-node' };
  buildah.build(REPOSITORY, 'dms-live', { ...bases, VERSION: '0.0.0', REVISION: 'of-the-test' });
  root = buildah.mount('dms-live');
});

afterAll(() => {
  buildah.clean();
  rmSync(folder, { recursive: true, force: true });
});

test('it is small, and has only what the server needs', () => {
  const size = Number.parseInt(run('du', '--summarize', '--block-size=1', root), 10);
  process.stdout.write(`The image has ${Math.round(size / MEGABYTE)} MB.\n`);
  expect(size).toBeLessThan(250 * MEGABYTE);
  for (const absent of [
    'usr/local/bin/npm',
    'app/src',
    'app/node_modules/typescript',
    'app/node_modules/vitest',
  ])
    expect(existsSync(join(root, absent))).toBe(false);
  expect(run('find', join(root, 'app'), '!', '-uid', '0', '-o', '-perm', '/o+w', '!', '-type', 'l')).toBe('');
});

test('it serves, answers its health check, and sends its clients elsewhere on SIGTERM', async () => {
  const config = buildah.config('dms-live');
  const redis = await useRedis();
  const port = await freePort();
  const settings = [`PORT=${port}`, `REDIS_URL=${redis.url}`, `JWT_SECRET=${SECRET}`, 'TRUSTED_PROXIES=none'];
  const container = await start(root, config, settings);
  const status = readFileSync(`/proc/${container.pid}/status`, 'utf8');
  expect(status).toMatch(/^NSpid:\t\d+\t1$/m);
  expect(status).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m);

  const [form, ...probe] = config.Healthcheck.Test;
  expect(form).toBe('CMD');
  const health = () => exitCodeOf(enter(root, { ...config, Env: [...config.Env, `PORT=${port}`] }, probe));
  expect(await health()).toBe(0);
  const client = await useSignedInRawClient({ url: `http://127.0.0.1:${port}` }, await people.head());
  process.kill(container.pid, 'SIGTERM');
  expect(await client.closed).toMatchObject({ code: 1012 });
  expect(await container.exited).toBe(0);
  expect(await health()).toBe(1);
});

test('it names its faults and ends, without a setting; nobody can write in it', async () => {
  const config = buildah.config('dms-live');
  const check = enter(root, config, [...config.Entrypoint, 'check']);
  expect(await exitCodeOf(check)).toBe(1);
  const write = enter(root, config, ['node', '-e', 'fs.writeFileSync("/app/new", "")']);
  await once(write, 'exit');
  expect(existsSync(join(root, 'app/new'))).toBe(false);
  expect(config).toMatchObject({ StopSignal: 'SIGTERM', User: '10001:10001' });
  expect(config.Labels['org.opencontainers.image.revision']).toBe('of-the-test');
});
