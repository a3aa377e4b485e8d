/**
 * What is published: all packages, packed and installed by npm into one folder, and used there. One folder saves time; what each
 * package needs by itself is in test/unit/release.test.ts, and `npm run release:check` installs each into a folder of its own.
 */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { writeFreshApp } from '../client/support/fresh-app.ts';
import { ROOT } from '../support/in-process.ts';
import { install } from './support/install.ts';
import { type Packed, pack } from './support/pack.ts';
import { testReactPackage } from './support/react.ts';
import { testServerPackage } from './support/server.ts';
import { NEEDED_BY_EXAMPLE, testSharingPackage } from './support/sharing.ts';

const INSTALLING_MS = 240_000;
const NOTHING: Packed = { filename: '', paths: [] };
const react = { folder: '', packed: NOTHING };
const sharing = { folder: '', packed: NOTHING };
const server = { folder: '', packed: NOTHING };

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-packages-'));
  for (const installed of [react, sharing, server]) installed.folder = folder;
  // Built already, as for all tests.
  await Promise.all(
    [
      { installed: react, path: 'client' },
      { installed: sharing, path: 'packages/sharing' },
      { installed: server, path: '.' },
    ].map(async ({ installed, path }) => {
      installed.packed = await pack(join(ROOT, path), folder);
    }),
  );
  const { dependencies, overrides } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const files = await writeFreshApp(react.packed.filename, {
    overrides,
    dependencies: {
      ...Object.fromEntries(NEEDED_BY_EXAMPLE.map((name) => [name, dependencies[name]])),
      'yoga-shared-subscriptions': `file:${sharing.packed.filename}`,
      'dms-live': `file:${server.packed.filename}`,
    },
  });
  await cp(join(ROOT, 'packages/sharing/example'), folder, { recursive: true });
  await install(folder, files);
}, INSTALLING_MS);
afterAll(() => rm(react.folder, { recursive: true, force: true }));

describe('dms-live-react', () => testReactPackage(react));
describe('yoga-shared-subscriptions', () => testSharingPackage(sharing));
describe('dms-live', () => testServerPackage(server));
