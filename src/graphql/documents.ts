import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OverlappingFieldsCanBeMergedRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { createDocumentCache, type DocumentCacheStats } from './document-cache.ts';
import { describeFault, describeParseError, type Sender, signInFirst } from './document-faults.ts';
import { rememberText } from './document-hash.ts';
import type { SentDocument } from './document-id.ts';
import { type DocumentLimits, findExcess } from './document-limits.ts';
import { createTidyMessage } from './error-text.ts';
import { createConflictFinder } from './field-conflicts.ts';
import type { ListedDocument } from './manifests.ts';
import { findProtectedField } from './protected-field.ts';
import { subscribedField } from './root-fields.ts';
import { trustDocuments } from './trusted-documents.ts';

/** A document that could be parsed, and what is wrong with it. */
export interface ReadDocument {
  readonly document: DocumentNode;
  /** Empty: it may be executed. */
  readonly faults: readonly GraphQLError[];
}

/**
 * Finds the trusted documents that clients name, and parses and validates the texts that they send. Of texts only those of users are
 * kept, only valid ones, and only up to a number of bytes. What a stranger sends costs little, and nothing of it is kept.
 */
export interface Documents {
  /**
   * Throws a GraphQLError with a code if the hash is not that of a trusted document, if only those are run and a text is sent, or if the
   * text is no document, or too long for its sender.
   */
  read(sent: SentDocument, sender: Sender): ReadDocument;
  /** What is kept. */
  readonly stats: DocumentCacheStats;
}

export interface DocumentOptions {
  readonly schema: GraphQLSchema;
  readonly limits: DocumentLimits;
  /** Whether the schema may be asked for, and errors may suggest names of it. */
  readonly introspection: boolean;
  /** Documents that need not be sent as text. Default: there are none. */
  readonly trusted?: { readonly listed: readonly ListedDocument[]; readonly isOnly: boolean };
}

const NONE = { listed: [], isOnly: false };

/** How many faults of a document are described: each costs a look at its whole text. */
const MAX_FAULTS: Record<Sender, number> = { user: 20, stranger: 3 };

/**
 * A document of more lines is read without locations, which errors show. graphql-js counts the lines before a
 * place for each error, which takes 7 ms for 60,000 of them. A line may also be a comment, which is no token, and kept with
 * the places. A stranger needs no longer document.
 */
const MAX_LOCATED_LINES = 1000;

/** @throws {ManifestError} where a trusted document is not valid, or beyond the limits. */
export function createDocuments(options: DocumentOptions): Documents {
  const { schema, limits, introspection, trusted = NONE } = options;
  const cache = createDocumentCache(limits.cacheBytes);
  const tidy = createTidyMessage({ hideSuggestions: !introspection });
  const findConflict = createConflictFinder(schema);
  const rules = [
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ...specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule),
  ];

  function parseLines(text: string, lines: number, sender: Sender): DocumentNode {
    if (sender === 'stranger' && lines > MAX_LOCATED_LINES) throw signInFirst();
    const maxTokens = sender === 'user' ? limits.maxTokens : limits.maxAnonymousTokens;
    try {
      return parse(text, { maxTokens, noLocation: lines > MAX_LOCATED_LINES });
    } catch (error) {
      throw describeParseError(error, sender, maxTokens, tidy);
    }
  }

  /** From the cheap to the costly; what follows relies on what came before. */
  function findFaults(document: DocumentNode, sender: Sender): readonly GraphQLError[] {
    const field = sender === 'stranger' ? findProtectedField(schema, document) : undefined;
    if (field !== undefined) return [signInFirst([field])];
    const excess = findExcess(document, limits);
    if (excess !== undefined) return [excess];
    const faults = applyRules(document, sender);
    if (faults.length > 0) return faults;
    const last = findConflict(document) ?? findEmptySubscription(schema, document);
    return last === undefined ? [] : [last];
  }

  function applyRules(document: DocumentNode, sender: Sender): readonly GraphQLError[] {
    // To look for what a name of 60 KB is similar to takes 5 ms.
    const hideSuggestions = !introspection || sender === 'stranger';
    const options = { maxErrors: MAX_FAULTS[sender], hideSuggestions };
    try {
      return validate(schema, document, rules, options);
    } catch (error) {
      // One rule evaluates conditions at the root of a subscription, without variables, and throws where there is no value.
      if (!(error instanceof GraphQLError)) throw error;
      return [new GraphQLError(NO_CONDITION, { nodes: error.nodes ?? null })];
    }
  }

  function examine(text: string, sender: Sender): ReadDocument & { readonly lines: number } {
    const lines = countLines(text);
    const document = parseLines(text, lines, sender);
    rememberText(document, text);
    return {
      document,
      lines,
      faults: findFaults(document, sender).map((fault) => describeFault(fault, tidy)),
    };
  }

  function readText(text: string, sender: Sender): ReadDocument {
    const known = sender === 'user' ? cache.get(text) : undefined;
    if (known !== undefined) return { document: known, faults: [] };
    const { document, lines, faults } = examine(text, sender);
    if (sender === 'user' && faults.length === 0) cache.set(text, document, lines);
    return { document, faults };
  }

  const resolve = trustDocuments({
    ...trusted,
    examine(text) {
      const { document, faults } = examine(text, 'user');
      return { document, faults, protectedField: findProtectedField(schema, document) };
    },
  });

  return {
    read(sent, sender) {
      const found = resolve(sent);
      if ('text' in found) return readText(found.text, sender);
      const { document, protectedField } = found;
      const needsSession = sender === 'stranger' && protectedField !== undefined;
      return { document, faults: needsSession ? [signInFirst([protectedField])] : [] };
    },
    get stats() {
      return cache.stats;
    },
  };
}

const NO_CONDITION =
  'The conditions of @skip and @include at the root of a subscription must be true or false, not variables.';
const NO_FIELD = 'The subscription selects nothing: @skip or @include leaves its field out.';

/** graphql-js takes it for granted that there is a field to subscribe to. */
function findEmptySubscription(schema: GraphQLSchema, document: DocumentNode): GraphQLError | undefined {
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION || node.operation !== 'subscription') continue;
    const operationName = node.name?.value ?? null;
    if (subscribedField({ schema, document, operationName }) === undefined)
      return new GraphQLError(NO_FIELD, { nodes: node });
  }
  return undefined;
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 10 || char === 13) lines += 1;
  }
  return lines;
}
