/** Viewers × fields × `unitId` × transports: the answer that each viewer gets, and the events that each receives. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { SecurityLine } from '../../src/record/schema.ts';
import { useApp, useRecordedApp } from '../support/app.ts';
import { type Operation, type Outcome, post, type Result, useClient, useStream } from '../support/clients.ts';
import { DOMAIN } from '../support/domain.ts';
import { messages } from '../support/events.ts';
import { FIELDS, ROOT_QUERIES } from '../support/matrix.ts';
import { sampleEvent } from '../support/samples.ts';
import { expectPairs, ofEvent } from '../support/security-lines.ts';
import { people, signToken } from '../support/tokens.ts';

interface Person {
  readonly userId: string;
  readonly unit: string | null;
  readonly isAdmin: boolean;
  readonly token: () => Promise<string>;
}

const PEOPLE: Record<string, Person> = {
  'the head of unit 5': { userId: '17', unit: '5', isAdmin: false, token: people.head },
  'a stranger of unit 7': { userId: '23', unit: '7', isAdmin: false, token: people.stranger },
  'a System Admin of unit 1': { userId: '1', unit: '1', isAdmin: true, token: people.admin },
  'a person of no unit': { userId: '40', unit: null, isAdmin: false, token: people.unitless },
  'a System Admin of no unit': {
    userId: '2',
    unit: null,
    isAdmin: true,
    token: () => signToken({ user_id: 2, unit_id: undefined, role: 'System Admin' }),
  },
};

const ARGUMENTS: readonly (string | undefined)[] = [
  undefined,
  'null',
  '"1"',
  '"5"',
  '5',
  '"7"',
  '"*"',
  '"?"',
  '"5:unit"',
  '"5 "',
  '"5\\n"',
  `"${'5'.repeat(65)}"`,
  '""',
];

/** The rules, taken from the contract alone (section 4), not from the code that enforces them. */
function oracle(person: Person, field: string, mine: boolean, written: string | undefined): string[] | Reads {
  const unit = written === undefined || written === 'null' ? null : JSON.parse(written).toString();
  const isMalformed = unit !== null && !['1', '5', '7'].includes(unit);
  const isAuditRefused = field === 'auditLogged' && !person.isAdmin;
  const codes = [...(isAuditRefused ? ['FORBIDDEN'] : []), ...(isMalformed ? ['BAD_USER_INPUT'] : [])];
  if (codes.length > 0) return codes;
  if (!person.isAdmin && (person.unit === null || (unit !== null && unit !== person.unit)))
    return ['FORBIDDEN'];
  if (mine) return { topics: [`user ${person.userId}`], unit };
  const read = unit ?? (person.isAdmin ? null : person.unit);
  if (read !== null) return { topics: [`unit ${read}`], unit: read };
  return { topics: field === 'dashboardKpis' ? ['all'] : ['unit 1', 'unit 5', 'unit 7'], unit: null };
}

interface Reads {
  readonly topics: readonly string[];
  /** Only events of this unit. */
  readonly unit: string | null;
}

interface Case {
  readonly query: string;
  /** One of these codes is expected, or the ids of these events. */
  readonly expected: { readonly codes: readonly string[] } | { readonly ids: readonly string[] };
}

const KINDS = [...DOMAIN.kinds.values()];
const UNITS = ['1', '5', '7'];
const USERS = ['1', '2', '17', '23', '40'];

interface Published {
  readonly kind: string;
  /** `unit 5`, `user 17` or `all`. */
  readonly topic: string;
  readonly unit: string | null;
}

const PUBLISHED: readonly Published[] = [
  ...Object.values(FIELDS).flatMap((kind) => UNITS.map((unit) => ({ kind, topic: `unit ${unit}`, unit }))),
  ...KINDS.filter(({ hasUserTopics }) => hasUserTopics).flatMap(({ kind }) =>
    USERS.flatMap((user) => UNITS.map((unit) => ({ kind, topic: `user ${user}`, unit }))),
  ),
  ...KINDS.filter(({ hasTogether }) => hasTogether).map(({ kind }) => ({ kind, topic: 'all', unit: null })),
];

const idOf = ({ kind, topic, unit }: Published): string => `${kind} of unit ${unit} to ${topic}`;

function casesOf(person: Person): Case[] {
  return Object.entries(FIELDS).flatMap(([field, ofKind]) =>
    (DOMAIN.kinds.get(ofKind)?.hasUserTopics === true ? [false, true] : [false]).flatMap((mine) =>
      ARGUMENTS.map((unitId) => {
        const args = [
          ...(unitId === undefined ? [] : [`unitId: ${unitId}`]),
          ...(mine ? ['mine: true'] : []),
        ];
        const query = `subscription { ${field}${args.length ? `(${args.join(', ')})` : ''} { id } }`;
        const due = oracle(person, field, mine, unitId);
        if (Array.isArray(due)) return { query, expected: { codes: due } };
        const seen = PUBLISHED.filter(
          ({ kind, topic, unit }) =>
            kind === ofKind && due.topics.includes(topic) && (due.unit === null || unit === due.unit),
        );
        return { query, expected: { ids: seen.map(idOf) } };
      }),
    ),
  );
}

async function publish(app: App, prefix: string): Promise<void> {
  for (const published of PUBLISHED) {
    const { kind, topic, unit } = published;
    const sample = sampleEvent(DOMAIN.kinds.get(kind) ?? expect.fail(), unit).sent;
    const message = { ...sample, id: `${prefix}${idOf(published)}` };
    await app.bus.publish(`dms:${kind}:${topic.replace(' ', ':')}`, JSON.stringify(message));
  }
}

/** The ids that an operation receives before the first event of the second round. */
async function idsBeforeSentinel(next: () => Promise<Result>): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const { data } = await next();
    const id = String(Object.values(data ?? {})[0]?.id);
    if (id.startsWith('sentinel')) return ids;
    ids.push(id);
  }
}

/** Each case that is forbidden has left a line, with its field, its code and who tried it. */
function expectRefusals(lines: readonly SecurityLine[], cases: readonly Case[], { userId }: Person): void {
  const forbidden = cases.filter(({ expected }) => 'codes' in expected);
  const refused = ofEvent(lines, 'operation.refused');
  expect(refused.length).toBe(forbidden.length);
  for (const { query, expected } of forbidden) {
    const field = /\{ (\w+)/.exec(query)?.[1];
    const index = refused.findIndex(
      (line) => line.field === field && 'codes' in expected && expected.codes.includes(line.code ?? ''),
    );
    expect(refused.splice(index, 1), query).toMatchObject([{ user: userId, address: '127.0.0.1' }]);
  }
}

/** Viewers of all units who got another unit have left a line of that as well. */
function expectReadsOfOthers(lines: readonly SecurityLine[], { isAdmin, unit }: Person): void {
  const own = ofEvent(lines, 'operation.started').filter(({ reads }) => reads === unit || reads === null);
  const others = ofEvent(lines, 'admin.read_other_unit');
  const started = ofEvent(lines, 'operation.started').filter(({ kind }) => kind === 'subscription');
  expect(others.length > 0).toBe(isAdmin);
  if (isAdmin) expect(others.length).toBe(started.length - own.length);
  for (const { reads } of others) expect(reads).not.toBe(unit);
}

const codesOf = ({ errors }: Result): string[] =>
  (errors ?? []).map((error) => `${error.extensions['code']}`);

describe.each(Object.entries(PEOPLE))('%s', (_name, person) => {
  const cases = casesOf(person);

  test('over a WebSocket gets exactly what the rules allow', async () => {
    const { app, lines } = await useRecordedApp();
    const client = useClient(app, await person.token());
    const running = cases.map(({ query, expected }) => ({ query, expected, operation: client.run(query) }));
    for (const { query, expected, operation } of running) {
      if ('codes' in expected) expect(expected.codes, query).toContain((await operation.codes())[0]);
    }
    await client.run('{ viewer { id } }').data();
    await publish(app, '');
    await publish(app, 'sentinel ');
    for (const { query, expected, operation } of running) {
      if ('ids' in expected)
        expect(await idsBeforeSentinel(() => resultOf(operation)), query).toEqual(expected.ids);
    }
    expectRefusals(lines, cases, person);
    expectReadsOfOthers(lines, person);
    await app.close();
    expectPairs(lines);
  });

  test('over SSE gets exactly what the rules allow', async () => {
    const { app, lines } = await useRecordedApp();
    const token = await person.token();
    const running = await Promise.all(
      cases.map(async (one) => ({ ...one, stream: await useStream(app, one.query, token) })),
    );
    await publish(app, '');
    await publish(app, 'sentinel ');
    for (const { query, expected, stream } of running) {
      const next = async (): Promise<Result> => (await stream.next())?.data ?? {};
      if ('codes' in expected) expect(expected.codes, query).toContain(codesOf(await next())[0]);
      else expect(await idsBeforeSentinel(next), query).toEqual(expected.ids);
    }
    expectRefusals(lines, cases, person);
    expectReadsOfOthers(lines, person);
  });

  test('gets the KPIs that the rules allow, over HTTP and WebSocket', async () => {
    const { app, lines } = await useRecordedApp();
    let refusals = 0;
    await publish(app, '');
    const token = await person.token();
    const client = useClient(app, token);
    for (const unitId of ARGUMENTS) {
      const query = `{ dashboardKpis${unitId === undefined ? '' : `(unitId: ${unitId})`} { id } }`;
      const due = oracle(person, 'dashboardKpis', false, unitId);
      const results = [(await post(app, query, { token })).body, await resultOf(client.run(query))];
      for (const result of results) {
        if (Array.isArray(due)) {
          expect([query, codesOf(result), result.data]).toEqual([query, due, { dashboardKpis: null }]);
          refusals += 1;
        } else {
          const [topic = ''] = due.topics;
          const id = idOf({ kind: 'kpis', topic, unit: due.unit });
          expect([query, result]).toEqual([query, { data: { dashboardKpis: { id } } }]);
        }
      }
    }
    expect(ofEvent(lines, 'operation.refused').length).toBe(refusals);
  });
});

async function resultOf(operation: Operation): Promise<Result> {
  const outcome: Outcome = await operation.next();
  if ('result' in outcome) return outcome.result;
  throw new Error(`no result but ${JSON.stringify(outcome)}`);
}

describe('without a token', () => {
  test('no socket is opened', async () => {
    const { app, lines } = await useRecordedApp();
    expect(await useClient(app, undefined).run('subscription { storageUpdated { id } }').next()).toEqual({
      closed: { code: 4401, reason: 'Sign in: this needs an access token.' },
    });
    expect(ofEvent(lines, 'session.refused')).toMatchObject([{ reason: 'missing', transport: 'websocket' }]);
  });

  test('every field is refused over HTTP and SSE, with any argument', async () => {
    const { app, lines } = await useRecordedApp();
    for (const field of Object.keys(FIELDS)) {
      for (const argument of ['', '(unitId: 5)', '(unitId: "*")']) {
        const stream = await useStream(app, `subscription { ${field}${argument} { id } }`, undefined);
        expect(stream.status).toBe(401);
        expect(codesOf((await stream.next())?.data ?? {})).toEqual(['UNAUTHENTICATED']);
      }
    }
    for (const query of Object.values(ROOT_QUERIES)) {
      const { status, body } = await post(app, query);
      expect([status, codesOf(body)]).toEqual([401, ['UNAUTHENTICATED']]);
    }
    const refused = ofEvent(lines, 'operation.refused');
    expect(refused.length).toBe(3 * Object.keys(FIELDS).length + Object.keys(ROOT_QUERIES).length);
    for (const line of refused) expect(line).toMatchObject({ code: 'UNAUTHENTICATED', address: '127.0.0.1' });
  });
});

test('a refused unit does not disturb the other operations of its socket', async () => {
  const app = await useApp();
  const client = useClient(app, await people.head());
  const own = client.run('subscription { storageUpdated { id } }');
  const refused = client.run('subscription { storageUpdated(unitId: 7) { id } }');
  expect(await refused.codes()).toEqual(['FORBIDDEN']);
  expect(await client.run('{ viewer { unitId } }').data()).toEqual({ viewer: { unitId: '5' } });
  await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'still here' })));
  expect(await own.data()).toEqual({ storageUpdated: { id: 'still here' } });
});

test('the viewer query returns the claims of the token', async () => {
  const app = await useApp();
  const query = '{ viewer { id unitId role isAdmin } }';
  for (const { userId, unit, isAdmin, token } of Object.values(PEOPLE)) {
    const { body } = await post(app, query, { token: await token() });
    expect(body.data?.['viewer']).toMatchObject({ id: userId, unitId: unit, isAdmin });
  }
});
