/** Fields that only some roles may request. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { type LiveClient, subscribed, useClient, useStream } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { people, signToken } from '../support/tokens.ts';

const publish = (app: App, topic: string, message: unknown): Promise<void> =>
  app.bus.publish(topic, JSON.stringify(message));

describe('fields guarded by a role', () => {
  const AUDITORS = { AUDIT_ROLES: 'System Admin, QC' };
  const auditor = (): Promise<string> => signToken({ role: 'QC' });

  /** The document, its variables, and the path of the refused field. `undefined`: the document is accepted. */
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
      'subscription { auditLogged { entry { id ... @skip(if: true) { changes @include(if: true) } } } }',
      {},
      undefined,
    ],
    [
      'subscription { auditLogged { ... @include(if: true) { entry { id changes @skip(if: false) } } } }',
      {},
      ['auditLogged', 'entry', 'changes'],
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
    // Twice: the second time, the document comes from Yoga's cache.
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
    const operation = await subscribed(useClient(app, await people.admin()), query);
    await publish(app, 'dms:audit:unit:5', messages.audit());
    const data = await operation.data();
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

  test('AUDIT_ROLES opens audit entries of the user’s own unit, and of no other', async () => {
    const app = await useApp(AUDITORS);
    const client = useClient(app, await auditor());
    expect(await client.run('subscription { auditLogged(unitId: 7) { id } }').codes()).toEqual(['FORBIDDEN']);
    const own = await subscribed(client, 'subscription { auditLogged { entry { unitId } } }');
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

  /** Waits until the operation before has been accepted: operations of one socket start in order. */
  async function isAccepted(client: LiveClient): Promise<void> {
    await client.run('{ viewer { id } }').data();
  }
});
