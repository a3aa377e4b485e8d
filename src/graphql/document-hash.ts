import type { DocumentNode } from 'graphql';
import { shortHash } from '../record/security-log.ts';

/** The hashes of documents, for as long as each is kept. */
const hashes = new WeakMap<DocumentNode, string>();

/** Remembers which text a document was parsed from. */
export function rememberText(document: DocumentNode, text: string): void {
  hashes.set(document, shortHash(text));
}

/** The hash of the text that a document was parsed from, for the security log. */
export function documentHash(document: DocumentNode): string {
  return hashes.get(document) ?? shortHash(document.loc?.source.body ?? '');
}
