import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { readAll } from '../../../src/config/config.ts';
import { createReader } from '../../../src/config/reader.ts';

export const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url));

export const textOf = (path: string): string => readFileSync(join(DEPLOY, path), 'utf8');

/** The documents of a YAML file, with its merge keys (`<<`) applied. */
export function yamlOf(path: string): readonly unknown[] {
  return parseAllDocuments(textOf(path), { merge: true }).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join('; ')}`);
    return document.toJS();
  });
}

/** Every setting that the server reads. */
export function settingNames(): ReadonlySet<string> {
  const read = createReader({}, []);
  readAll(read, false);
  return new Set(read.settings.keys());
}
