/** `whileAway`: who sees what of it, as of now; what it says of what it does not know; and what it costs a user. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import type { Channel } from '../../src/events/topic-names.ts';
import { useApp, useRecordedApp } from '../support/app.ts';
import { AWAY, askAway } from '../support/away.ts';
import { BUSES, names } from '../support/buses.ts';
import { type Data, post, subscribed, useClient } from '../support/clients.ts';
import { entities, messages } from '../support/events.ts';
import { publish } from '../support/resuming.ts';
import { ofEvent } from '../support/security-lines.ts';
import { people, signToken } from '../support/tokens.ts';

let minutes = 0;
/** A moment after all those before it. How an event of one log is ordered among those of others, its publisher says. */
const later = () => ({ occurredAt: new Date(Date.UTC(2026, 10, 22, 0, ++minutes)).toISOString() });

const of = (kind: string, unitId: string | number): Channel => ({ kind, unitId: String(unitId) });

/** Publishes an event of a request. */
function request(app: Pick<App, 'bus'>, id: string, unitId: number, action: string, more: object = {}) {
  const event = messages.request({ unitId, crate: null, ...more }, { ...later(), action });
  return publish(app, id, { channel: of('request', unitId), event });
}

const lineTexts = ({ lines }: Data) =>
  lines.map(({ kind, entityId, actions }: Data) => `${kind} ${entityId} ${actions.join(' ')}`);

/** What happened at night, of all kinds, in two units. */
async function spendNight(app: Pick<App, 'bus'>): Promise<void> {
  await request(app, 'r1', 5, 'CREATED', { id: 1 });
  await request(app, 'r2', 5, 'CREATED', { id: 2 });
  await request(app, 'r3', 5, 'MOVED_OUT', { id: 2 });
  await request(app, 'r4', 7, 'MOVED_IN', { id: 2, status: 'Approved' });
  const foreign = entities.crate({ id: 40, unitId: 7 });
  await request(app, 'r5', 5, 'APPROVED', { id: 1, status: 'Approved', crate: foreign });
  const audit = messages.audit({}, {});
  await publish(app, 'a1', { channel: of('audit', 5), event: audit });
  for (const action of ['UPDATED', 'DELETED'])
    await publish(app, `c ${action}`, {
      channel: of('crate', 5),
      event: messages.crate({ id: 3 }, { ...later(), action }),
    });
  const sendBack = messages.sendback(
    { id: 8, unitId: 7, request: null },
    { ...later(), action: 'SENT_BACK' },
  );
  await publish(app, 's1', { channel: of('sendback', 7), event: sendBack });
  await publish(app, 's1', { channel: { kind: 'sendback', userId: '17' }, event: sendBack });
}

describe.each(BUSES)('%s', (_name, useBuses) => {
  test('everybody sees what a subscription would have delivered, as of now', async () => {
    const [bus] = await useBuses(1);
    if (bus === undefined) return expect.fail();
    await spendNight({ bus });
    const app = await useApp({}, { bus });
    const head = await askAway(app, await people.head());
    expect(lineTexts(head)).toEqual([
      'sendback 8 SENT_BACK',
      'crate 3 DELETED',
      'request 1 CREATED APPROVED',
    ]);
    const [sendBack, crate, one]: Data[] = head['lines'];
    expect(sendBack).toMatchObject({ isMine: true, sendBack: { id: '8', unitId: '7' } });
    expect(crate).toMatchObject({ isDeleted: true, crate: null, statusNow: null });
    expect(one).toMatchObject({
      statusNow: 'APPROVED',
      isNew: true,
      events: 2,
      eventIds: ['r1', 'r5'],
      request: { id: '1', unitId: '5', crate: null }, // another unit's
    });
    expect(lineTexts(await askAway(app, await people.stranger()))).toEqual([
      'sendback 8 SENT_BACK',
      'request 2 MOVED_IN',
    ]);
    const all = await askAway(app, await people.admin(), { kinds: ['request'] });
    expect(lineTexts(all)).toEqual(['request 1 CREATED APPROVED', 'request 2 CREATED MOVED_OUT MOVED_IN']);
    expect(all['lines'][0].request.crate).toEqual({ id: '40' });
    const ofUnit = await askAway(app, await signToken({ user_id: 17, role: 'System Admin' }), {
      unitId: '5',
    });
    expect(lineTexts(ofUnit)).not.toContain('sendback 8 SENT_BACK'); // addressed to this admin, of unit 7
    expect(all['lines'][1].request.unitId).toBe('7');
    expect(lineTexts(await askAway(app, await people.admin(), { unitId: '7' }))).toEqual([
      'sendback 8 SENT_BACK',
      'request 2 MOVED_IN',
    ]);
  });
});

test.each([
  ['another unit', people.head, { unitId: '7' }, 'FORBIDDEN'],
  ['no unit at all', people.unitless, {}, 'FORBIDDEN'],
  ['what is no unit', people.head, { unitId: '*' }, 'BAD_USER_INPUT'],
  ['a kind that has no lines', people.admin, { kinds: ['audit'] }, 'BAD_USER_INPUT'],
  ['no kind', people.head, { kinds: [] }, 'BAD_USER_INPUT'],
  ['too many lines', people.head, { first: 501 }, 'BAD_USER_INPUT'],
  ['the future', people.head, { sinceMs: -1 }, 'BAD_USER_INPUT'],
] as const)('%s is refused, over each transport', async (_what, token, variables, code) => {
  const app = await useApp();
  const asked = { sinceMs: 1000, ...variables };
  const { body } = await post(app, AWAY, { token: await token(), variables: asked });
  expect(body.errors?.map(({ extensions }) => extensions?.['code'])).toEqual([code]);
  expect(
    await useClient(app, await token())
      .run(AWAY, asked)
      .codes(),
  ).toEqual([code]);
});

test('what a user did does not count, unless it is asked for; the newest lines come first', async () => {
  const app = await useApp();
  const token = await signToken({ user_id: 9 });
  await request(app, 'r1', 5, 'CREATED', { id: 1 });
  await request(app, 'r2', 5, 'CREATED', { id: 2 });
  expect(lineTexts(await askAway(app, token))).toEqual([]);
  const own = await askAway(app, token, { includeOwn: true, first: 1 });
  expect(lineTexts(own)).toEqual(['request 2 CREATED']);
  expect(own['more']).toBe(1);
  await request(app, 'r3', 5, 'CREATED', { id: 3 });
  expect((await askAway(app, token, { includeOwn: true }))['lines']).toHaveLength(3);
});

test('from when on all is known is said, and what was there before', async () => {
  const app = await useApp();
  const client = useClient(app, await people.head());
  await subscribed(client, 'subscription { requestUpdated { id } }');
  await request(app, 'r1', 5, 'UPDATED', { id: 1 });
  const { knownFrom, until, isWhole } = await askAway(app, await people.head(), { sinceMs: 86_400_000 });
  expect(isWhole).toBe(false); // the logs have not been there for a day
  expect(Date.parse(until) - Date.parse(knownFrom)).toBeLessThan(86_400_000);
  const at = performance.now();
  await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(at + 5));
  await request(app, 'r2', 5, 'APPROVED', { id: 1, status: 'Approved' });
  const since = await askAway(app, await people.head(), { sinceMs: 0, kinds: ['request'] });
  expect(since).toMatchObject({ isWhole: true, lines: [] });
});

test('of a log that never had an event, a process that starts knows as much as the log of all units', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const bus = createMemoryBus();
  vi.advanceTimersByTime(60_000);
  await request({ bus }, 'r1', 5, 'CREATED', { id: 1 });
  vi.advanceTimersByTime(60_000);
  const app = await useApp({}, { bus });
  const ask = async (sinceMs: number) =>
    (await askAway(app, await people.stranger(), { kinds: ['request'], sinceMs }))['isWhole'];
  expect(await ask(59_000)).toBe(true);
  expect(await ask(61_000)).toBe(false);
});

test('a line says which status its thing had before, also where the user did that', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const app = await useApp();
  await subscribed(useClient(app, await people.head()), 'subscription { requestUpdated { id } }');
  const own = { actor: { id: '17', name: 'Me', role: 'QC' } };
  const event = {
    ...messages.request({ unitId: 5, id: 1, status: 'Pending' }, { action: 'CREATED' }),
    ...own,
  };
  await publish(app, 'r1', { channel: of('request', 5), event });
  await request(app, 'r2', 5, 'UPDATED', { id: 2, status: 'Pending' });
  vi.advanceTimersByTime(60_000);
  await request(app, 'r3', 5, 'APPROVED', { id: 1, status: 'Approved' });
  const since = await askAway(app, await people.head(), { sinceMs: 30_000, kinds: ['request'] });
  expect(since).toMatchObject({
    isWhole: true,
    lines: [{ entityId: '1', statusBefore: 'PENDING', statusNow: 'APPROVED', eventIds: ['r3'] }],
  });
  expect(Date.parse(since['until']) - Date.parse(since['knownFrom'])).toBe(30_000);
});

test('a revoked session gets nothing', async () => {
  const app = await useApp();
  const token = await people.head();
  await app.bus.revoke({
    record: names.revocations,
    channel: names.session,
    action: 'REVOKED',
    whose: 'user',
    id: '17',
    seconds: 60,
  });
  const { status, body } = await post(app, AWAY, { token, variables: { sinceMs: 1000 } });
  expect([status, body.data]).toEqual([401, undefined]);
});

test('a user who asks too often is refused, and nobody else', async () => {
  const app = await useApp();
  const head = await people.head();
  const query = `{ ${Array.from({ length: 40 }, (_none, at) => `a${at}: whileAway(sinceMs: 1) { more }`).join(' ')} }`;
  const { body } = await post(app, query, { token: head });
  expect(new Set(body.errors?.map(({ extensions }) => extensions?.['code']))).toEqual(
    new Set(['LIMIT_EXCEEDED']),
  );
  expect(lineTexts(await askAway(app, await people.stranger()))).toEqual([]);
});

test('the security log says which positions of which topics were read', async () => {
  const { app, lines } = await useRecordedApp();
  await request(app, 'r1', 5, 'CREATED');
  await askAway(app, await people.head(), { kinds: ['request', 'sendback'] });
  const read = ofEvent(lines, 'operation.read');
  expect(read.map(({ topic }) => topic).toSorted()).toEqual([
    'dms:request:unit:5',
    'dms:sendback:unit:5',
    'dms:sendback:user:17',
  ]);
  expect(read.find(({ topic }) => topic === 'dms:request:unit:5')).toMatchObject({
    first: expect.stringMatching(/-0$/),
    last: expect.stringMatching(/-1$/),
    reads: '5',
    field: 'whileAway',
    user: '17',
  });
});
