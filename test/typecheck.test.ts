/** `npm run typecheck` leaves no file out: one that no project includes would rot unseen. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

async function linesOf(command: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await run(command, args, { cwd: ROOT, maxBuffer: 64 << 20 });
  return stdout.split('\n').filter((line) => line !== '');
}

test('every TypeScript file is in a project that is type-checked', async () => {
  const { scripts } = JSON.parse(await readFile(`${ROOT}/package.json`, 'utf8'));
  const commands = String(scripts.typecheck).split(' && ');
  const projects = commands.map((command) => {
    const project = /^tsc --noEmit(?: -p (\S+))?$/.exec(command);
    if (project === null) throw new Error(`This command names no project: ${command}`);
    return project[1] ?? '.';
  });
  const listed = await Promise.all(
    projects.map((project) => linesOf(`${ROOT}/node_modules/.bin/tsc`, '-p', project, '--listFilesOnly')),
  );
  const checked = new Set(listed.flat().map((file) => relative(ROOT, file)));
  const files = await linesOf('git', 'ls-files', '--', '*.ts', '*.tsx', '*.mts');
  expect(files.filter((file) => !checked.has(file))).toEqual([]);
});
