/**
 * Packs the server as it is released: `node release/pack.mjs FOLDER`. It prints the file's name.
 *
 * All dependencies are inside, in the versions that the tests ran with. The registry could give no others that work: the newest
 * releases of some indirect dependencies need a newer Node, and the `overrides` that keep them out hold in this repository alone. So
 * the package is installed without a registry, too. `npm pack` cannot do that by itself: it would have to stand in the manifest, and
 * npm would need minutes for every change of the lock file.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { dependenciesOf, manifestIn, outermost, ROOT } from './dependencies.mjs';

/** What the manifest of the repository has, and a published package does not need. */
const OF_THE_REPOSITORY = ['private', 'scripts', 'workspaces', 'devDependencies', 'overrides'];
/** Published whatever the manifest says. */
const ALWAYS = ['README.md', 'LICENSE'];

function packServer(into) {
  if (!existsSync(join(ROOT, 'dist/cli/main.js')))
    throw new Error('Nothing is built yet. Run: npm run build:server');
  const stage = mkdtempSync(join(tmpdir(), 'dms-live-pack-'));
  try {
    const manifest = manifestIn(ROOT);
    for (const name of OF_THE_REPOSITORY) delete manifest[name];
    manifest.bundleDependencies = true;
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const published = manifest.files.filter((path) => !path.startsWith('!'));
    for (const path of [...published, ...ALWAYS, ...outermost(dependenciesOf('.'))])
      cpSync(join(ROOT, path), join(stage, path), { recursive: true, dereference: true });
    mkdirSync(into, { recursive: true });
    const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', resolve(into)];
    return execFileSync('npm', pack, { cwd: stage, encoding: 'utf8' }).trim();
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

const [into] = process.argv.slice(2);
if (into === undefined) throw new Error('Usage: node release/pack.mjs FOLDER');
process.stdout.write(`${packServer(into)}\n`);
