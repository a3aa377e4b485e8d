/** What is released belongs together, and each package asks for what it needs. `npm run release:check` tries all of them as installed. */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../support/in-process.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bundleDependencies?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const readManifest = (folder: string): Manifest => JSON.parse(read(join(folder, 'package.json')));

const FOLDERS = ['.', 'client', 'packages/sharing'];
const root = readManifest('.');

test('all four have one version, and ask for each other by it', () => {
  const [, wheel] = /^version = "(.*)"$/m.exec(read('django/pyproject.toml')) ?? [];
  const versions = [...FOLDERS.map((folder) => readManifest(folder).version), wheel];
  expect(versions).toEqual(FOLDERS.map(() => root.version).concat(root.version));
  const names = FOLDERS.map((folder) => readManifest(folder).name);
  const asked = [...FOLDERS, 'demo/app'].flatMap((folder) =>
    Object.entries(readManifest(folder).dependencies ?? {}).filter(([name]) => names.includes(name)),
  );
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.filter(([, version]) => version !== root.version)).toEqual([]);
});

test('the changelog begins with what is not released, or with this version', () => {
  const [, newest] = /^## (\S+)/m.exec(read('CHANGELOG.md')) ?? [];
  expect(['Unreleased', root.version]).toContain(newest);
});

test.each(['client', 'packages/sharing', 'django'])('%s has the license of the repository', (folder) => {
  expect(read(join(folder, 'LICENSE'))).toBe(read('LICENSE'));
});

test.each(FOLDERS)('the manifest in %s says what a registry shows', (folder) => {
  expect(readManifest(folder)).toMatchObject({
    description: expect.any(String),
    keywords: expect.arrayContaining(['graphql']),
    license: 'MIT',
    engines: { node: expect.any(String) },
    files: expect.any(Array),
  });
});

test('the server brings the sharing plugin along: a registry may know another package by that name, or none', () => {
  expect(root.bundleDependencies).toEqual(['yoga-shared-subscriptions']);
});

describe('what is imported when it runs is asked for', () => {
  /** `import type` and `export type` are gone when it runs. */
  const IMPORT =
    /^\s*(?:import|export)\s+(?!type\b)[^;'"]*?from\s*'([^'.][^']*)'|\bimport\(\s*'([^'.][^']*)'\s*\)/gm;
  const sourcesIn = (folder: string): readonly string[] =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => join(folder, path));
  const packageOf = (specifier: string): string =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');

  test.each(FOLDERS)('by %s', (folder) => {
    const { name, dependencies, peerDependencies } = readManifest(folder);
    const known = new Set([
      name,
      ...Object.keys({ ...dependencies, ...peerDependencies }),
      ...builtinModules,
    ]);
    const imported = sourcesIn(join(folder, 'src')).flatMap((path) =>
      [
        ...read(path)
          .replace(/\/\*[\s\S]*?\*\//g, '')
          .matchAll(IMPORT),
      ].map(([, from, by]) => from ?? by ?? ''),
    );
    const packages = new Set(imported.filter((from) => !from.startsWith('node:')).map(packageOf));
    expect(packages.size).toBeGreaterThan(0);
    expect([...packages].filter((one) => !known.has(one))).toEqual([]);
  });
});
