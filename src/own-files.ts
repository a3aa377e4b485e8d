import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, or of the installed package: this file may be a source, built, or part of a bundled program. */
const ROOT = above(dirname(fileURLToPath(import.meta.url)));

function above(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const next = dirname(folder);
  if (next === folder)
    throw new Error(
      'dms-live lies in no package: its schema.graphql, contract/ and package.json must be above its code',
    );
  return above(next);
}

/** @param path from the repository's root. @returns the absolute path. */
export function ownFile(path: string): string {
  return join(ROOT, path);
}

/** This package's version. */
export function ownVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(ownFile('package.json'), 'utf8'));
  return version;
}
