/** What an allowed event hides, and what may not even be asked for. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { type Data, type LiveClient, subscribed, useClient, useStream } from '../support/clients.ts';
import { entities, messages } from '../support/events.ts';
import { people, signToken } from '../support/tokens.ts';

const publish = (app: App, topic: string, message: unknown): Promise<void> =>
  app.bus.publish(topic, JSON.stringify(message));

/** The first event after a message is published, as a WebSocket and as an SSE client get it: both the same. */
async function delivered(
  app: App,
  token: string,
  query: string,
  topic: string,
  message: unknown,
): Promise<Data> {
  const operation = await subscribed(useClient(app, token), app, query);
  const stream = await useStream(app, query, token);
  await publish(app, topic, message);
  const data = await operation.data();
  expect((await stream.next())?.data).toEqual({ data });
  return data;
}

describe('data of another unit nested in an event', () => {
  const query = `subscription {
    crateUpdated(unitId: 5) { crate { unitId storage { id unitId } documents { id unitId } } }
  }`;
  const relocated = messages.crate({
    storage: entities.storage({ id: 71, unitId: 7 }),
    documents: [{ id: 1 }, { id: 2, unitId: 7 }, { id: 3, unitId: 5 }, { id: 4, unitId: 'null' }],
  });

  test('is null, and left out of lists', async () => {
    const app = await useApp();
    const data = await delivered(app, await people.head(), query, 'dms:crate:unit:5', relocated);
    expect(data['crateUpdated'].crate).toEqual({
      unitId: '5',
      storage: null,
      documents: [
        { id: '1', unitId: null },
        { id: '3', unitId: '5' },
      ],
    });
  });

  test('is there for a System Admin', async () => {
    const app = await useApp();
    const data = await delivered(app, await people.admin(), query, 'dms:crate:unit:5', relocated);
    expect(data['crateUpdated'].crate.storage).toEqual({ id: '71', unitId: '7' });
    expect(data['crateUpdated'].crate.documents).toHaveLength(4);
  });

  test('is null at any depth, under any alias and in fragments', async () => {
    const app = await useApp();
    const deep = `subscription {
      mine: requestUpdated { ...Event again: request { box: crate { ... on Crate { id } } } }
    }
    fragment Event on RequestEvent { request { id crate { id place: storage { roomName } } } }`;
    const moved = messages.request({ crate: entities.crate({ unitId: 7 }) });
    expect(await delivered(app, await people.head(), deep, 'dms:request:unit:5', moved)).toEqual({
      mine: { request: { id: '4821', crate: null }, again: { box: null } },
    });
    const placed = messages.request({ crate: entities.crate({ storage: entities.storage({ unitId: 7 }) }) });
    expect(await delivered(await useApp(), await people.head(), deep, 'dms:request:unit:5', placed)).toEqual({
      mine: { request: { id: '4821', crate: { id: '301', place: null } }, again: { box: { id: '301' } } },
    });
  });
});

describe('a send-back addressed to a person', () => {
  const query =
    'subscription { sendBackCreated(mine: true) { sendBack { unitId reason requestId request { id } } } }';

  test('reaches that person from another unit, without the request but with its id', async () => {
    const app = await useApp();
    const message = messages.sendback({ unitId: 7, request: entities.request({ unitId: 7 }) });
    const data = await delivered(app, await people.head(), query, 'dms:sendback:user:17', message);
    expect(data['sendBackCreated'].sendBack).toEqual({
      unitId: '7',
      reason: 'Wrong shelf',
      requestId: '4821',
      request: null,
    });
  });

  test('has its request where that is of the viewer’s unit', async () => {
    const app = await useApp();
    const data = await delivered(
      app,
      await people.head(),
      query,
      'dms:sendback:user:17',
      messages.sendback({ unitId: 7 }),
    );
    expect(data['sendBackCreated'].sendBack.request).toEqual({ id: '4821' });
  });

  test('reaches nobody else', async () => {
    const app = await useApp();
    const stranger = await subscribed(useClient(app, await people.stranger()), app, query);
    await publish(app, 'dms:sendback:user:17', messages.sendback({ unitId: 7 }));
    await publish(app, 'dms:sendback:unit:7', messages.sendback({ unitId: 7 }));
    await publish(app, 'dms:sendback:user:23', messages.sendback({ unitId: 7, reason: 'for me' }));
    expect((await stranger.data())['sendBackCreated'].sendBack.reason).toBe('for me');
  });
});

test('an event of another unit than its topic’s goes to nobody', async () => {
  const app = await useApp();
  const query = (unitId: number): string => `subscription { storageUpdated(unitId: ${unitId}) { id } }`;
  const head = await subscribed(useClient(app, await people.head()), app, query(5));
  const stranger = await subscribed(useClient(app, await people.stranger()), app, query(7));
  const admin = await subscribed(
    useClient(app, await people.admin()),
    app,
    'subscription { storageUpdated { id } }',
  );
  await publish(app, 'dms:storage:unit:5', messages.storage({ unitId: 7 }, { id: 'stray' }));
  await publish(app, 'dms:storage:unit:5', messages.storage({ unitId: 5 }, { id: 'to 5' }));
  await publish(app, 'dms:storage:unit:7', messages.storage({ unitId: 7 }, { id: 'to 7' }));
  const idOf = (data: Data): string => data['storageUpdated'].id;
  expect(idOf(await head.data())).toBe('to 5');
  expect(idOf(await stranger.data())).toBe('to 7');
  expect([idOf(await admin.data()), idOf(await admin.data())]).toEqual(['to 5', 'to 7']);
});

describe('fields guarded by a role', () => {
  const AUDITORS = { AUDIT_ROLES: 'System Admin, QC' };
  const auditor = (): Promise<string> => signToken({ role: 'QC' });

  /** The document, its variables, and the path it is refused with; `undefined`: it is accepted. */
  const DOCUMENTS: readonly [string, Record<string, unknown>, readonly string[] | undefined][] = [
    ['subscription { auditLogged { entry { ipAddress } } }', {}, ['auditLogged', 'entry', 'ipAddress']],
    ['subscription { auditLogged { entry { id changes } } }', {}, ['auditLogged', 'entry', 'changes']],
    ['subscription { a: auditLogged { b: entry { c: ipAddress } } }', {}, ['a', 'b', 'c']],
    [
      'subscription { auditLogged { ...E } } fragment E on AuditEvent { entry { ...F } } fragment F on AuditEntry { ip: ipAddress }',
      {},
      ['auditLogged', 'entry', 'ip'],
    ],
    [
      'subscription { auditLogged { ... { entry { ... on AuditEntry { changes } } } } }',
      {},
      ['auditLogged', 'entry', 'changes'],
    ],
    ['subscription { auditLogged { entry { id ipAddress @include(if: false) } } }', {}, undefined],
    ['subscription { auditLogged { entry { id ipAddress @skip(if: true) } } }', {}, undefined],
    [
      'subscription { auditLogged { entry { id ipAddress @skip(if: false) @include(if: true) } } }',
      {},
      ['auditLogged', 'entry', 'ipAddress'],
    ],
    [
      'subscription($v: Boolean!) { auditLogged { entry { id ipAddress @include(if: $v) } } }',
      { v: false },
      undefined,
    ],
    [
      'subscription($v: Boolean!) { auditLogged { entry { id ipAddress @include(if: $v) } } }',
      { v: true },
      ['auditLogged', 'entry', 'ipAddress'],
    ],
    [
      'subscription($v: Boolean = false) { auditLogged { entry { id changes @include(if: $v) } } }',
      {},
      undefined,
    ],
    [
      'subscription($v: Boolean = false) { auditLogged { entry { id changes @skip(if: $v) } } }',
      {},
      ['auditLogged', 'entry', 'changes'],
    ],
    [
      'subscription($v: Boolean!) { auditLogged { entry { id ... @skip(if: $v) { changes } } } }',
      { v: true },
      undefined,
    ],
    [
      'subscription($v: Boolean!) { auditLogged { entry { id ...F @skip(if: $v) ...F } } } fragment F on AuditEntry { changes }',
      { v: true },
      ['auditLogged', 'entry', 'changes'],
    ],
  ];

  test.each(DOCUMENTS)('%s with %j', async (query, variables, path) => {
    const app = await useApp(AUDITORS);
    const client = useClient(app, await auditor());
    // Twice: the second time the document comes from Yoga's cache.
    for (const _time of ['first', 'second']) {
      const operation = client.run(query, variables);
      if (path === undefined) {
        await isAccepted(client);
        await publish(app, 'dms:audit:unit:5', messages.audit());
        expect(await operation.data()).toHaveProperty('auditLogged.entry.id', '99');
        operation.stop();
      } else {
        expect(await operation.next()).toMatchObject({
          result: { errors: [{ path, extensions: { code: 'FORBIDDEN' } }] },
        });
      }
    }
  });

  test('are given to a System Admin', async () => {
    const app = await useApp();
    const query = 'subscription { auditLogged(unitId: 5) { entry { ipAddress changes } } }';
    const data = await delivered(app, await people.admin(), query, 'dms:audit:unit:5', messages.audit());
    expect(data['auditLogged'].entry).toEqual({
      ipAddress: '10.1.2.3',
      changes: { status: ['Pending', 'Approved'] },
    });
  });

  test('are refused over SSE with the same path', async () => {
    const app = await useApp(AUDITORS);
    const stream = await useStream(
      app,
      'subscription { a: auditLogged { entry { x: changes } } }',
      await auditor(),
    );
    expect((await stream.next())?.data?.errors).toMatchObject([
      { path: ['a', 'entry', 'x'], extensions: { code: 'FORBIDDEN' } },
    ]);
    expect((await stream.next())?.event).toBe('complete');
    expect(await stream.next()).toBeUndefined();
  });

  test('AUDIT_ROLES opens audit entries of one’s own unit, and no other', async () => {
    const app = await useApp(AUDITORS);
    const client = useClient(app, await auditor());
    expect(await client.run('subscription { auditLogged(unitId: 7) { id } }').codes()).toEqual(['FORBIDDEN']);
    const own = await subscribed(client, app, 'subscription { auditLogged { entry { unitId } } }');
    await publish(app, 'dms:audit:unit:5', messages.audit());
    expect(await own.data()).toEqual({ auditLogged: { entry: { unitId: '5' } } });
  });

  test('ADMIN_ROLES alone does not open audit entries', async () => {
    const app = await useApp({ ADMIN_ROLES: 'Boss' });
    const client = useClient(app, await signToken({ role: 'Boss' }));
    expect(await client.run('subscription { auditLogged { id } }').next()).toMatchObject({
      result: { errors: [{ path: ['auditLogged'], extensions: { code: 'FORBIDDEN' } }] },
    });
  });

  /** The operation before has been taken up: on one socket, one after the other. */
  async function isAccepted(client: LiveClient): Promise<void> {
    await client.run('{ viewer { id } }').data();
  }
});
