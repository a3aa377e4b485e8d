/**
 * Writes what is inside of all that is released, as CycloneDX: `node release/sbom.mjs FOLDER`. `npm sbom` would not do: with workspaces
 * it leaves out what is also needed for development (graphql, ws), and has the demo's packages.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dependenciesOf, manifestIn, ROOT } from './dependencies.mjs';

/** The server's package and the image have the same inside. */
const PACKAGES = {
  'dms-live': '.',
  'yoga-shared-subscriptions': 'packages/sharing',
  'dms-live-react': 'client',
};

/** What the lock file says of a package, for its folder. */
function componentOf(path, locked) {
  const { name, version, license } = manifestIn(join(ROOT, path));
  const [algorithm, digest] = locked.integrity?.split('-') ?? [];
  return {
    type: 'library',
    'bom-ref': `${name}@${version}`,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: [{ expression: locked.license ?? license }],
    ...(algorithm === 'sha512' && {
      hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    }),
  };
}

const documentOf = (name, version, purl, components) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: { component: { type: 'library', 'bom-ref': `${name}@${version}`, name, version, purl } },
  components,
});

/** A package for npm, with what it needs in the versions that were tested. */
function describePackage(name, path) {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const { version } = manifestIn(join(ROOT, path));
  const components = dependenciesOf(path).map((needed) => componentOf(needed, packages[needed] ?? {}));
  return documentOf(name, version, `pkg:npm/${name}@${version}`, components);
}

/** The wheel. Nothing is inside; the project that installs it decides which versions it needs. */
function describeWheel() {
  const project = readFileSync(join(ROOT, 'django/pyproject.toml'), 'utf8');
  const [, version] = /^version = "(.+)"$/m.exec(project);
  const [, needed] = /^dependencies = (\[.+\])$/m.exec(project);
  const components = JSON.parse(needed).map((requirement) => {
    const [, name, range] = /^([\w.-]+)(.*)$/.exec(requirement);
    const purl = `pkg:pypi/${name.toLowerCase()}`;
    return { type: 'library', 'bom-ref': purl, name, purl, properties: [{ name: 'requires', value: range }] };
  });
  return documentOf('dms-live-django', version, `pkg:pypi/dms-live-django@${version}`, components);
}

/** All documents, by the name of what they describe. */
export function describeAll() {
  const all = Object.entries(PACKAGES).map(([name, path]) => [name, describePackage(name, path)]);
  return Object.fromEntries([...all, ['dms-live-django', describeWheel()]]);
}

const [into] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename) {
  if (into === undefined) throw new Error('Usage: node release/sbom.mjs FOLDER');
  mkdirSync(into, { recursive: true });
  for (const [name, document] of Object.entries(describeAll()))
    writeFileSync(join(into, `${name}.cdx.json`), `${JSON.stringify(document, null, 2)}\n`);
}
