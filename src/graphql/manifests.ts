import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { readDocumentId } from './document-id.ts';
import { ManifestError } from './manifest-error.ts';

/** A document of a manifest. */
export interface ListedDocument {
  /** The SHA-256 of its text, in hexadecimal digits. */
  readonly hash: string;
  readonly text: string;
  /** For messages: the file, and its name in it. */
  readonly where: string;
}

/**
 * Reads manifests. Of two forms: an object of hashes and their texts (`persisted-documents.json` of GraphQL Code Generator, and of
 * Relay), and Apollo's manifest. A document may be in several.
 * @param paths files, and folders of which every `.json` file is read.
 * @throws {ManifestError} with every fault found.
 */
export function readManifests(paths: readonly string[]): readonly ListedDocument[] {
  const faults: string[] = [];
  const attempt = <Result>(where: string, read: () => readonly Result[]): readonly Result[] => {
    try {
      return read();
    } catch (error) {
      faults.push(`${where}: ${messageOf(error)}`);
      return [];
    }
  };
  const files = paths.flatMap((path) => attempt(path, () => filesAt(path)));
  const documents = files.flatMap((file) =>
    attempt(file, () => entriesOf(readJson(file))).flatMap(([id, text]) => {
      const where = `${file}: ${shorten(id)}`;
      return attempt(where, () => [{ ...checkEntry(id, text), where }]);
    }),
  );
  if (faults.length > 0) throw new ManifestError(faults);
  return documents;
}

function filesAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith('.json'));
  if (names.length === 0) throw new Error('the folder has no .json file');
  return names.toSorted().map((name) => join(path, name));
}

function readJson(file: string): unknown {
  const text = readFileSync(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is no JSON');
  }
}

type Entry = readonly [id: string, text: unknown];

const APOLLO = 'apollo-persisted-query-manifest';

function entriesOf(manifest: unknown): readonly Entry[] {
  if (!isRecord(manifest)) throw new Error('a manifest is an object of hashes and texts');
  const entries = manifest['format'] === APOLLO ? apolloEntries(manifest) : Object.entries(manifest);
  if (entries.length === 0) throw new Error('it has no document');
  return entries;
}

function apolloEntries({ version, operations }: Readonly<Record<string, unknown>>): readonly Entry[] {
  if (version !== 1 || !Array.isArray(operations)) throw new Error(`its ${APOLLO} is not of version 1`);
  return operations.map((operation: unknown) =>
    isRecord(operation) ? [String(operation['id']), operation['body']] : ['an operation', undefined],
  );
}

/** @throws where a text is not that of its hash. */
function checkEntry(id: string, text: unknown): Pick<ListedDocument, 'hash' | 'text'> {
  if (typeof text !== 'string') throw new Error('its document is no text');
  const hash = readDocumentId(id);
  if (hash === undefined)
    throw new Error(
      'its name is no SHA-256 in hexadecimal digits. GraphQL Code Generator: hashAlgorithm "sha256"; Relay: algorithm "SHA256"',
    );
  if (createHash('sha256').update(text).digest('hex') !== hash)
    throw new Error('its name is not the SHA-256 of its text: the file was changed, or is not whole');
  return { hash, text };
}

const MAX_NAME = 80;
const shorten = (name: string): string => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
