/** Who is present: who may announce themselves and who is shown where, by unit, role and transport, and what is left of a session that has ended. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp, useRecordedApp } from '../support/app.ts';
import { names } from '../support/buses.ts';
import { type LiveClient, type Operation, useClient, useStream } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { until, useRedis } from '../support/redis.ts';
import { publish } from '../support/resuming.ts';
import { ofEvent } from '../support/security-lines.ts';
import { people, signToken } from '../support/tokens.ts';

const ANNOUNCE = `subscription ($id: ID!, $kind: String = "request", $unitId: ID, $doing: PresenceDoing = LOOKING, $action: String) {
  announcePresence(kind: $kind, id: $id, unitId: $unitId, doing: $doing, action: $action)
}`;
const WATCH = `subscription ($kind: String = "request", $id: ID, $unitId: ID) {
  presence(kind: $kind, id: $id, unitId: $unitId) { objectId unitId userId name role doing action }
}`;

const usePresentApp = (settings: Record<string, string> = {}): Promise<App> =>
  useApp({ PRESENCE: 'true', ...settings });

interface Variables {
  readonly kind?: string;
  readonly id?: string;
  readonly unitId?: string;
  readonly doing?: string;
  readonly action?: string;
}

/** Announces, and waits until others see it. */
async function announce(client: LiveClient, variables: Variables): Promise<Operation> {
  const operation = client.run(ANNOUNCE, { ...variables });
  expect(await operation.data()).toEqual({ announcePresence: true });
  return operation;
}

type Shown = Readonly<Record<string, unknown>>;

/** Who is shown at this moment. */
async function shown(client: LiveClient, variables: Variables = {}): Promise<readonly Shown[]> {
  const operation = client.run(WATCH, { ...variables });
  const { presence } = await operation.data();
  operation.stop();
  return presence;
}

const idsOf = (faces: readonly Shown[]): unknown[] => faces.map(({ objectId }) => objectId).toSorted();

/** Reads snapshots until one is as expected. */
async function untilShown(
  watch: Operation,
  wanted: (faces: readonly Shown[]) => boolean,
): Promise<readonly Shown[]> {
  for (;;) {
    const { presence } = await watch.data();
    if (wanted(presence)) return presence;
  }
}

describe('by unit', () => {
  const UNITS = [undefined, '1', '5', '7', '*', '5 ', '5:unit'];
  const PEOPLE = {
    'the head of unit 5': { token: people.head, unit: '5', isAdmin: false },
    'a stranger of unit 7': { token: people.stranger, unit: '7', isAdmin: false },
    'a System Admin of unit 1': { token: people.admin, unit: '1', isAdmin: true },
    'a person of no unit': { token: people.unitless, unit: null, isAdmin: false },
  } as const;

  /** The unit that is read, from the contract alone; `null`: all; or the code of the refusal. */
  function read(person: (typeof PEOPLE)[keyof typeof PEOPLE], unitId: string | undefined): string | null {
    if (unitId !== undefined && !/^\w+$/.test(unitId)) return 'BAD_USER_INPUT';
    if (person.isAdmin) return unitId ?? null;
    if (person.unit === null || (unitId ?? person.unit) !== person.unit) return 'FORBIDDEN';
    return person.unit;
  }

  test('everybody is shown in the unit that is named and allowed, and in no other, over both transports', async () => {
    const app = await usePresentApp();
    const due = new Map<string, string[]>(['1', '5', '7'].map((unit) => [unit, []]));
    for (const [name, person] of Object.entries(PEOPLE)) {
      const token = await person.token();
      const client = useClient(app, token);
      for (const unitId of UNITS) {
        const id = `${name} in ${unitId}`;
        const unit = read(person, unitId) ?? 'BAD_USER_INPUT'; // a unit has to be named
        due.get(unit)?.push(id, `${id}, by stream`);
        const announced = client.run(ANNOUNCE, { id, ...(unitId !== undefined && { unitId }) });
        const argument = unitId === undefined ? '' : `, unitId: "${unitId}"`;
        const stream = await useStream(
          app,
          `subscription { announcePresence(kind: "request", id: "${id}, by stream"${argument}) }`,
          token,
        );
        const streamed = (await stream.next())?.data;
        if (due.has(unit)) {
          expect(await announced.data()).toEqual({ announcePresence: true });
          expect(streamed?.data).toEqual({ announcePresence: true });
        } else {
          expect(await announced.codes()).toEqual([unit]);
          expect(streamed?.errors?.[0]?.extensions?.['code']).toBe(unit);
        }
      }
    }
    for (const person of Object.values(PEOPLE)) {
      const client = useClient(app, await person.token());
      for (const unitId of UNITS) {
        const unit = read(person, unitId);
        const watch = client.run(WATCH, unitId === undefined ? {} : { unitId });
        if (unit !== null && !due.has(unit)) {
          expect(await watch.codes()).toEqual([unit]);
        } else {
          const ids = unit === null ? [...due.values()].flat() : due.get(unit);
          expect(idsOf((await watch.data())['presence'])).toEqual(ids?.toSorted());
        }
        watch.stop();
      }
    }
  });

  test('objects of a kind are shown to those who may see its events', async () => {
    const app = await usePresentApp({ AUDIT_ROLES: 'System Admin, QC' });
    const head = useClient(app, await people.head());
    const auditor = useClient(app, await signToken({ user_id: 18, role: 'QC' }));
    const entry = { kind: 'audit', id: '9' };
    await announce(auditor, entry);
    expect(idsOf(await shown(auditor, entry))).toEqual(['9']);
    expect(await head.run(WATCH, entry).codes()).toEqual(['FORBIDDEN']);
    expect(await head.run(ANNOUNCE, entry).codes()).toEqual(['FORBIDDEN']);
    for (const kind of ['kpis', 'nothing', '']) {
      expect(await head.run(WATCH, { kind }).codes()).toEqual(['BAD_USER_INPUT']);
      expect(await head.run(ANNOUNCE, { kind, id: '1' }).codes()).toEqual(['BAD_USER_INPUT']);
    }
  });
});

describe('a face', () => {
  test('says who it is and what the user does: one for each user and object, who acts before who looks', async () => {
    const app = await usePresentApp();
    const claims = { name: 'N'.repeat(300) };
    const head = useClient(app, await signToken(claims));
    const sameHead = useClient(app, await signToken(claims));
    await announce(head, { id: '1' });
    await announce(sameHead, { id: '1', doing: 'ACTING', action: 'APPROVE' });
    await announce(head, { id: '2' });
    await announce(head, { id: '2' }); // as two screens on one connection do
    const face = { unitId: '5', userId: '17', name: 'N'.repeat(100), role: 'Section Head' };
    expect(await shown(head, { id: '1' })).toEqual([
      { ...face, objectId: '1', doing: 'ACTING', action: 'APPROVE' },
    ]);
    expect(idsOf(await shown(head))).toEqual(['1', '2']);
  });

  test('is refused for an id or a word that is none, and beyond 64 objects of a user', async () => {
    const app = await usePresentApp();
    const head = useClient(app, await people.head());
    for (const id of ['', 'x'.repeat(129), 'a\nb'])
      expect(await head.run(ANNOUNCE, { id }).codes()).toEqual(['BAD_USER_INPUT']);
    for (const action of ['', 'two words', 'x'.repeat(65)])
      expect(await head.run(ANNOUNCE, { id: '1', action }).codes()).toEqual(['BAD_USER_INPUT']);
    const held = Array.from({ length: 64 }, (_none, index) => head.run(ANNOUNCE, { id: `${index}` }));
    for (const operation of held) await operation.data();
    const other = useClient(app, await people.head());
    expect(await other.run(ANNOUNCE, { id: 'one more' }).codes()).toEqual(['LIMIT_EXCEEDED']);
    held[0]?.stop();
    await until(async () => (await shown(head)).length === 63);
    await announce(other, { id: 'one more' });
  });

  test('a crowd that comes at once is a few messages to each watcher, not one for each of the crowd', async () => {
    const app = await usePresentApp();
    const head = useClient(app, await people.head());
    const watches = [head.run(WATCH), useClient(app, await people.head()).run(WATCH)];
    for (const watch of watches) expect(await watch.data()).toEqual({ presence: [] });
    const crowd = await Promise.all(
      Array.from({ length: 40 }, async (_none, index) =>
        useClient(app, await signToken({ user_id: 100 + index })),
      ),
    );
    await Promise.all(crowd.map((client) => announce(client, { id: '1' })));
    for (const watch of watches) {
      let messages = 0;
      await untilShown(watch, (faces) => {
        messages += 1;
        return faces.length === 40;
      });
      expect(messages).toBeLessThanOrEqual(4);
    }
  });
});

describe('the end', () => {
  test('who completes is gone at once, and who loses the connection stays for a while', async () => {
    const app = await usePresentApp();
    const head = useClient(app, await people.head());
    const colleague = useClient(app, await signToken({ user_id: 18 }));
    const looking = await announce(colleague, { id: '1' });
    await announce(colleague, { id: '2' });
    expect(idsOf(await shown(head))).toEqual(['1', '2']);
    looking.stop();
    await until(async () => (await shown(head)).length === 1);
    colleague.client.terminate();
    await until(() => app.stats().sessions === 0);
    expect(idsOf(await shown(head))).toEqual(['2']);
    await announce(useClient(app, await signToken({ user_id: 18 })), { id: '2', doing: 'ACTING' });
    expect(await shown(head)).toEqual([expect.objectContaining({ objectId: '2', doing: 'ACTING' })]);
  });

  test.each([
    ['a user', { userId: 18 }, 'REVOKED'],
    ['a token', { jti: 'his' }, 'REVOKED'],
    ['another unit or role', { userId: 18 }, 'CHANGED'],
  ])('after a revocation of %s nothing is left, whether connected or not', async (_name, whose, action) => {
    const app = await usePresentApp();
    const head = useClient(app, await people.head());
    const his = await signToken({ user_id: 18, jti: 'his' });
    const gone = useClient(app, his);
    await announce(gone, { id: '1' });
    gone.client.terminate();
    await announce(useClient(app, his), { id: '2' });
    await until(() => app.stats().sessions <= 1);
    expect(idsOf(await shown(head))).toEqual(['1', '2']);
    await app.bus.publish(names.session, JSON.stringify({ action, ...whose }));
    await until(async () => (await shown(head)).length === 0);
  });

  test('nobody is at an object any more that has moved out of the unit, or was deleted: not to the unit, and not to the next one', async () => {
    const app = await usePresentApp();
    const head = useClient(app, await people.head());
    const stranger = useClient(app, await people.stranger());
    for (const id of ['1', '2', '3']) await announce(head, { kind: 'crate', id });
    const watch = head.run(WATCH, { kind: 'crate' });
    await untilShown(watch, ({ length }) => length === 3);
    const actions = { 1: 'MOVED_OUT', 2: 'DELETED', 3: 'UPDATED' };
    for (const [id, action] of Object.entries(actions))
      await publish(app, action, {
        channel: { kind: 'crate', unitId: '5' },
        event: messages.crate({ id }, { action }),
      });
    expect(idsOf(await untilShown(watch, ({ length }) => length < 2))).toEqual(['3']);
    expect(await shown(stranger, { kind: 'crate' })).toEqual([]);
  });

  test('nobody is shown at an object that has left the unit before, whether others are in the unit or not, until it is back', async () => {
    const app = await usePresentApp();
    const head = useClient(app, await people.head());
    const crate = (id: string) => ({ kind: 'crate', id });
    const happens = (action: string) =>
      publish(app, action, {
        channel: { kind: 'crate', unitId: '5' },
        event: messages.crate({ id: '1' }, { action }),
      });
    const watch = head.run(WATCH, { kind: 'crate' });
    expect(await watch.data()).toEqual({ presence: [] });
    const until = (...ids: string[]) => untilShown(watch, (faces) => `${idsOf(faces)}` === `${ids}`);
    await happens('MOVED_OUT');
    await announce(head, crate('1')); // as a page does that was offline
    await announce(head, crate('2'));
    await until('2');
    await announce(head, { ...crate('1'), doing: 'ACTING' });
    await announce(head, crate('3'));
    expect(idsOf(await untilShown(watch, (faces) => idsOf(faces).includes('3')))).toEqual(['2', '3']);
    await happens('MOVED_IN');
    await announce(useClient(app, await signToken({ user_id: 18 })), crate('1'));
    await until('1', '2', '3');
  });

  test('a session that expires takes its face with it', async () => {
    const app = await usePresentApp();
    const head = useClient(app, await people.head());
    const exp = Math.floor(Date.now() / 1000) + 2;
    await announce(useClient(app, await signToken({ user_id: 18, exp })), { id: '1' });
    expect(idsOf(await shown(head))).toEqual(['1']);
    await until(async () => (await shown(head)).length === 0);
  });
});

test('two processes agree, without a word when nobody is there, and keep nothing that does not expire', async () => {
  const redis = await useRedis();
  const apps = [
    await usePresentApp({ REDIS_URL: redis.url }),
    await usePresentApp({ REDIS_URL: redis.url }),
  ] as const;
  const token = await people.head();
  const [one, other] = [useClient(apps[0], token), useClient(apps[1], token)];
  const watch = other.run(WATCH);
  expect(await watch.data()).toEqual({ presence: [] });
  await redis.untilSubscribed('dms:presence:request');
  const looking = await announce(one, { id: '1' });
  await announce(one, { id: '2', doing: 'ACTING' });
  await announce(other, { id: '2' });
  const shownOf = (faces: readonly Shown[]) =>
    faces.map(({ objectId, doing }) => `${objectId} ${doing}`).join();
  await untilShown(watch, (faces) => shownOf(faces) === '1 LOOKING,2 ACTING'); // the notes of the two processes come in either order
  const notes = (await redis.client.keys('dms:{presence}:request:*')).toSorted();
  expect(notes).toHaveLength(2);
  for (const note of notes) {
    const ttl = await redis.client.pttl(note);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(15_000);
  }
  looking.stop();
  await untilShown(watch, ({ length }) => length === 1);
  await apps[0].close(); // the user who acts there is elsewhere, and only looks
  expect(await untilShown(watch, ([face]) => face?.['doing'] !== 'ACTING')).toMatchObject([
    { objectId: '2', doing: 'LOOKING' },
  ]);
  watch.stop();
  await redis.untilSubscribed('dms:presence:request', 0);
});

describe('switched off', () => {
  test('nobody is shown, and nobody is asked to be: that is refused as every operation is, and Redis has nothing of it', async () => {
    const redis = await useRedis();
    const app = await useApp({ REDIS_URL: redis.url });
    const head = useClient(app, await people.head());
    expect(await head.run(WATCH).codes()).toEqual(['FORBIDDEN']);
    expect(await head.run(ANNOUNCE, { id: '1' }).codes()).toEqual(['FORBIDDEN']);
    expect(await redis.client.keys('*presence*')).toEqual([]);
  });
});

test('the security log has who was shown where, once at the beginning and once at the end', async () => {
  const { app, lines } = await useRecordedApp({ PRESENCE: 'true' });
  const announced = await announce(useClient(app, await people.head()), { id: '4821', doing: 'ACTING' });
  announced.stop();
  await until(() => ofEvent(lines, 'operation.ended').length === 1);
  const [started] = ofEvent(lines, 'operation.started');
  expect(started).toMatchObject({
    user: '17',
    field: 'announcePresence',
    reads: '5',
    arguments: { kind: 'request', id: '4821', doing: 'ACTING' },
  });
  expect(ofEvent(lines, 'operation.started')).toHaveLength(1);
});
