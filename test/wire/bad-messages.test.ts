/** Mistakes that a publisher can make. The message is refused and kept aside, and other events still arrive. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { useApp } from '../support/app.ts';
import { type LiveClient, type Operation, subscribed, useClient } from '../support/clients.ts';
import { entities, messages } from '../support/events.ts';
import { people } from '../support/tokens.ts';

const FIELDS = {
  request: 'requestUpdated',
  crate: 'crateUpdated',
  sendback: 'sendBackCreated',
  storage: 'storageUpdated',
  audit: 'auditLogged',
  kpis: 'dashboardKpis',
} as const;
type Kind = keyof typeof FIELDS;

const KIB = 1024;
const json = JSON.stringify;

/** An otherwise good message of exactly this size in bytes. */
function sized(bytes: number, id = 'sized'): string {
  const bare = json(messages.storage({}, { id, padding: '' }));
  return json(messages.storage({}, { id, padding: 'x'.repeat(bytes - Buffer.byteLength(bare)) }));
}

const without = (message: object, ...names: string[]): string =>
  json(Object.fromEntries(Object.entries(message).filter(([name]) => !names.includes(name))));

interface Bad {
  readonly what: string;
  readonly kind: Kind;
  readonly message: string | Buffer;
  /** By default a topic of unit 5. */
  readonly topic?: string;
}

const BAD: readonly Bad[] = [
  { what: 'nothing', kind: 'request', message: '' },
  { what: 'no JSON', kind: 'request', message: 'hello' },
  { what: 'JSON cut short', kind: 'request', message: json(messages.request()).slice(0, -1) },
  { what: 'two JSON values', kind: 'request', message: `${json(messages.request())}{}` },
  { what: 'binary', kind: 'request', message: Buffer.from([0, 255, 254, 1, 128]) },
  {
    what: 'invalid UTF-8 within a string',
    kind: 'request',
    message: Buffer.from(json(messages.request({}, { note: '@' }))).map((byte) =>
      byte === 64 ? 0xff : byte,
    ) as Buffer,
  },
  { what: 'an array', kind: 'request', message: json([messages.request()]) },
  { what: 'null', kind: 'request', message: 'null' },
  { what: 'a number', kind: 'kpis', message: '5' },
  { what: 'a string', kind: 'storage', message: '"event"' },
  { what: 'an empty object', kind: 'kpis', message: '{}' },
  { what: 'nothing but brackets', kind: 'storage', message: '['.repeat(30_000) + ']'.repeat(30_000) },
  { what: '65 KiB', kind: 'storage', message: sized(65 * KIB) },
  { what: 'one byte more than 64 KiB', kind: 'storage', message: sized(64 * KIB + 1) },
  { what: 'no id', kind: 'request', message: without(messages.request(), 'id') },
  { what: 'no time', kind: 'request', message: without(messages.request(), 'occurredAt') },
  { what: 'no action', kind: 'crate', message: without(messages.crate(), 'action') },
  { what: 'no entity', kind: 'sendback', message: without(messages.sendback(), 'sendBack') },
  { what: 'no locations', kind: 'storage', message: json(messages.storage({}, { locations: [] })) },
  {
    what: 'an entity without a unit',
    kind: 'request',
    message: json(messages.request({ unitId: undefined })),
  },
  { what: 'an entity of unit null', kind: 'audit', message: json(messages.audit({ unitId: null })) },
  { what: 'an entity without a status', kind: 'crate', message: json(messages.crate({ status: undefined })) },
  { what: 'an entity without an id', kind: 'storage', message: json(messages.storage({ id: null })) },
  { what: 'an empty id', kind: 'request', message: json(messages.request({}, { id: '' })) },
  { what: 'a fraction for an id', kind: 'request', message: json(messages.request({ id: 1.5 })) },
  { what: 'an object for an id', kind: 'request', message: json(messages.request({ id: {} })) },
  { what: 'an unknown action', kind: 'request', message: json(messages.request({}, { action: 'EXPLODED' })) },
  { what: 'an unknown status', kind: 'request', message: json(messages.request({ status: 'pending' })) },
  {
    what: 'an action of Object',
    kind: 'request',
    message: json(messages.request({}, { action: 'constructor' })),
  },
  {
    what: 'a time that is none',
    kind: 'request',
    message: json(messages.request({}, { occurredAt: 'now' })),
  },
  {
    what: 'a time without zone',
    kind: 'request',
    message: json(messages.request({}, { occurredAt: '2026-11-22T09:30:00' })),
  },
  {
    what: 'a day that is none',
    kind: 'request',
    message: json(messages.request({ approvalDate: '2026-02-30' })),
  },
  {
    what: 'a count that no Int holds',
    kind: 'kpis',
    message: json(messages.kpis({ pendingApprovals: 2 ** 31 })),
  },
  {
    what: 'an entity only by __proto__',
    kind: 'request',
    message: json(messages.request()).replace('"request":', '"__proto__":'),
  },
  {
    what: 'changes too deep to be written again',
    kind: 'audit',
    message: json(messages.audit()).replace(
      '["Pending","Approved"]',
      '['.repeat(20_000) + ']'.repeat(20_000),
    ),
  },
  { what: 'another unit’s request', kind: 'request', message: json(messages.request({ unitId: 7 })) },
  { what: 'another unit’s crate', kind: 'crate', message: json(messages.crate({ unitId: 7 })) },
  { what: 'another unit’s send-back', kind: 'sendback', message: json(messages.sendback({ unitId: '7' })) },
  { what: 'another unit’s audit entry', kind: 'audit', message: json(messages.audit({ unitId: 7 })) },
  { what: 'another unit’s figures', kind: 'kpis', message: json(messages.kpis({ unitId: 7 })) },
  { what: 'figures of all units', kind: 'kpis', message: json(messages.kpis({ unitId: null })) },
  {
    what: 'one location of another unit among several',
    kind: 'storage',
    message: json(
      messages.storage({}, { locations: [5, 5, 7].map((unitId) => entities.storage({ unitId })) }),
    ),
  },
  {
    what: 'another unit beside the entity',
    kind: 'request',
    message: json(messages.request({}, { unitId: 7 })),
  },
  {
    what: 'a list as unit beside the entity',
    kind: 'request',
    message: json(messages.request({}, { unitId: [5] })),
  },
  {
    what: 'an object as unit beside the entity',
    kind: 'request',
    message: json(messages.request({}, { unitId: { toString: 1, valueOf: 1 } })),
  },
  {
    what: 'null as unit beside the entity',
    kind: 'crate',
    message: json(messages.crate({}, { unitId: null })),
  },
];

async function follow(client: LiveClient, kind: Kind, args = '(unitId: 5)'): Promise<Operation> {
  return subscribed(client, `subscription { ${FIELDS[kind]}${args} { id } }`);
}

test.each(BAD)('$what ($kind) is never delivered, and the next event is', async ({ kind, message }) => {
  const app = await useApp();
  const operation = await follow(useClient(app, await people.admin()), kind);
  await app.bus.publish(`dms:${kind}:unit:5`, message);
  const good = kind === 'kpis' ? messages.kpis({ id: 'good' }) : messages[kind]({}, { id: 'good' });
  await app.bus.publish(`dms:${kind}:unit:5`, json(good));
  expect(await operation.data()).toEqual({ [FIELDS[kind]]: { id: 'good' } });
});

test('figures of all units together name no unit', async () => {
  const app = await useApp();
  const client = useClient(app, await people.admin());
  const operation = client.run('subscription { dashboardKpis { id unitId } }');
  await client.run('{ viewer { id } }').data();
  await app.bus.publish('dms:kpis:all', json(messages.kpis({ unitId: 5 })));
  await app.bus.publish('dms:kpis:all', json(messages.kpis({ unitId: null, id: 'good' })));
  expect(await operation.data()).toEqual({ dashboardKpis: { id: 'good', unitId: null } });
});

test('a message on a topic with an invalid unit id reaches no client', async () => {
  const app = await useApp();
  const admin = await follow(useClient(app, await people.admin()), 'storage', '');
  for (const id of ['5:unit', '*', '', '5 ', 'x'.repeat(65), 'ü'])
    await app.bus.publish(`dms:storage:unit:${id}`, json(messages.storage({ unitId: id || 5 })));
  await app.bus.publish('dms:storage:unit:5', json(messages.storage({}, { id: 'good' })));
  expect(await admin.data()).toEqual({ storageUpdated: { id: 'good' } });
});

test('a second event with the same id is dropped on the same topic, but not on another', async () => {
  const app = await useApp();
  const admin = await follow(useClient(app, await people.admin()), 'storage', '');
  const twice = randomUUID();
  const published: [number, string][] = [
    [5, twice],
    [5, twice],
    [7, twice],
    [5, 'last'],
  ];
  for (const [unitId, id] of published)
    await app.bus.publish(`dms:storage:unit:${unitId}`, json(messages.storage({ unitId }, { id })));
  const ids = [await admin.data(), await admin.data(), await admin.data()];
  expect(ids.map((data) => data['storageUpdated'].id)).toEqual([twice, twice, 'last']);
});

test('a refused message does not use up its id', async () => {
  const app = await useApp();
  const operation = await follow(useClient(app, await people.head()), 'storage');
  await app.bus.publish('dms:storage:unit:5', json(messages.storage({ unitId: 7 }, { id: 'again' })));
  await app.bus.publish('dms:storage:unit:5', json(messages.storage({ unitId: 5 }, { id: 'again' })));
  expect(await operation.data()).toEqual({ storageUpdated: { id: 'again' } });
});
