/** What is released, made in `release/out` and tried as installed: each package in an empty folder, without this repository. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFreshApp } from '../client/support/fresh-app.ts';
import { install, runNpm } from '../package/support/install.ts';
import { type Packed, pack } from '../package/support/pack.ts';
import { testReactPackage } from '../package/support/react.ts';
import { testServerPackage } from '../package/support/server.ts';
import { NEEDED_BY_EXAMPLE, testSharingPackage } from '../package/support/sharing.ts';
import { ROOT } from '../support/in-process.ts';
import { buildWheel, checkWheel } from './wheel.ts';

const OUT = join(ROOT, 'release/out');
const run = promisify(execFile);
const newInstalled = () => ({ folder: '', packed: { filename: '', paths: [] } satisfies Packed as Packed });
const [server, react, sharing] = [newInstalled(), newInstalled(), newInstalled()];
let wheel = { wheel: '', sdist: '', paths: [] as readonly string[] };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dms-live-release-'));
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function makeFolder(name: string): Promise<string> {
  const made = join(folder, name);
  await mkdir(made);
  return made;
}

/** Fails if a file of ours in the archive names a place on this machine, or is a map whose sources are elsewhere. */
async function expectNoTraces(archive: string): Promise<void> {
  const unpacked = await mkdtemp(join(folder, 'unpacked-'));
  await run('tar', ['xf', archive, '-C', unpacked]);
  const own = ['--exclude-dir=node_modules', '--recursive', '--files-with-matches', '--fixed-strings'];
  const traces = [ROOT.replace(/\/$/, ''), `${homedir()}/`, 'sourceMappingURL'].map((text) =>
    run('grep', [...own, text, unpacked]).then(
      ({ stdout }) => stdout,
      () => '', // grep ends with 1 when nothing matches
    ),
  );
  expect((await Promise.all(traces)).join('')).toBe('');
}

describe('dms-live', () => {
  beforeAll(async () => {
    const { stdout } = await run('node', ['release/pack.mjs', OUT], { cwd: ROOT });
    const filename = stdout.trim();
    const { stdout: list } = await run('tar', ['tzf', join(OUT, filename)], { maxBuffer: 64_000_000 });
    const paths = list
      .trim()
      .split('\n')
      .map((path) => path.replace(/^package\//, ''));
    Object.assign(server, { packed: { filename, paths }, folder: await makeFolder('server') });
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(OUT, filename)], {
      cwd: server.folder,
    });
  });
  test('has all its dependencies inside, and none of development', () => {
    for (const name of ['graphql', 'ws', 'yoga-shared-subscriptions', '@whatwg-node/server'])
      expect(server.packed.paths).toContain(`node_modules/${name}/package.json`);
    expect(server.packed.paths.filter((path) => /^node_modules\/(typescript|vitest)\//.test(path))).toEqual(
      [],
    );
  });
  test('says its version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(await runNpm(server.folder, 'exec', '--offline', '--', 'dms-live', '--version')).toBe(
      `${version}\n`,
    );
  });
  test('names no place on this machine', () => expectNoTraces(join(OUT, server.packed.filename)));
  testServerPackage(server);
});

describe('yoga-shared-subscriptions', () => {
  beforeAll(async () => {
    sharing.packed = await pack(join(ROOT, 'packages/sharing'), OUT);
    sharing.folder = await makeFolder('sharing');
    const { dependencies, overrides } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const needed = Object.fromEntries(NEEDED_BY_EXAMPLE.map((name) => [name, dependencies[name]]));
    await cp(join(ROOT, 'packages/sharing/example'), sharing.folder, { recursive: true });
    const file = `file:${join(OUT, sharing.packed.filename)}`;
    const manifest = {
      private: true,
      overrides,
      dependencies: { ...needed, 'yoga-shared-subscriptions': file },
    };
    await install(sharing.folder, { 'package.json': JSON.stringify(manifest) });
  });
  test('names no place on this machine', () => expectNoTraces(join(OUT, sharing.packed.filename)));
  testSharingPackage(sharing);
});

describe('dms-live-react', () => {
  beforeAll(async () => {
    react.packed = await pack(join(ROOT, 'client'), OUT);
    react.folder = await makeFolder('react');
    await install(react.folder, await writeFreshApp(join(OUT, react.packed.filename)));
  });
  test('names no place on this machine', () => expectNoTraces(join(OUT, react.packed.filename)));
  testReactPackage(react);
});

describe('dms-live-django', () => {
  beforeAll(async () => {
    wheel = await buildWheel(join(folder, 'building'), OUT);
  });
  test('has its license, types, scripts and migrations, and no tests', () => {
    for (const name of [
      'py.typed',
      'append-event.lua',
      'revoke.lua',
      'entities.json',
      'migrations/0001_initial.py',
    ])
      expect(wheel.paths).toContain(`dms_live/${name}`);
    expect(wheel.paths.filter((path) => /licenses\/LICENSE$/.test(path))).toHaveLength(1);
    expect(wheel.paths.filter((path) => /(^|\/)tests?\//.test(path))).toEqual([]);
  });
  test('names no place on this machine', () => expectNoTraces(wheel.sdist));
  test('passes the checks of a DMS that has it installed', async () => {
    expect(await checkWheel(join(folder, 'wheel'), wheel.wheel)).toContain('no issues');
  });
});
