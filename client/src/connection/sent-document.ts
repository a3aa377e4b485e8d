import { type Exchange, makeOperation, mapExchange, stringifyDocument } from '@urql/core';
import type { DocumentNode } from 'graphql';

/** What is sent of a document: its text, or its hash where it has one. */
export type SendDocuments = 'text' | 'hash';

/** A document by its text, and by its hash if it has one. */
export interface NamedDocument {
  readonly query: string;
  readonly documentId?: string | undefined;
}

export function nameDocument(document: DocumentNode): NamedDocument {
  const documentId = hashOf(document);
  const query = stringifyDocument(document);
  return documentId === undefined ? { query } : { query, documentId };
}

/** The hash that GraphQL Code Generator has written into a document; or `documentId`, as urql has it. */
function hashOf(document: object): string | undefined {
  if ('documentId' in document && typeof document.documentId === 'string') return document.documentId;
  const meta = '__meta__' in document ? document.__meta__ : undefined;
  if (typeof meta !== 'object' || meta === null || !('hash' in meta)) return undefined;
  return typeof meta.hash === 'string' ? meta.hash : undefined;
}

/** What goes over the wire for a document. One without a text has only its hash. A WebSocket's message must have a `query`. */
export function sentDocument({ query, documentId }: NamedDocument, send: SendDocuments): NamedDocument {
  if (documentId === undefined || (send === 'text' && query !== '')) return { query };
  return { query: '', documentId };
}

/** Sends urql's queries and mutations by their hashes. urql does so by itself where a document has nothing else. */
export function sendByHash(send: SendDocuments): Exchange {
  return mapExchange({
    onOperation(operation) {
      const { documentId } = sentDocument(nameDocument(operation.query), send);
      if (documentId === undefined) return operation;
      const query = { ...operation.query, definitions: [], documentId };
      return makeOperation(operation.kind, { ...operation, query });
    },
  });
}
