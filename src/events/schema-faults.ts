/**
 * What is wrong with a schema. One that lacks a rule, or by which somebody could see another unit's data, must not start: each
 * fault says where it is, and what to write.
 */
import type { GraphQLSchema } from 'graphql';
import { findAccessFaults } from './access-faults.ts';
import { findAwayFaults } from './away-faults.ts';
import type { Inspection } from './inspection.ts';
import { findMessageFaults } from './message-faults.ts';
import { readDirective } from './sdl.ts';
import { findTopicFaults } from './topic-faults.ts';

/** Answers every fault; none: the schema may be served. */
export function findSchemaFaults(schema: GraphQLSchema): readonly string[] {
  const faults: string[] = [];
  const inspection: Inspection = {
    schema,
    has: (declared, directive) => readDirective(schema, declared, directive) !== undefined,
    fault: (where, what) => void faults.push(`${where} ${what}`),
  };
  findTopicFaults(inspection);
  findMessageFaults(inspection);
  findAccessFaults(inspection);
  findAwayFaults(inspection);
  return faults;
}
