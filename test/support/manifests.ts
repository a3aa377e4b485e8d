/** Manifests of trusted documents for the running test. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A manifest as GraphQL Code Generator writes it. */
export const manifestOf = (...texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(texts.map((text) => [`sha256:${sha256(text)}`, text]));

/** A manifest as Apollo's tools write it. */
export const apolloManifestOf = (...texts: readonly string[]) => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: texts.map((body) => ({ id: sha256(body), name: 'Q', type: 'query', body })),
});

/** A folder of these files; what is no text is written as JSON. */
export function useFolder(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dms-live-manifests-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}
