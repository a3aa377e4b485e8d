/**
 * The event contract (contract, section 2): what a publisher may send, checked once, where a message enters. Whatever has
 * passed may be relied on everywhere else: it has the shape of the GraphQL type it becomes, absent values are `null`, ids are
 * strings, enum values are spelt as GraphQL spells them.
 */
import { z } from 'zod';
import { toUtc } from '../events/instant.ts';
import type { EventKind } from '../events/topic-names.ts';

export type { EventKind } from '../events/topic-names.ts';

/** `['SENT_BACK']` accepts `SENT_BACK` and, as the DMS writes it, `Sent Back`. */
function words<const Words extends readonly [string, ...string[]]>(values: Words) {
  const spellings = new Map<string, Words[number]>();
  for (const value of values) {
    spellings.set(value, value);
    spellings.set(value.toLowerCase().replace(/(^|_)([a-z])/g, spellWord), value);
  }
  return z.enum([...spellings.keys()]).transform((spelling, context): Words[number] => {
    const value = spellings.get(spelling);
    if (value !== undefined) return value;
    context.addIssue('unknown word');
    return z.NEVER;
  });
}

function spellWord(_match: string, separator: string, letter: string): string {
  return (separator === '_' ? ' ' : '') + letter.toUpperCase();
}

const id = z
  .union([z.string().min(1).max(128), z.int()])
  .transform(String)
  .describe('An id: a string of 1 to 128 characters, or an integer.');
const text = z.string().nullable().default(null);
const instant = z.iso
  .datetime({ offset: true })
  .transform(toUtc)
  .describe('ISO 8601 with `Z` or an offset; passed on in UTC.');
const instantOrDay = z.union([instant, z.iso.date()]).nullable().default(null);
const count = z.int().nonnegative().max(2_147_483_647);

/** What is passed on as it is must also be written again, which JSON.stringify does by recursion: bounded here. */
const MAX_CHANGES_DEPTH = 32;

function isNestedAtMost(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isNestedAtMost(levels - 1, inner));
}

const user = z.object({ id, name: text, role: text });
const maybeUser = user.nullable().default(null);

const storageLocation = z.object({
  id,
  unitId: id,
  roomName: text,
  rackName: text,
  compartmentName: text,
  shelfName: text,
});

const document = z.object({
  id,
  unitId: id.nullable().default(null),
  documentName: text,
  documentNumber: text,
  documentType: text,
  description: text,
});

const crateStatus = words(['ACTIVE', 'WITHDRAWN', 'ARCHIVED', 'DESTROYED']);
const crate = z.object({
  id,
  status: crateStatus,
  unitId: id,
  storage: storageLocation.nullable().default(null),
  destructionDate: instantOrDay,
  documents: z.array(document).nullable().default(null),
});

const requestType = words(['STORAGE', 'WITHDRAWAL', 'DESTRUCTION']);
const requestStatus = words([
  'PENDING',
  'SENT_BACK',
  'APPROVED',
  'ISSUED',
  'RETURNED',
  'REJECTED',
  'COMPLETED',
]);
const request = z.object({
  id,
  requestType,
  status: requestStatus,
  unitId: id,
  crate: crate.nullable().default(null),
  createdBy: maybeUser,
  approvedBy: maybeUser,
  allocatedBy: maybeUser,
  withdrawnBy: maybeUser,
  issuedBy: maybeUser,
  createdAt: instant.nullable().default(null),
  approvalDate: instantOrDay,
  allocationDate: instantOrDay,
  issueDate: instantOrDay,
  returnDate: instantOrDay,
  expectedReturnDate: instantOrDay,
});

const sendBack = z
  .object({
    id,
    unitId: id,
    reason: text,
    sendbackType: text,
    createdBy: maybeUser,
    requestId: id.nullable().default(null),
    request: request.nullable().default(null),
  })
  .transform((sent) => ({ ...sent, requestId: sent.requestId ?? sent.request?.id ?? null }));

const auditEntry = z.object({
  id,
  unitId: id,
  action: text,
  objectType: text,
  objectId: id.nullable().default(null),
  user: maybeUser,
  at: instant.nullable().default(null),
  ipAddress: text,
  changes: z
    .unknown()
    .default(null)
    .refine(
      (changes) => isNestedAtMost(MAX_CHANGES_DEPTH, changes),
      `nested deeper than ${MAX_CHANGES_DEPTH} levels`,
    ),
});

const happened = { id, occurredAt: instant, actor: maybeUser };

/** One schema for each kind of event; `contract/events.schema.json` is generated from them. */
export const eventSchemas = {
  request: z.object({
    ...happened,
    action: words([
      'CREATED',
      'UPDATED',
      'APPROVED',
      'REJECTED',
      'SENT_BACK',
      'STORAGE_ALLOCATED',
      'ISSUED',
      'RETURNED',
      'COMPLETED',
      'MOVED_OUT',
      'MOVED_IN',
    ]),
    request,
  }),
  crate: z.object({
    ...happened,
    action: words(['CREATED', 'UPDATED', 'STATUS_CHANGED', 'RELOCATED', 'MOVED_OUT', 'MOVED_IN', 'DELETED']),
    crate,
  }),
  sendback: z.object({ ...happened, action: words(['CREATED', 'SENT_BACK']), sendBack }),
  storage: z.object({
    ...happened,
    action: words(['CREATED', 'BULK_CREATED', 'UPDATED', 'DELETED']),
    locations: z.array(storageLocation).min(1),
  }),
  audit: z.object({ ...happened, action: z.string().min(1).max(128), entry: auditEntry }),
  kpis: z.object({
    id,
    unitId: id.nullable().default(null),
    computedAt: instant.nullable().default(null),
    requestsByStatus: z
      .array(z.object({ status: requestStatus, count }))
      .nullable()
      .default(null),
    requestsByType: z.array(z.object({ requestType, count })).nullable().default(null),
    overdueWithdrawals: count.nullable().default(null),
    pendingApprovals: count.nullable().default(null),
    cratesByStatus: z
      .array(z.object({ status: crateStatus, count }))
      .nullable()
      .default(null),
  }),
} satisfies Record<EventKind, z.ZodType>;

/** What an event of a kind looks like once checked. */
export type EventOf<Kind extends EventKind> = z.output<(typeof eventSchemas)[Kind]>;

/** A checked event with its kind. */
export type LiveEvent = {
  [Kind in EventKind]: { readonly kind: Kind; readonly data: EventOf<Kind> };
}[EventKind];

/** The units that an event says it is about; each must be its topic's. */
export function unitsOf(event: LiveEvent): readonly (string | null)[] {
  switch (event.kind) {
    case 'request':
      return [event.data.request.unitId];
    case 'crate':
      return [event.data.crate.unitId];
    case 'sendback':
      return [event.data.sendBack.unitId];
    case 'storage':
      return event.data.locations.map((location) => location.unitId);
    case 'audit':
      return [event.data.entry.unitId];
    case 'kpis':
      return [event.data.unitId];
  }
}
