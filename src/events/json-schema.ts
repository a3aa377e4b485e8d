/** The messages as JSON Schema, for publishers in other languages: `contract/events.schema.json`. */
import { z } from 'zod';
import type { EventKinds } from './kinds.ts';
import { sessionMessage } from './session-message.ts';

/** Describes what may be published on the topics of each kind, and on the session topic. */
export function describeMessages(kinds: EventKinds) {
  const schemas: [string, z.ZodType][] = [
    ...[...kinds].map(([name, { validator }]): [string, z.ZodType] => [name, validator]),
    ['session', sessionMessage],
  ];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Messages that dms-live reads',
    description:
      'Generated from schema.graphql: do not edit. Validate a message against the definition of its topic’s kind, e.g. #/$defs/request. Unknown fields are ignored. Not expressible here: a message has at most 64 KiB, and every unitId of its entities is its topic’s.',
    $defs: Object.fromEntries(schemas.map(([name, schema]) => [name, definitionOf(schema)])),
  };
}

function definitionOf(schema: z.ZodType): object {
  const { $schema: _dialect, ...definition } = z.toJSONSchema(schema, { io: 'input' });
  return definition;
}
