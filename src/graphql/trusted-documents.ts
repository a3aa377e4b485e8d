import { type DocumentNode, type FieldNode, GraphQLError } from 'graphql';
import type { ErrorCode } from '../errors.ts';
import { BAD_DOCUMENT } from './document-faults.ts';
import { readDocumentId, type SentDocument, sentId } from './document-id.ts';
import { ManifestError } from './manifest-error.ts';
import type { ListedDocument } from './manifests.ts';

/** A document that was parsed and validated at start. */
export interface TrustedDocument {
  readonly document: DocumentNode;
  /** A field in it that needs a session. */
  readonly protectedField: FieldNode | undefined;
}

export interface TrustedDocumentOptions {
  readonly listed: readonly ListedDocument[];
  /** Whether no text is accepted. */
  readonly isOnly: boolean;
  /** Parses and validates a text. It throws, or returns what is wrong with it. */
  readonly examine: (text: string) => TrustedDocument & { readonly faults: readonly GraphQLError[] };
}

/** Decides what a client asks for, over all transports. Throws a GraphQLError with a code where it may not have it. */
export type ResolveDocument = (sent: SentDocument) => TrustedDocument | { readonly text: string };

/**
 * Prepares the documents of the manifests, and refuses what is none of them. A text is looked at only where texts are accepted.
 * Where a client sends a text and a hash, the text counts.
 * @throws {ManifestError} with every fault found.
 */
export function trustDocuments({ listed, isOnly, examine }: TrustedDocumentOptions): ResolveDocument {
  const trusted = prepare(listed, examine);
  return (sent) => {
    const { query } = sent;
    const hasText = typeof query === 'string' && query !== '';
    if (hasText && isOnly) throw refuse(ONLY_HASHES);
    if (hasText) return { text: query };
    const id = sentId(sent);
    if (id === undefined && isOnly) throw refuse(ONLY_HASHES);
    if (id === undefined) return { text: '' };
    const hash = typeof id === 'string' ? readDocumentId(id) : undefined;
    if (hash === undefined) throw refuse(NO_HASH, 'BAD_USER_INPUT');
    if (trusted.size === 0) throw refuse(NO_MANIFEST);
    const found = trusted.get(hash);
    if (found === undefined) throw refuse(`There is no trusted document ${hash}. ${DEPLOY_FIRST}`);
    return found;
  };
}

function prepare(
  listed: readonly ListedDocument[],
  examine: TrustedDocumentOptions['examine'],
): ReadonlyMap<string, TrustedDocument> {
  const faults: string[] = [];
  const trusted = new Map<string, TrustedDocument>();
  for (const { hash, text, where } of listed) {
    if (trusted.has(hash)) continue;
    try {
      const { document, protectedField, faults: found } = examine(text);
      trusted.set(hash, { document, protectedField });
      faults.push(...found.map(({ message }) => `${where}: ${message}`));
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      faults.push(`${where}: ${error.message}`);
    }
  }
  if (faults.length > 0) throw new ManifestError(faults);
  return trusted;
}

const ONLY_HASHES =
  'This server runs trusted documents only: send the hash of one as documentId ("sha256:…"), and no text as query.';
const NO_MANIFEST = 'This server has no trusted documents: send the text of the document as query.';
const DEPLOY_FIRST = 'The manifest of this client must be deployed to the server before the client is.';
const NO_HASH =
  'The documentId, or extensions.persistedQuery.sha256Hash, must be the SHA-256 of a document: 64 hexadecimal digits in lower case, after "sha256:" or alone.';

function refuse(message: string, code: ErrorCode = 'UNTRUSTED_DOCUMENT'): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: BAD_DOCUMENT } });
}
