/** What bodies of requests hold. */
import { z } from 'zod';
import { DEMO_PASSWORD } from '../users.ts';

/** Lengths and numbers that fit into the largest event, whatever alphabet is written. */
const LONGEST_TEXT = 200;
const LONGEST_REASON = 1000;
const LONGEST_NAME = 80;
const LONGEST_WORD = 50;
const LONGEST_PLACE = 40;
const MOST_DOCUMENTS = 20;
const MOST_IN_A_RACK = 1000;

const WHOLE = /^\s*[+-]?\d+(\.0*)?\s*$/;
/** Also written as a string, as Django REST framework reads whole numbers. */
const whole = z.preprocess(
  (given) => (typeof given === 'string' && WHOLE.test(given) ? Number(given) : given),
  z.int(),
);

const id = whole.transform(String);
const written = z.string().trim().min(1, 'Write something.');
const text = written.max(LONGEST_TEXT);
const name = written.max(LONGEST_NAME);
const word = written.max(LONGEST_WORD);
const place = written.max(LONGEST_PLACE);
const reason = written.max(LONGEST_REASON);
const date = z.union([z.iso.date(), z.iso.datetime({ offset: true })], 'Write a date, such as 2026-12-24.');

const signature = z.string().refine((given) => given === DEMO_PASSWORD, 'This is not your signature.');

export const nothing = z.unknown().transform(() => undefined);
export const credentials = z.object({ username: z.string().max(200), password: z.string().max(200) });
export const refreshToken = z.object({ refresh: z.string().max(4096) });

export const newRequest = z.object({ crate: id, signature: signature.optional() });
export const newWithdrawal = newRequest.extend({ expected_return_date: date });
/** What is corrected is found before its correction is read. */
export const unread = z.unknown();
export const correction = z.object({ crate: id.optional(), signature: signature.optional() });
export const withdrawalCorrection = correction.extend({ expected_return_date: date.optional() });

export const signed = z.object({ signature });
export const rejection = signed.extend({ reason });
export const sendingBack = rejection.extend({ sendback_type: word });
export const allocation = signed.extend({ storage: id });
export const issuing = signed.extend({ expected_return_date: date.optional() });

const document = z.object({
  document_name: name,
  document_number: word,
  document_type: word,
  description: z.string().max(LONGEST_TEXT).nullish(),
});
export const newCrate = z.object({
  unit_id: id.optional(),
  destruction_date: z.iso.date('Write a day, such as 2026-12-24.').nullish(),
  documents: z.array(document).max(MOST_DOCUMENTS).default([]),
});
export const crateChanges = z.object({
  status: z.enum(['Active', 'Archived']).optional(),
  destruction_date: z.iso.date('Write a day, such as 2026-12-24.').nullish(),
  documents: z
    .array(document.extend({ id: id.optional() }))
    .max(MOST_DOCUMENTS)
    .optional(),
});
export const relocation = signed.extend({ storage: id });

export const location = z.object({
  room_name: place,
  rack_name: place,
  compartment_name: place,
  shelf_name: place,
});
export const locationChanges = location.partial();
export const newLocation = location.extend({ unit_id: id.optional() });
const inARack = whole.pipe(z.int().min(1).max(MOST_IN_A_RACK));
export const manyLocations = z
  .object({
    unit_id: id.optional(),
    room_name: place,
    rack_name: place,
    compartments: inARack,
    shelves: inARack,
  })
  .refine(
    ({ compartments, shelves }) => compartments * shelves <= MOST_IN_A_RACK,
    `At most ${MOST_IN_A_RACK} places at once.`,
  );

/** A day alone is another period in each time zone, so that it would be ambiguous. */
const instant = z.iso.datetime({
  offset: true,
  error: 'Write a date and a time with the time zone, such as 2026-11-26T00:00:00+01:00.',
});
/** An empty filter is none. */
const unlessBlank = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((given) => (given === '' || given === null ? undefined : given), schema.optional());
export const auditFilters = z.object({
  unit: unlessBlank(id),
  search: unlessBlank(text),
  user: unlessBlank(
    z.union([z.int().transform(String), z.string().regex(/^(system|\d{1,19})$/, 'Write the id of a user.')]),
  ),
  action: unlessBlank(z.string().max(LONGEST_NAME)),
  type: unlessBlank(z.string().max(LONGEST_NAME)),
  from: unlessBlank(instant),
  until: unlessBlank(instant),
});
export const auditPage = z.object({
  before: unlessBlank(
    z
      .string()
      .regex(/^\d{1,19}$/, 'Write the id of an entry.')
      .transform(Number),
  ),
});

export const pace = z.object({ pace: z.enum(['busy', 'calm', 'paused']) });

export type BodyOf<Schema extends z.ZodType> = z.output<Schema>;
