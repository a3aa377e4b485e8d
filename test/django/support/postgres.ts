import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startChild } from '../../../demo/server/src/django/child.ts';
import { run } from '../../../demo/server/src/django/python.ts';
import { freePort } from '../../support/redis.ts';

/** A PostgreSQL for the running test only. Returns the URL of its single, empty database. */
export async function usePostgres(programs: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-postgres-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await giveToPostgres(folder);
  const data = join(folder, 'data');
  const made = await run(...asPostgres([`${programs}/initdb`, '-D', data, '-A', 'trust', '-U', 'dms']));
  if (made.code !== 0) throw new Error(`initdb failed: ${made.output}${made.errors}`);
  const port = await freePort();
  const settings = ['-p', `${port}`, '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const [program, args] = asPostgres([`${programs}/postgres`, '-D', data, ...settings]);
  const server = await startChild({ program, args, cwd: folder, ready: /ready to accept connections/ });
  onTestFinished(server.stop);
  return `postgresql://dms@127.0.0.1:${port}/postgres`;
}

const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses to run as root. */
function asPostgres(command: readonly string[]): [string, readonly string[], { cwd: string }] {
  const [program = '', ...args] = isRoot
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...command]
    : command;
  return [program, args, { cwd: '/' }];
}

async function giveToPostgres(folder: string): Promise<void> {
  if (!isRoot) return;
  const { output } = await run('id', ['-u', 'postgres'], { cwd: '/' });
  await chown(folder, Number(output), Number((await run('id', ['-g', 'postgres'], { cwd: '/' })).output));
}
