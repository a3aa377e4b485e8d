/**
 * What a line of the security log says. Types, the check of a line, and the tables of docs/security-log.md come from the objects here
 * (test/unit/security-log.test.ts compares them).
 */
import { z } from 'zod';
import { CHAIN_KINDS } from './chain.ts';

/** A new version says that lines are read in another way. New fields and new events leave it as it is. */
export const VERSION = 1;

/** The fields that a line may have besides those of every line. */
export const FIELDS = {
  session: z.string().describe('The session. Its lines, and those of its operations, have it in common.'),
  operation: z.string().describe('The operation. Its lines have it in common.'),
  user: z.string().describe('The user’s id.'),
  unit: z.string().nullable().describe('The user’s own unit; `null`: none.'),
  role: z.string().nullable().describe('The user’s role, as the DMS spells it.'),
  jti: z
    .string()
    .nullable()
    .describe('The first 16 hexadecimal digits of the SHA-256 of the token’s `jti`; `null`: it has none.'),
  address: z
    .string()
    .nullable()
    .describe('The client’s address, as `TRUSTED_PROXIES` says; `null`: not known.'),
  transport: z.enum(['websocket', 'event stream', 'http']).describe('How the client is connected.'),
  reason: z.string().describe('Why; one of the words below.'),
  seconds: z.number().describe('How long it lasted.'),
  expires: z.string().describe('When its token ends (ISO 8601).'),
  code: z
    .string()
    .describe(
      'The error code that the client got, or the code by which its socket was closed, or the status of an answer without one; `ABANDONED`: the client gave up before.',
    ),
  kind: z.enum(['query', 'mutation', 'subscription']).describe('What kind of operation it is.'),
  field: z
    .string()
    .describe('The root fields of the API that it asks for, with commas between them; none that is unknown.'),
  reads: z
    .string()
    .nullable()
    .describe(
      'The unit whose data it reads or asks for; `*`: all units; `null`: only what is addressed to the user.',
    ),
  topic: z.string().describe('The topic that it reads, or a pattern of topics.'),
  arguments: z
    .record(z.string(), z.unknown())
    .describe(
      'Arguments that leave events out, as far as they cannot be free text: enums, booleans, numbers and plain ids.',
    ),
  leftOut: z.array(z.string()).describe('The names of arguments that are not in `arguments`.'),
  document: z
    .string()
    .describe('The first 16 hexadecimal digits of the SHA-256 of the text of its document.'),
  first: z
    .string()
    .nullable()
    .describe(
      'The position in the log of its topic after which it got events; `null`: the topic has no log, or it is empty.',
    ),
  last: z
    .string()
    .nullable()
    .describe(
      'The position of the last event that was given to its connection, or up to which there was none for it.',
    ),
  limit: z.string().describe('The limit; one of the words below.'),
  origin: z.string().describe('The origin of the page.'),
  action: z.enum(['revoked', 'changed']).describe('What the DMS said.'),
  subject: z.enum(['user', 'token']).describe('Whether it is about a user (`user`) or a token (`jti`).'),
  sessions: z.number().describe('How many open sessions it ended here.'),
  setting: z.string().describe('The setting.'),
  why: z.string().describe('What it weakens.'),
  count: z.number().describe('How many lines are missing.'),
  of: z.string().describe('The event whose lines are missing; `*`: any.'),
  chain: z.enum(CHAIN_KINDS).describe('By what `hash` is made; see the chain below.'),
} as const;

export type FieldName = keyof typeof FIELDS;

interface EventRule {
  /** What it means. */
  readonly says: string;
  /** Whether something was refused or is wrong: it is written also where `SECURITY_LOG_LEVEL` is `refusals`. */
  readonly isRefusal: boolean;
  /** Fields that each line has. */
  readonly has: readonly FieldName[];
  /** Fields that a line has where they are known. */
  readonly may: readonly FieldName[];
}

/** Who has signed in, and from where. */
const WHO = ['session', 'user', 'unit', 'role', 'jti', 'address', 'transport'] as const;
const NONE = [] as const;

export const EVENTS = {
  'session.opened': {
    says: 'A token was verified. Over HTTP each request has a session of its own.',
    isRefusal: false,
    has: [...WHO, 'expires'],
    may: NONE,
  },
  'session.refused': {
    says: 'A token was refused, or there was none. `user`, `unit`, `role` and `jti` are there if its signature was good; `session` if it was to renew one.',
    isRefusal: true,
    has: ['reason', 'address', 'transport'],
    may: ['session', 'user', 'unit', 'role', 'jti'],
  },
  'session.renewed': {
    says: 'The session goes on under a new token: `jti` is that of the new one.',
    isRefusal: false,
    has: [...WHO, 'expires'],
    may: NONE,
  },
  'session.ended': {
    says: 'The session is over.',
    isRefusal: false,
    has: [...WHO, 'reason', 'seconds'],
    may: NONE,
  },
  'operation.started': {
    says: 'A query or mutation runs, or a subscription has begun.',
    isRefusal: false,
    has: [...WHO, 'operation', 'kind', 'field', 'document'],
    may: ['reads', 'topic', 'arguments', 'leftOut', 'first'],
  },
  'operation.position': {
    says: 'How far a subscription has come that runs for long; written every ten minutes if it has come any further.',
    isRefusal: false,
    has: [...WHO, 'operation', 'field', 'topic', 'document', 'first', 'last'],
    may: ['reads'],
  },
  'operation.read': {
    says: 'A query has read what stands in the log of a topic, from `first` to `last`. It answers with what it made of it.',
    isRefusal: false,
    has: [...WHO, 'operation', 'field', 'topic', 'document', 'first', 'last'],
    may: ['reads'],
  },
  'operation.refused': {
    says: 'An operation, or a field of it, was refused. Without `operation` it had not started; without `session` the client had not signed in.',
    isRefusal: true,
    has: ['code', 'address', 'transport'],
    may: ['session', 'user', 'unit', 'role', 'jti', 'operation', 'kind', 'field', 'reads', 'document'],
  },
  'operation.ended': {
    says: 'The operation is over.',
    isRefusal: false,
    has: [...WHO, 'operation', 'kind', 'field', 'document', 'reason', 'seconds'],
    may: ['reads', 'topic', 'first', 'last'],
  },
  'admin.read_other_unit': {
    says: 'A viewer of all units reads another unit than the own one, or all.',
    isRefusal: false,
    has: [...WHO, 'operation', 'field', 'reads'],
    may: NONE,
  },
  'limit.reached': {
    says: 'A client was over a limit, and refused or sent away.',
    isRefusal: true,
    has: ['limit', 'address'],
    may: ['session', 'user', 'unit', 'role', 'jti', 'transport'],
  },
  'origin.refused': {
    says: 'A page of an origin that is not let in asked.',
    isRefusal: true,
    has: ['origin', 'address'],
    may: NONE,
  },
  'revocation.applied': {
    says: 'The DMS said that a user or a token is revoked, or that a user has changed. Each process writes it.',
    isRefusal: true,
    has: ['action', 'subject', 'sessions'],
    may: ['user', 'jti'],
  },
  'setting.unsafe': {
    says: 'A setting weakens the safety of this process. Written at start.',
    isRefusal: true,
    has: ['setting', 'why'],
    may: NONE,
  },
  'log.opened': {
    says: 'The first line of a process.',
    isRefusal: true,
    has: NONE,
    may: ['chain'], // lines of earlier servers have none
  },
  'log.closed': {
    says: 'The last line of a process that was stopped. If it is missing, the process was killed.',
    isRefusal: true,
    has: NONE,
    may: NONE,
  },
  gap: {
    says: 'Lines are missing here.',
    isRefusal: true,
    has: ['reason', 'count', 'of'],
    may: NONE,
  },
} as const satisfies Readonly<Record<string, EventRule>>;

/** Why lines are missing. */
export type GapReason = keyof typeof GAP_REASONS;

export type EventName = keyof typeof EVENTS;

export const EVENT_NAMES = Object.keys(EVENTS) as readonly EventName[]; // its keys are what the type says

export const GAP_REASONS = {
  flood: 'Clients without a session caused more lines in a second than are written.',
  destination: 'The destination did not take them in time.',
  stream:
    'The stream in Redis did not take them in time. They are missing there, and not in the destination.',
} as const;

type ValueOf<Name extends FieldName> = z.output<(typeof FIELDS)[Name]>;
type Has<Event extends EventName> = (typeof EVENTS)[Event]['has'][number];
type May<Event extends EventName> = (typeof EVENTS)[Event]['may'][number];

/** An entry without the fields of every line, which the log adds. */
export type EntryOf<Event extends EventName> = { readonly event: Event } & {
  readonly [Name in Has<Event>]: ValueOf<Name>;
} & { readonly [Name in May<Event>]?: ValueOf<Name> | undefined };

export type SecurityEntry = { [Event in EventName]: EntryOf<Event> }[EventName];

/** Lines of earlier servers have none. */
const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .optional();

/** The fields of every line. */
export const LINE = {
  channel: z.literal('security').describe('Distinguishes these lines from those of the ordinary log.'),
  version: z.literal(VERSION).describe('The version of this schema.'),
  at: z.iso.datetime().describe('When, by the clock of the process (ISO 8601, UTC).'),
  process: z.string().describe('The process: host, process id, and digits that are new with each start.'),
  seq: z
    .int()
    .positive()
    .describe('Counts the lines of a process: 1, 2, 3 … A number that is missing is a line that is missing.'),
  event: z.enum(EVENT_NAMES).describe('What happened.'),
  prev: hash.describe('The `hash` of the line before of this process; 64 zeros in its first line.'),
  hash: hash.describe('The hash of this line: of its bytes before `,"hash":`.'),
} as const;

const base = z.object(LINE);
export type SecurityLine = z.output<typeof base> & { readonly [Name in FieldName]?: ValueOf<Name> };

const RULES: Readonly<Record<EventName, EventRule>> = EVENTS;

/** The check of a line of an event: exactly the fields that it may have. */
export function lineSchemaOf(event: EventName): z.ZodType {
  const { has, may } = RULES[event];
  const all: Partial<Record<FieldName, z.ZodType>> = {};
  for (const name of has) all[name] = FIELDS[name];
  for (const name of may) all[name] = FIELDS[name].optional();
  return z.strictObject({ ...LINE, event: z.literal(event), ...all });
}

/** Whether an event is written also where only refusals are. */
export const isRefusal = (event: EventName): boolean => RULES[event].isRefusal;
