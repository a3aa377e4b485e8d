/** What a client sends of a document: its text, or its hash. It is as it came: nothing of it has been checked. */
export interface SentDocument {
  readonly query?: unknown;
  /** As the draft of GraphQL over HTTP has it: `sha256:` and 64 digits. */
  readonly documentId?: unknown;
  /** Its `persistedQuery.sha256Hash` is the hash as Apollo's clients send it. */
  readonly extensions?: unknown;
}

/** The hash that a client sends, of whatever type; `undefined`: none. */
export function sentId({ documentId, extensions }: SentDocument): unknown {
  if (documentId != null) return documentId;
  if (typeof extensions !== 'object' || extensions === null || !('persistedQuery' in extensions))
    return undefined;
  const { persistedQuery } = extensions;
  const isHash =
    typeof persistedQuery === 'object' && persistedQuery !== null && 'sha256Hash' in persistedQuery;
  return isHash ? persistedQuery.sha256Hash : (persistedQuery ?? undefined);
}

/** As the draft of GraphQL over HTTP has it. Apollo's hash comes without. */
const PREFIX = 'sha256:';
const DIGITS = 64;
const HASH = /^[0-9a-f]{64}$/;

/** Reads a document's identifier: its SHA-256 in hexadecimal digits. `undefined`: it is none. The length is looked at first. */
export function readDocumentId(id: string): string | undefined {
  if (id.length !== DIGITS && id.length !== PREFIX.length + DIGITS) return undefined;
  const hash = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id;
  return HASH.test(hash) ? hash : undefined;
}
