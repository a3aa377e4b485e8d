import type { DocumentNode } from 'graphql';
import { HASH_LENGTH, shortHash } from '../record/security-log.ts';
import { readDocumentId, type SentDocument, sentId } from './document-id.ts';

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

/** The same of a document that was sent and not read: of its text, or the beginning of the hash that was sent instead. */
export function sentHash(sent: SentDocument): string | undefined {
  const { query } = sent;
  const id = query === '' || query == null ? sentId(sent) : undefined;
  if (id === undefined) return typeof query === 'string' ? shortHash(query) : undefined;
  return typeof id === 'string' ? readDocumentId(id)?.slice(0, HASH_LENGTH) : undefined;
}
