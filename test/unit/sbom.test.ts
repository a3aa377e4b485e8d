/** What is inside of all that is released, as `npm run sbom` writes it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/in-process.ts';
import { useFolder } from '../support/manifests.ts';

interface Component {
  readonly name: string;
  readonly version?: string;
  readonly purl: string;
  readonly licenses?: readonly { readonly expression: string }[];
  readonly hashes?: readonly object[];
}

const read = (path: string): Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

test('each released package has a document with all that it needs when it runs, and nothing else', () => {
  const folder = useFolder({});
  execFileSync(process.execPath, [join(ROOT, 'release/sbom.mjs'), folder]);
  const componentsOf = (name: string): readonly Component[] =>
    JSON.parse(readFileSync(join(folder, `${name}.cdx.json`), 'utf8')).components;
  const namesOf = (name: string): string[] => componentsOf(name).map((component) => component.name);

  const server = namesOf('dms-live');
  expect(server).toEqual(expect.arrayContaining(Object.keys(read('package.json')['dependencies'] ?? {})));
  expect(server).toEqual(expect.arrayContaining(['@whatwg-node/server', 'tslib'])); // needed by others
  for (const name of ['typescript', 'vitest', 'radix-ui', 'recharts']) expect(server).not.toContain(name);
  expect(namesOf('dms-live-react')).toContain('wonka');
  expect(namesOf('dms-live-django')).toEqual(['Django', 'redis']);
  for (const { name, version, licenses, hashes } of componentsOf('dms-live')) {
    expect({ name, version, license: licenses?.[0]?.expression }).toEqual({
      name,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      license: expect.stringMatching(/./),
    });
    expect(hashes === undefined, `a hash of ${name}`).toBe(name === 'yoga-shared-subscriptions'); // of this repository
  }
});

test('npm run sbom writes them beside what is released', () => {
  expect(read('package.json')['scripts']?.['sbom']).toBe('node release/sbom.mjs release/out');
  expect(readFileSync(join(ROOT, 'test/release/release.ts'), 'utf8')).toContain("join(ROOT, 'release/out')");
});
