/** `npm run generate`: writes the event contract as JSON Schema, for publishers in other languages. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { sessionMessage } from '../auth/revocation.ts';
import { eventSchemas } from './event.ts';

/** Two levels above this file, built or not. */
const TARGET = new URL('../../contract/events.schema.json', import.meta.url);

const definitions = Object.fromEntries(
  Object.entries({ ...eventSchemas, session: sessionMessage }).map(([kind, schema]) => {
    const { $schema: _dialect, ...definition } = z.toJSONSchema(schema, { io: 'input' });
    return [kind, definition];
  }),
);

const document = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Messages that dms-live reads',
  description:
    'Generated from the validators (src/topics/event.ts): do not edit. Validate a message against the definition of its topic’s kind, e.g. #/$defs/request. Unknown fields are ignored. Not expressible here: a message has at most 64 KiB, and every unitId of its entities is its topic’s.',
  $defs: definitions,
};

writeFileSync(TARGET, `${JSON.stringify(document, null, 2)}\n`);
