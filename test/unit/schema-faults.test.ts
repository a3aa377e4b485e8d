/** A schema that lacks a rule, or could leak, does not start. These are the messages for each mistake. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readDomain } from '../../src/events/domain.ts';
import { SchemaError } from '../../src/events/schema-error.ts';
import { enforceDirectives } from '../../src/graphql/directives.ts';

const HELP_DESK = readFileSync(fileURLToPath(new URL('../wire/help-desk.graphql', import.meta.url)), 'utf8');

/** The message about a schema, line by line; empty if the schema may start. */
function faultsOf(sdl: string): readonly string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'schema-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'other.graphql');
  writeFileSync(file, sdl);
  try {
    readDomain(file);
    return [];
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return error.message.split('\n').slice(1);
  }
}

/** The help desk's schema with one text replaced by another. */
function changed(from: string, to: string): string {
  const sdl = HELP_DESK.replace(from, to);
  if (sdl === HELP_DESK) throw new Error(`The schema does not say ${from}.`);
  return sdl;
}

test('the schemas of the help desk and of the DMS have no faults', () => {
  expect(faultsOf(HELP_DESK)).toEqual([]);
  expect([...readDomain().kinds.keys()]).toEqual([
    'request',
    'crate',
    'sendback',
    'storage',
    'audit',
    'kpis',
  ]);
});

test('a schema may repeat a definition of the server, but not change it', () => {
  const dms = readFileSync(fileURLToPath(new URL('../../schema.graphql', import.meta.url)), 'utf8');
  expect(faultsOf(dms)).toEqual([]);
  const directive = 'directive @instant on FIELD_DEFINITION\n';
  expect(faultsOf(`"In other words." ${directive}${HELP_DESK}`)).toEqual([]);
  expect(faultsOf(`${directive.replace('@instant', '@instant(to: String)')}${HELP_DESK}`)).toEqual([
    expect.stringContaining('@instant is defined by the server, and otherwise'),
  ]);
  expect(faultsOf(`${HELP_DESK} type Viewer { id: ID! }`)).toEqual([
    expect.stringContaining('Viewer is defined'),
  ]);
});

test('who is present may be in another schema, as the server answers it; its types mean something else only where it is not', () => {
  const fields = [
    'presence(kind: String!, id: ID, unitId: ID): [Presence!]! @unitScope',
    'announcePresence(kind: String!, id: ID!, unitId: ID, doing: PresenceDoing! = LOOKING, action: String): Boolean! @unitScope',
  ];
  const withFields = (all: readonly string[]): string =>
    `${HELP_DESK} extend type Subscription { ${all.join(' ')} }`;
  expect(faultsOf(withFields(fields))).toEqual([]);
  expect(faultsOf(`${HELP_DESK} type Presence { name: String }`)).toEqual([]);
  expect(faultsOf(withFields(fields.map((field) => field.replace('kind: String!', 'kind: ID!'))))).toEqual([
    expect.stringContaining('Subscription.presence is answered by the server: write presence(kind: String!'),
    expect.stringContaining('Subscription.announcePresence is answered by the server'),
  ]);
  expect(faultsOf(withFields(fields.map((field) => field.replace('@unitScope', '@authenticated'))))).toEqual([
    expect.stringContaining('Subscription.presence says who is present in a unit, and no rule whose'),
    expect.stringContaining('Subscription.announcePresence says who is present in a unit'),
  ]);
});

const TICKET_RULE = '@unitScope @topic(kind: "ticket", time: "changedAt")';
const ARGUMENT = 'ticketId: ID @filter(by: "ticket.id")';

describe.each<[string, [from: string, to: string, fault: string][]]>([
  [
    'access rules',
    [
      [
        TICKET_RULE,
        '@topic(kind: "ticket", time: "changedAt")',
        'Subscription.ticketChanged has no authorization',
      ],
      [
        TICKET_RULE,
        '@authenticated @topic(kind: "ticket", time: "changedAt")',
        'Subscription.ticketChanged has a topic for each unit, and no rule whose',
      ],
      ['Viewer! @authenticated\n  "How', 'Viewer!\n  "How', 'Query.viewer has no authorization'],
      [
        'unitId: ID\n    ticketId',
        'unitId: String\n    ticketId',
        'Subscription.ticketChanged has @unitScope and no unit to choose',
      ],
      ['device: Device\n', 'device: Device!\n', 'Ticket.device returns data of a unit: make it nullable'],
      [
        'device: Device\n',
        'device: [[Device!]!]\n',
        'Ticket.device has lists within a list, which cannot be hidden',
      ],
      [
        'device: Device\n',
        'device: Device! @topicEntity\n',
        'Ticket.device has @topicEntity, but its unit is not the topic’s',
      ],
      ['type Device @unitOwned', 'type Device', 'Device has a unitId and no guard'],
      ['  unitId: ID!\n  model', '  model', 'Device is @unitOwned and names no unit'],
      ['device: Device\n', 'device: Device\n  last: Workload\n', 'Ticket.last leads to Workload'],
      ['device: Device\n', 'device: Device\n  query: Query\n', 'Ticket.query leads to Query'],
      ['enum Urgency', 'interface Named { id: ID! } enum Urgency', 'Named is an interface or a union'],
    ],
  ],
  [
    'its topic',
    [
      [TICKET_RULE, '@unitScope', 'Subscription.ticketChanged has no topic: write @topic'],
      ['kind: "ticket"', 'kind: "Ticket:*"', 'Subscription.ticketChanged has the kind "Ticket:*"'],
      ['kind: "ticket"', 'kind: "session"', 'Subscription.ticketChanged has the kind "session"'],
      [
        'kind: "ticket"',
        'kind: "workload"',
        'Subscription.workload has the same kind as Subscription.ticketChanged',
      ],
      [
        'workload(unitId: ID): Workload!',
        'workload(unitId: ID, mine: Boolean @ownTopic): Workload!',
        'Subscription.workload keeps no newest event for each user',
      ],
      ['newestOnly: true, together: true', 'newestOnly: true', 'Subscription.workload mixes the snapshots'],
      [
        'TicketEvent! @unitScope',
        'TicketEvent @unitScope',
        'Subscription.ticketChanged must return an event',
      ],
      [
        'ticket: Ticket! @topicEntity',
        'ticket: Ticket @topicEntity',
        'TicketEvent.ticket says the event’s unit',
      ],
      ['ticket: Ticket! @topicEntity', 'ticket: Ticket', 'TicketEvent is an event of no unit'],
      [
        'ticket: Ticket! @topicEntity',
        'ticket: Ticket! @topicEntity\n  device: Device! @topicEntity',
        'TicketEvent has more than one @topicEntity',
      ],
      ['ticket: Ticket! @topicEntity', 'ticket: [Ticket!]! @topicEntity', 'TicketEvent.ticket may be empty'],
      [
        'ticket: Ticket! @topicEntity',
        'ticket: [Ticket]! @topicEntity @bounds(min: 1)',
        'TicketEvent.ticket is a list that may have holes',
      ],
      [
        '  unitId: ID!\n  subject',
        '  unitId: ID\n  subject',
        'Ticket.unitId is checked against the topic of "ticket": write unitId: ID!',
      ],
      ['  id: ID!\n  changedAt', '  changedAt', 'TicketEvent is an event without a name'],
      ['changedAt: DateTime! @instant', 'changedAt: DateTime!', 'TicketEvent does not say when it happened'],
      [
        'time: "countedAt"',
        'time: "open"',
        'Workload does not say when it happened: write open: DateTime! @instant',
      ],
    ],
  ],
  [
    'filters and arguments',
    [
      [ARGUMENT, 'ticketId: ID', 'Subscription.ticketChanged(ticketId:) does nothing'],
      [
        ARGUMENT,
        'ticketId: ID @filter(by: "ticket.number")',
        'Subscription.ticketChanged(ticketId:) filters by "ticket.number", which TicketEvent does not have',
      ],
      [
        ARGUMENT,
        'ticketId: Int @filter(by: "ticket.id")',
        'Subscription.ticketChanged(ticketId:) has the type Int: write ID, or [ID!]',
      ],
      [
        ARGUMENT,
        'ticketId: ID! @filter(by: "ticket.id")',
        'Subscription.ticketChanged(ticketId:) has the type ID!: write ID',
      ],
      [
        ARGUMENT,
        'model: String @filter(by: "ticket.device.model")',
        'Subscription.ticketChanged(model:) filters by "ticket.device.model", which may be of another unit',
      ],
      [
        ARGUMENT,
        'note: String @filter(by: "ticket.notes")',
        'Subscription.ticketChanged(note:) filters by "ticket.notes", which not every role may see',
      ],
      [
        ARGUMENT,
        'note: String @filter(by: "ticket.notes")',
        'Subscription.ticketChanged(note:) filters by "ticket.notes", which goes through a list',
      ],
      [
        ARGUMENT,
        'at: DateTime @filter(by: "changedAt")',
        'Subscription.ticketChanged(at:) filters by a DateTime',
      ],
      [
        'mine: Boolean = false @ownTopic',
        'mine: ID @ownTopic',
        'Subscription.ticketChanged(mine:) asks for the viewer’s own topic',
      ],
    ],
  ],
  [
    'its messages',
    [
      ['price: Float', 'price: Money', 'Unknown type "Money"'],
      ['enum Urgency', 'scalar Money type Price { in: Money } enum Urgency', ''],
      ['price: Float', 'partOf: Device', 'Device contains itself'],
      ['price: Float', 'price(in: String): Float', 'Device.price has arguments'],
      ['price: Float', 'extra: JSON!', 'Device.extra may be any JSON'],
      ['price: Float', 'price: Float @instant', 'Device.price has @instant and is no DateTime'],
      ['price: Float', 'isSold: Boolean @bounds(min: 1)', 'Device.isSold has @bounds'],
      [
        '@bounds(min: 1, max: 80)',
        '@bounds(min: 81, max: 80)',
        'Ticket.subject has @bounds that nothing fits',
      ],
      [
        '@default(from: "device.id")',
        '@default(from: "device.model")',
        'Ticket.deviceId has @default(from: "device.model")',
      ],
      ['deviceId: ID @default', 'deviceId: String @default', 'Ticket.deviceId has a @default: write ID'],
    ],
  ],
  [
    'resolvers',
    [
      [
        'workload(unitId: ID): Workload @unitScope @newest(of: "workload")',
        'workload(unitId: ID): Workload @unitScope',
        'Query.workload is answered by nobody',
      ],
      [
        'of: "workload"',
        'of: "ticket"',
        'Query.workload answers the newest of "ticket", which is no kind with newestOnly',
      ],
      [
        'workload(unitId: ID): Workload @unitScope',
        'workload(unitId: ID): Ticket @unitScope',
        'Query.workload answers what Subscription.workload delivers: write Workload',
      ],
      [
        'Workload @unitScope @newest',
        'Workload @requiresRole(role: ADMIN) @unitScope @newest',
        'Query.workload is for other roles than Subscription.workload',
      ],
      [
        'Workload @unitScope @newest',
        'Workload @authenticated @newest',
        'Query.workload has a topic for each unit',
      ],
      [
        'renewSession(token: String!)',
        'renewSession(jwt: String!)',
        'Mutation.renewSession is answered by the server: write renewSession(token: String!): Viewer!',
      ],
      ['renewSession(token: String!)', 'close(id: ID!)', 'Mutation.close is answered by nobody'],
    ],
  ],
])('a schema with a mistake in its %s does not start', (_what, cases) => {
  test.each(cases)('%s → %s', (from, to, fault) => {
    const faults = faultsOf(changed(from, to));
    if (fault === '') expect(faults).toEqual([]);
    else expect(faults.join('\n')).toContain(fault);
  });
});

test('a scalar that the server does not know is refused in a message', () => {
  expect(faultsOf(`${changed('price: Float', 'price: Money')} scalar Money`)).toEqual([
    expect.stringContaining('Device.price has the type Money, which no message can have: write ID, String'),
  ]);
});

test('a subscription that nothing feeds is refused, whatever its rules', () => {
  expect(() => enforceDirectives(readDomain().schema)).toThrow(
    'Subscription.requestUpdated has no source of events',
  );
});

test('every fault is reported at once', () => {
  const sdl = changed(ARGUMENT, 'ticketId: ID').replace('device: Device\n', 'device: Device!\n');
  expect(faultsOf(sdl)).toHaveLength(2);
});

test('the error names a file that does not exist, or is no SDL', () => {
  expect(() => readDomain('/nowhere/other.graphql')).toThrow(
    /\/nowhere\/other\.graphql needs mending:\n.*ENOENT/,
  );
  expect(faultsOf('type Query {').join('\n')).toContain('Syntax Error');
});

/** The DMS's schema with one text replaced by another. */
function changedDms(from: string, to: string): readonly string[] {
  const dms = readFileSync(fileURLToPath(new URL('../../schema.graphql', import.meta.url)), 'utf8');
  if (!dms.includes(from)) throw new Error(`The schema does not say ${from}.`);
  return faultsOf(dms.replace(from, to));
}

test.each([
  [
    'sinceMs: Float!',
    'sinceMs: Int!',
    'Query.whileAway(sinceMs:) is answered by the server: write sinceMs: Float!.',
  ],
  ['): WhileAway! @unitScope', '): WhileAway! @authenticated', 'Query.whileAway reads the topics of a unit'],
  ['lines: [WhileAwayLine!]!', 'lines: [WhileAwayLine]', 'Query.whileAway answers no lines'],
  ['  more: Int!', '  more: Int! rest: Int', 'WhileAway.rest is answered by nobody: leave it out.'],
  [
    '@folded(kind: "crate")',
    '@folded(kind: "kpis")',
    'WhileAwayLine.crate is for "kpis", which is no kind of events',
  ],
  [
    'crate: Crate @topicEntity',
    'crate: Crate',
    'WhileAwayLine.crate is authorized by the topic of its events',
  ],
  [
    'crate: Crate @topicEntity @folded(kind: "crate")',
    'entry: AuditEntry @topicEntity @folded(kind: "audit")',
    'WhileAwayLine.entry is for "audit", which not every role may see',
  ],
  [
    'crate: Crate @topicEntity @folded',
    'crate: Request @topicEntity @folded',
    'WhileAwayLine.crate holds what "crate" is about',
  ],
  [
    '"A person in the DMS."\ntype User {',
    'type User {\n  line: WhileAwayLine',
    'User.line leads to WhileAwayLine',
  ],
] as const)('lines of %s cannot be %s', (from, to, fault) => {
  expect(changedDms(from, to).join('\n')).toContain(fault);
});
