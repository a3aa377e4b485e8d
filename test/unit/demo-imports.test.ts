/** The product builds without its demos, and the demos use only the public names of the product. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMENT = /\/\*.*?\*\//gs;
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g;

interface Import {
  readonly file: string;
  readonly name: string;
}

/** The imports of a folder's TypeScript files. */
async function importsOf(folder: string): Promise<Import[]> {
  const paths = await readdir(join(ROOT, folder), { recursive: true });
  const files = paths.filter((path) => /\.tsx?$/.test(path)).map((path) => join(folder, path));
  const imports = files.map(async (file) => {
    const text = (await readFile(join(ROOT, file), 'utf8')).replace(COMMENT, '');
    return [...text.matchAll(IMPORT)].map(([, name = '']) => ({ file, name }));
  });
  return (await Promise.all(imports)).flat();
}

async function readManifest(folder: string) {
  return JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
}

/** `dms-live/publisher` → `dms-live`, `@tanstack/react-query` → itself */
function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

const isRelative = ({ name }: Import): boolean => name.startsWith('.');

describe.each(['src', 'client/src', 'demo/server/src', 'demo/app/src'])('%s', (folder) => {
  test('imports no file from outside its folder', async () => {
    const imports = await importsOf(folder);
    const strays = imports.filter(isRelative).filter(({ file, name }) => {
      const target = resolve(ROOT, file, '..', name);
      return relative(join(ROOT, folder), target).startsWith('..');
    });
    expect(imports.length).toBeGreaterThan(0);
    expect(strays).toEqual([]);
  });
});

test.each(['src', 'client/src'])('%s imports no demo, and not itself by name', async (folder) => {
  const imports = await importsOf(folder);
  expect(imports.filter(({ name }) => name.startsWith('dms-live'))).toEqual([]);
});

test.each(['demo/server', 'demo/app'])('the manifest of %s lists its imports', async (folder) => {
  const { dependencies } = await readManifest(folder);
  const imports = (await importsOf(`${folder}/src`)).filter((one) => !isRelative(one));
  const undeclared = imports.filter(
    ({ name }) => !name.startsWith('node:') && !(packageOf(name) in dependencies),
  );
  expect(undeclared).toEqual([]);
});

test('the product exports everything that its demos import from it', async () => {
  const { exports } = await readManifest('.');
  const names = new Set((await importsOf('demo/server/src')).map(({ name }) => name));
  const used = [...names].filter((name) => packageOf(name) === 'dms-live');
  expect(used.toSorted()).toEqual(['dms-live', 'dms-live/publisher']);
  for (const name of used) expect(exports).toHaveProperty([name.replace('dms-live', '.')]);
});
