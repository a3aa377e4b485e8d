import type { DocumentNode, GraphQLSchema } from 'graphql';
import { createKinds, type EventKinds } from './kinds.ts';
import { DMS_SCHEMA, readSdl } from './sdl.ts';

/** What a server serves: the DMS's events, or those of another schema (setting `SCHEMA`). */
export interface Domain {
  /** Where its schema is. */
  readonly file: string;
  readonly document: DocumentNode;
  /** Describes, and executes nothing. */
  readonly schema: GraphQLSchema;
  readonly kinds: EventKinds;
}

/**
 * @param file default: the DMS's schema.
 * @throws {SchemaError} with every fault found.
 */
export function readDomain(file: string = DMS_SCHEMA): Domain {
  const { document, schema } = readSdl(file);
  return { file, document, schema, kinds: createKinds(schema) };
}
