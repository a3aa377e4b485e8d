/** The generated half of the client: the files that `npm run generate` makes from a schema. */
import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema, parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { indexOf, kindsOf, liveHooksOf, statesOf, subscriptionsOf } from '../../client/codegen/kinds.ts';
import { operationsOf } from '../../client/codegen/operations.ts';
import { shapesOf } from '../../client/codegen/shapes.ts';

const DIRECTIVES = `
  directive @topicEntity on FIELD_DEFINITION
  directive @requiresRole(role: String!) on FIELD_DEFINITION
  directive @setOnce on FIELD_DEFINITION
  scalar DateTime
  scalar JSON
`;

/** A help desk: tickets with their people, and the counts of a queue. */
const DESK = buildSchema(`${DIRECTIVES}
  type Query { me: Person! }
  type Subscription {
    ticketUpdated(unitId: ID, ticketId: ID, actions: [TicketAction!]): TicketEvent!
    queueCounted(unitId: ID): Queue!
    noteWritten(unitId: ID): NoteEvent!
    callRang(line: ID!): CallEvent!
  }
  type TicketEvent { id: ID! action: TicketAction! occurredAt: DateTime! actor: Person tickets: [Ticket!]! @topicEntity }
  type NoteEvent { id: ID! action: String! occurredAt: DateTime! actor: Person note: Note! @topicEntity }
  type CallEvent { id: ID! call: Person! @topicEntity }
  type Ticket {
    id: ID!
    priority: Priority!
    openedAt: DateTime @setOnce
    openedBy: Person @setOnce
    urgent: Boolean
    minutes: Float
    labels: [String!]
    place: Place
    notes: [Note!]
    cost: Int @requiresRole(role: "BOSS")
  }
  type Note { id: ID! text: String @setOnce priority: Level secret: JSON @requiresRole(role: "BOSS") }
  type Person { id: ID! name: String }
  type Place { floor: Int room: String }
  type Queue { id: ID! unitId: ID waiting: [Waiting!] countedAt: DateTime }
  type Waiting { priority: Priority! count: Int! }
  enum Priority { LOW HIGH }
  enum Level { TRIVIAL HIGH }
  enum TicketAction { OPENED CLOSED }
`);

const same = (graphql: string): string => print(parse(graphql));

describe('operations', () => {
  const document = parse(operationsOf(DESK));
  const named = (wanted: string): string =>
    document.definitions
      .filter((definition) => 'name' in definition && definition.name?.value === wanted)
      .map(print)
      .join();

  test('have all fields without a role rule, in fragments', () => {
    expect(named('TicketFields')).toBe(
      same(`fragment TicketFields on Ticket {
        id priority openedAt openedBy { ...PersonFields } urgent minutes labels place { floor room } notes { ...NoteFields }
      }`),
    );
    expect(named('TicketUpdated')).toBe(
      same(`subscription TicketUpdated($unitId: ID, $ticketId: ID, $actions: [TicketAction!]) {
        ticketUpdated(unitId: $unitId, ticketId: $ticketId, actions: $actions) {
          id action occurredAt actor { ...PersonFields } tickets { ...TicketFields }
        }
      }`),
    );
    expect(named('QueueCounted')).toBe(
      same('subscription QueueCounted($unitId: ID) { queueCounted(unitId: $unitId) { ...QueueFields } }'),
    );
  });

  test('with fields for some roles only are separate operations', () => {
    expect(named('TicketUpdatedInFull')).toBe(
      same(`subscription TicketUpdatedInFull($unitId: ID, $ticketId: ID, $actions: [TicketAction!]) {
        ticketUpdated(unitId: $unitId, ticketId: $ticketId, actions: $actions) {
          id action occurredAt actor { ...PersonFields } tickets { ...TicketFields notes { secret } cost }
        }
      }`),
    );
    expect(named('QueueCountedInFull')).toBe('');
  });

  test.each([
    ['a circle', 'type A { id: ID! b: B } type B { id: ID! a: A }', 'B → A → B goes in a circle'],
    ['an interface', 'interface B { id: ID! } type A { id: ID! b: B }', 'B is an interface or a union'],
    ['a field that needs arguments', 'type A { id: ID! b(c: Int!): Int }', 'b needs arguments'],
  ])('cannot be made from %s, and the error says so', (_what, types, message) => {
    const schema = buildSchema(`${DIRECTIVES} ${types} type Query { a: A } type Subscription { a: A! }`);
    expect(() => operationsOf(schema)).toThrow(message);
  });
});

describe('shapes', () => {
  const shapes = shapesOf(DESK);

  test('have the fields of their fragments, as rows spell them', () => {
    expect(shapes).toContain(`export const TICKET = {
  id: id,
  priority: { is: 'word', words: PRIORITY },
  openedAt: { ...date, isSetOnce: true },
  openedBy: { is: 'entity', shape: PERSON, isSetOnce: true },
  urgent: flag,
  minutes: number,
  labels: other,
  place: other,
  notes: { is: 'entities', shape: NOTE },
} satisfies ShapeOf<Operations.TicketFieldsFragment>;`);
    expect(shapes).toContain('text: { ...text, isSetOnce: true },');
    expect(shapes.indexOf('const PERSON')).toBeLessThan(shapes.indexOf('const TICKET'));
  });

  test('of a state have no id, and count by enum value', () => {
    expect(shapes).toContain(`export const QUEUE = {
  unitId: id,
  waiting: { is: 'counts', by: 'priority', words: PRIORITY },
  countedAt: date,
} satisfies ShapeOf<Omit<Operations.QueueFieldsFragment, 'id'>>;`);
  });

  test('know the values of every enum, and of filters by field name', () => {
    expect(shapes).toContain(
      "const PRIORITY = ['LOW', 'HIGH'] as const satisfies readonly Operations.Priority[];",
    );
    expect(shapes).toMatch(/priority: \[\.\.\.(PRIORITY, \.\.\.LEVEL|LEVEL, \.\.\.PRIORITY)\],/);
  });
});

test('subscriptions describe their data as a change', () => {
  const subscriptions = subscriptionsOf(DESK);
  expect(subscriptions).toContain(`
export const ticketUpdated = /*#__PURE__*/ subscriptionTo(Operations.TicketUpdatedDocument, {
  shape: Shapes.TICKET,
  isState: false,
  toChange: ({ ticketUpdated: event }) => ({
    id: event.id,
    action: event.action,
    actor: event.actor,
    occurredAt: Date.parse(event.occurredAt),
    version: null,
    entities: event.tickets,
  }),
});
`);
  const noteWritten = subscriptions.slice(subscriptions.indexOf('noteWritten'));
  expect(noteWritten).toContain("action: '',"); // free text is not an action
  expect(subscriptions).toContain('shape: Shapes.QUEUE,\n  isState: true,');
  expect(subscriptions).not.toContain('callRang'); // it has no unit argument
  expect(statesOf(DESK)).toContain("new Set(['queueCounted'])");
});

describe('kinds', () => {
  const text =
    '/** Ignored. */\nconst first = 1;\n\n/**\n * Keeps tickets live.\n */\nexport const openTickets = {};\n';

  test('are the files, and each has a hook with its comment', () => {
    const files = [{ name: 'open-tickets', text }];
    expect(kindsOf(files)).toContain("import { openTickets } from '../kinds/open-tickets.ts';");
    expect(kindsOf(files)).toContain('export const KINDS = { openTickets };');
    expect(liveHooksOf(files)).toContain(`
/**
 * Keeps tickets live.
 */
export function useLiveOpenTickets(unitId?: Unit, options?: LiveQueriesOptions): LiveQueries {
  return useLiveQueries('openTickets', unitId, options);
}
`);
  });

  test.each([
    ['another name', text.replace('openTickets', 'tickets')],
    ['no comment', 'export const openTickets = {};\n'],
  ])('with %s are refused', (_what, wrong) => {
    expect(() => liveHooksOf([{ name: 'open-tickets', text: wrong }])).toThrow(
      'kinds/open-tickets.ts exports no openTickets with a comment',
    );
  });
});

test('the package exports a hook for each operation', () => {
  const index = indexOf([operationsOf(DESK), 'query Me { me { id } }', 'mutation Leave { leave }']);
  expect(index.match(/use\w+/g)).toEqual([
    'useCallRangSubscription',
    'useLeaveMutation',
    'useMeQuery',
    'useNoteWrittenInFullSubscription',
    'useNoteWrittenSubscription',
    'useQueueCountedSubscription',
    'useTicketUpdatedInFullSubscription',
    'useTicketUpdatedSubscription',
  ]);
});

test('only calls are marked as pure: Vite warns of anything else in the build of an app', () => {
  const generated = new URL('../../client/src/generated/', import.meta.url);
  const marked = readdirSync(generated).flatMap((file) => {
    const text = readFileSync(new URL(file, generated), 'utf8');
    return [...text.matchAll(/\/\*#__PURE__\*\/ (.*)/g)].map(([, code = '']) => `${file}: ${code}`);
  });
  expect(marked.length).toBeGreaterThan(0);
  expect(marked.filter((line) => !/: (new )?\w+\(/.test(line))).toEqual([]);
});
