import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export const manifestIn = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The folders of everything that a package of this repository needs when it runs, also indirectly, by their paths from the root. */
export function dependenciesOf(path) {
  const found = new Set();
  const visit = (folder) => {
    for (const name of Object.keys(manifestIn(folder).dependencies ?? {})) {
      const dependency = find(name, folder);
      if (found.has(dependency)) continue;
      found.add(dependency);
      visit(dependency);
    }
  };
  visit(join(ROOT, path));
  return [...found].map((folder) => relative(ROOT, folder));
}

/** Those of them that are in no other's folder. */
export function outermost(paths) {
  return paths.filter((path) => !paths.some((outer) => path.startsWith(`${outer}${sep}`)));
}

/** Where Node finds a package that is imported from a folder: there, or in a folder above. */
function find(name, folder) {
  for (let from = folder; from.startsWith(resolve(ROOT)); from = dirname(from)) {
    const there = join(from, 'node_modules', name);
    if (existsSync(there)) return there;
  }
  throw new Error(`${name} is not installed. Run: npm ci`);
}
