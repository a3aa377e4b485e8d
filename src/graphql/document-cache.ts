import { type DocumentNode, Kind } from 'graphql';

/** Documents by their text, up to a number of bytes: the one that was used least recently goes first. */
export interface DocumentCache {
  get(text: string): DocumentNode | undefined;
  set(text: string, document: DocumentNode, lines: number): void;
  readonly stats: DocumentCacheStats;
}

export interface DocumentCacheStats {
  readonly documents: number;
  /** What they take in memory, with what is compiled of them, as estimated by {@link estimateBytes}. */
  readonly bytes: number;
}

interface Entry {
  readonly document: DocumentNode;
  readonly bytes: number;
}

export function createDocumentCache(maxBytes: number): DocumentCache {
  const entries = new Map<string, Entry>(); // in the order of their use
  let bytes = 0;

  return {
    get(text) {
      const entry = entries.get(text);
      if (entry === undefined) return undefined;
      entries.delete(text);
      entries.set(text, entry);
      return entry.document;
    },
    set(text, document, lines) {
      const entry = { document, bytes: estimateBytes(text, document, lines) };
      if (entry.bytes > maxBytes || entries.has(text)) return;
      entries.set(text, entry);
      bytes += entry.bytes;
      for (const [oldest, { bytes: freed }] of entries) {
        if (bytes <= maxBytes) break;
        entries.delete(oldest);
        bytes -= freed;
      }
    },
    get stats() {
      return { documents: entries.size, bytes };
    },
  };
}

const BYTES_PER_CHAR = 2;
/** A token with its node and their places; the worst is a field of its own, 520 bytes (`id id id …`). */
const BYTES_PER_TOKEN = 560;
/** A line may be a comment, which is kept as a token that is not counted. */
const BYTES_PER_LINE = 100;
const BYTES_PER_DOCUMENT = 2048;

/** A field of a compiled selection (plain-selection.ts), of which a subscription has no more than tokens. */
const BYTES_PER_COMPILED_FIELD = 400;

/** What a parsed document takes in memory, and its selection when it is compiled: not less than it really does. A test measures it. */
export function estimateBytes(text: string, document: DocumentNode, lines: number): number {
  const { tokenCount: tokens = text.length } = document;
  const perToken = BYTES_PER_TOKEN + (isCompiled(document) ? BYTES_PER_COMPILED_FIELD : 0);
  return BYTES_PER_DOCUMENT + BYTES_PER_CHAR * text.length + perToken * tokens + BYTES_PER_LINE * lines;
}

function isCompiled({ definitions }: DocumentNode): boolean {
  return definitions.some(
    (node) => node.kind === Kind.OPERATION_DEFINITION && node.operation === 'subscription',
  );
}
