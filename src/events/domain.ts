import type { DocumentNode, GraphQLSchema } from 'graphql';
import { createKinds, type EventKinds } from './kinds.ts';
import { SchemaError } from './schema-error.ts';
import { findSchemaFaults } from './schema-faults.ts';
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
  const faults = findSchemaFaults(schema);
  if (faults.length > 0) throw new SchemaError(file, faults);
  return { file, document, schema, kinds: createKinds(schema) };
}
