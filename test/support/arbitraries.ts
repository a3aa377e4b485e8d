/** Random people, subscriptions and events. Every text names its owner. */
import fc from 'fast-check';

const UNITS = ['5', '7', '9'] as const;
const USERS = ['17', '18', '23', '1'];

/** Roles in settings: a Boss is a System Admin who may not read audit entries. An Auditor may read them, but is no System Admin. */
export const ROLES = { ADMIN_ROLES: 'System Admin,Boss', AUDIT_ROLES: 'System Admin,Auditor' };

export interface Person {
  readonly userId: string;
  readonly unitId: string | null;
  readonly role: string;
}

/** Several people of one unit and role, one person with several roles, every class of role, and people without a unit. */
const PEOPLE: readonly Person[] = [
  { userId: '17', unitId: '5', role: 'Section Head' },
  { userId: '18', unitId: '5', role: 'Store Head' },
  { userId: '18', unitId: '5', role: 'Auditor' },
  { userId: '23', unitId: '7', role: 'Section Head' },
  { userId: '24', unitId: '7', role: 'Auditor' },
  { userId: '40', unitId: null, role: 'Section Head' },
  { userId: '41', unitId: null, role: 'Auditor' },
  { userId: '1', unitId: '9', role: 'System Admin' },
  { userId: '2', unitId: null, role: 'System Admin' },
  { userId: '3', unitId: '5', role: 'Boss' },
];

export const isAdmin = ({ role }: Person): boolean => ['System Admin', 'Boss'].includes(role);

/** An operation as a client sends it. */
export interface Asked {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
  /** Each snapshot replaces the one before, so some may be skipped. */
  readonly isNewestOnly?: boolean;
}

const FRAGMENTS = `
  fragment Place on StorageLocation { id unitId room: roomName rackName compartmentName shelfName }
  fragment Paper on Document { id unitId documentName documentNumber documentType description }
  fragment Box on Crate { id unitId status storage { ...Place } documents { ...Paper } }
  fragment Ask on Request { id unitId requestType status crate { ...Box } createdBy { name } approvedBy { ...Who } }
  fragment Who on User { id name role }`;

const unit = fc.constantFrom<unknown>(undefined, null, ...UNITS, 5, 7);

/** Random variables. Some are left out, so that requests differ. */
function asking(query: string, variables: Record<string, fc.Arbitrary<unknown>> = {}): fc.Arbitrary<Asked> {
  return fc
    .record(variables)
    .map((values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)))
    .map((values) => ({
      query,
      ...(Object.keys(values).length > 0 && { variables: values }),
      ...(query.includes('dashboardKpis') && { isNewestOnly: true }),
    }));
}

const TWO_OPERATIONS = `
  subscription Crates($unitId: ID) { crateUpdated(unitId: $unitId) { id crate { ...Box } } }
  subscription Places($unitId: ID) { storageUpdated(unitId: $unitId) { id locations { ...Place } } }
  fragment Place on StorageLocation { unitId roomName }
  fragment Box on Crate { unitId storage { ...Place } documents { documentName } }`;

type Kind = 'request' | 'crate' | 'sendback' | 'storage' | 'audit' | 'kpis';

/** A document with random variables. */
interface Question {
  /** The kinds of events that it receives. */
  readonly kinds: readonly Kind[];
  readonly asked: fc.Arbitrary<Asked>;
}

const question = (
  kind: Kind,
  query: string,
  variables: Record<string, fc.Arbitrary<unknown>> = {},
): Question => ({ kinds: [kind], asked: asking(query, variables) });

const QUESTIONS: readonly Question[] = [
  question(
    'request',
    'subscription { requestUpdated { id request { unitId crate { documents { documentName } } } } }',
  ),
  question(
    'request',
    'subscription { requestUpdated { id again: id ev: request { who: createdBy { name } } } }',
  ),
  question(
    'request',
    `subscription ($unitId: ID, $types: [RequestType!], $more: Boolean = true) {
      requestUpdated(unitId: $unitId, requestTypes: $types) { id actor { ...Who } request { ...Ask @include(if: $more) id } }
    } ${FRAGMENTS}`,
    {
      unitId: unit,
      types: fc.constantFrom(undefined, null, ['STORAGE'], ['WITHDRAWAL', 'STORAGE'], []),
      more: fc.constantFrom(undefined, true, false),
    },
  ),
  question(
    'crate',
    'subscription { it: crateUpdated { crate { storage { roomName } } ... on CrateEvent { id } } }',
  ),
  question(
    'crate',
    `subscription ($unitId: ID, $crateId: ID) { crateUpdated(unitId: $unitId, crateId: $crateId) {
      id crate { id unitId storage { roomName } } } }`,
    { unitId: unit, crateId: fc.constantFrom(undefined, null, '1', 2) },
  ),
  question(
    'sendback',
    `subscription ($mine: Boolean, $unitId: ID) { sendBackCreated(mine: $mine, unitId: $unitId) {
      id actor { name } sendBack { unitId reason sendbackType requestId createdBy { name } request { id createdBy { name } } } } }`,
    {
      mine: fc.constantFrom(undefined, null, true, true, false),
      unitId: fc.oneof(fc.constant(undefined), unit),
    },
  ),
  question(
    'sendback',
    'subscription { sendBackCreated(mine: true) { id sendBack { reason request { crate { id } } } } }',
  ),
  question('storage', 'subscription { storageUpdated { id locations { unitId roomName shelfName } } }'),
  // The subscribed field is not the first one.
  {
    kinds: ['storage', 'kpis'],
    asked: fc.constant({
      query:
        'subscription { dashboardKpis @skip(if: true) { id } storageUpdated { id locations { roomName } } }',
    }),
  },
  question(
    'sendback',
    'subscription { storageUpdated @skip(if: true) { id } sendBackCreated(mine: true) { id sendBack { reason } } }',
  ),
  question(
    'audit',
    'subscription { auditLogged { id actor { name } entry { unitId objectType user { name } } } }',
  ),
  question(
    'audit',
    `subscription ($unitId: ID, $all: Boolean!) {
      auditLogged(unitId: $unitId) { id entry { unitId ipAddress @include(if: $all) ... @include(if: $all) { changes } } } }`,
    { unitId: unit, all: fc.boolean() },
  ),
  question('kpis', 'subscription { dashboardKpis { id unitId pendingApprovals } }'),
  question('kpis', 'subscription ($unitId: ID) { dashboardKpis(unitId: $unitId) { id unitId } }', {
    unitId: unit,
  }),
  {
    kinds: ['crate', 'storage'],
    asked: fc
      .record({ operationName: fc.constantFrom('Crates', 'Places'), unitId: unit })
      .map(({ operationName, unitId }) => ({
        query: TWO_OPERATIONS,
        operationName,
        ...(unitId !== undefined && { variables: { unitId } }),
      })),
  },
];

/** A message as a publisher sends it. */
export interface Published {
  readonly topic: string;
  readonly message: Record<string, unknown>;
}

/** A text that names its owner. {@link ownersIn} finds it again. */
const ofUnit = (unitId: string): string => `text of unit ${unitId}.`;
const toUser = (userId: string): string => `text to user ${userId}.`;

/** The owners of the texts in some bytes. */
export function ownersIn(bytes: string): { readonly units: Set<string>; readonly users: Set<string> } {
  const found = (pattern: RegExp): Set<string> =>
    new Set([...bytes.matchAll(pattern)].map(([, id]) => id ?? ''));
  return { units: found(/text of unit (\w+)\./g), users: found(/text to user (\w+)\./g) };
}

const unitId = fc.constantFrom(...UNITS);
/** Mostly the own unit. */
const near = (own: string): fc.Arbitrary<string> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(own) }, { weight: 1, arbitrary: unitId });
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(arbitrary, { freq: 4 });
const smallId = fc.integer({ min: 1, max: 3 });

const person = (mark: string) => ({ id: 9, name: mark, role: mark });

const location = (own: string) =>
  smallId.map((id) => ({
    id,
    unitId: own,
    roomName: ofUnit(own),
    rackName: ofUnit(own),
    shelfName: ofUnit(own),
  }));

const paper = (outer: string) =>
  fc.record({ id: smallId, unitId: maybe(near(outer)) }).map((entity) => ({
    ...entity,
    documentName: ofUnit(entity.unitId ?? outer),
    description: ofUnit(entity.unitId ?? outer),
  }));

const crate = (own: string) =>
  fc.record({
    id: smallId,
    status: fc.constantFrom('Active', 'WITHDRAWN'),
    unitId: fc.constant(own),
    storage: maybe(near(own).chain(location)),
    documents: maybe(fc.array(paper(own), { maxLength: 3 })),
  });

const request = (own: string) =>
  fc.record({
    id: smallId,
    requestType: fc.constantFrom('Storage', 'WITHDRAWAL', 'Destruction'),
    status: fc.constantFrom('Pending', 'SENT_BACK'),
    unitId: fc.constant(own),
    crate: maybe(near(own).chain(crate)),
    createdBy: fc.constant(person(ofUnit(own))),
    approvedBy: fc.constant(person(ofUnit(own))),
  });

const happened = (mark: string) => ({
  id: fc.uuid(),
  occurredAt: fc.constant('2026-11-22T09:30:00Z'),
  actor: fc.constant(person(mark)),
});

const sendBack = (own: string, mark: string) =>
  fc.record({
    ...happened(mark),
    action: fc.constant('CREATED'),
    sendBack: fc.record({
      id: smallId,
      unitId: fc.constant(own),
      reason: fc.constant(mark),
      sendbackType: fc.constant(mark),
      createdBy: fc.constant(person(mark)),
      request: maybe(near(own).chain(request)),
    }),
  });

/** An event of a kind in a unit. Many events contain data of another unit. */
function publication(kind: Kind, own: string): fc.Arbitrary<Published> {
  const mark = ofUnit(own);
  const inUnit = (message: Record<string, unknown>): Published => ({
    topic: `dms:${kind}:unit:${own}`,
    message,
  });
  switch (kind) {
    case 'request':
      return fc
        .record({ ...happened(mark), action: fc.constantFrom('CREATED', 'Sent Back'), request: request(own) })
        .map(inUnit);
    case 'crate':
      return fc
        .record({ ...happened(mark), action: fc.constant('RELOCATED'), crate: crate(own) })
        .map(inUnit);
    case 'sendback':
      return fc.oneof(
        sendBack(own, mark).map(inUnit),
        fc
          .constantFrom(...USERS)
          .chain((user) =>
            sendBack(own, toUser(user)).map((message) => ({ topic: `dms:sendback:user:${user}`, message })),
          ),
      );
    case 'storage':
      return fc.oneof(
        { weight: 4, arbitrary: storageEvent(own, own).map(inUnit) },
        // The event's unit is not its topic's unit, so no subscriber gets it.
        { weight: 1, arbitrary: unitId.chain((other) => storageEvent(own, other)).map(inUnit) },
      );
    case 'audit':
      return fc
        .record({
          ...happened(mark),
          action: fc.constant('LOGGED'),
          entry: smallId.map((id) => entry(id, own)),
        })
        .map(inUnit);
    case 'kpis':
      return fc.oneof(
        fc
          .record({ id: fc.uuid(), unitId: fc.constant(own), pendingApprovals: fc.nat({ max: 9 }) })
          .map(inUnit),
        fc
          .record({ id: fc.uuid(), pendingApprovals: fc.nat({ max: 9 }) })
          .map((message) => ({ topic: 'dms:kpis:all', message })),
      );
  }
}

const storageEvent = (own: string, other: string) =>
  fc.record({
    ...happened(ofUnit(own)),
    action: fc.constant('UPDATED'),
    locations: fc.array(location(other), { minLength: 1, maxLength: 3 }),
  });

const entry = (id: number, own: string) => ({
  id,
  unitId: own,
  objectType: ofUnit(own),
  user: person(ofUnit(own)),
  ipAddress: ofUnit(own),
  changes: { status: ofUnit(own) },
});

/** Subscribers with their operations, and the events that happen. */
export interface World {
  readonly people: fc.Arbitrary<Person>;
  readonly asked: fc.Arbitrary<Asked>;
  readonly events: fc.Arbitrary<Published>;
}

/** A few questions for several people, so that many share an execution. Most events concern these people. */
export const worlds: fc.Arbitrary<World> = fc
  .record({
    people: fc.uniqueArray(fc.constantFrom(...PEOPLE), { minLength: 2, maxLength: 5 }),
    questions: fc.uniqueArray(fc.constantFrom(...QUESTIONS), { minLength: 1, maxLength: 2 }),
  })
  .chain(({ people, questions }) =>
    fc
      .tuple(...questions.map(({ asked }) => fc.array(asked, { minLength: 1, maxLength: 3 })))
      .map((asked): World => {
        const kinds = questions.flatMap((one) => one.kinds);
        return {
          people: fc.constantFrom(...people),
          asked: fc.constantFrom(...asked.flat()),
          events: fc
            .tuple(fc.constantFrom(...kinds), fc.oneof({ weight: 2, arbitrary: fc.constant('5') }, unitId))
            .chain(([kind, own]) => publication(kind, own)),
        };
      }),
  );
