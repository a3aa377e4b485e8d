/**
 * The recipes of CONTRIBUTING.md, followed on a copy: a field, an action, a subscription and a setting. Nothing else is edited.
 * (django/tests/test_recipes.py follows Django's.)
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { QueryClient } from '@tanstack/react-query';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Follower, LiveClient } from '../../client/src/index.ts';
import { useClient } from '../support/clients.ts';
import { useProgram } from '../support/process.ts';
import { until, useRedis } from '../support/redis.ts';
import { people, SECRET } from '../support/tokens.ts';
import { sample } from './support/sample.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GENERATING_MS = 240_000;

const KIND = `import { ticketUpdated } from '../generated/subscriptions.ts';
import { detail, list } from '../query/apply-entities.ts';
import type { Kind } from '../query/kind.ts';

/** Keeps \`['tickets', priority, unitId]\` and \`['ticket', id]\` live. */
export const tickets = {
  subscription: ticketUpdated,
  entity: 'ticket',
  queries: {
    /** Default: \`['tickets', ':priority', ':unitId']\`. */
    tickets: list('tickets', ':priority', ':unitId'),
    /** Default: \`['ticket', ':id']\`. */
    ticket: detail('ticket', ':id'),
  },
} as const satisfies Kind;
`;

/** An app that uses both. It type-checks only if everything was generated. */
const APP = `import {
  createQueryBridge,
  type ChangedKind,
  type LivePatches,
  type LiveQueryKeys,
  type RequestFieldsFragment,
  TicketUpdatedDocument,
  useLive,
  useLiveTickets,
  useTicketUpdatedSubscription,
} from './index.ts';

export const shelfMark = (request: RequestFieldsFragment): string | null => request.shelfMark;
export const changed: ChangedKind = 'ticket';
export const queryKeys: LiveQueryKeys = { tickets: 'jobs', ticket: ['job', ':id'] };
export const patches: LivePatches = { ticket: (row, { priority, request }) => ({ ...row, priority, of: request?.id }) };
export const bridge = createQueryBridge;

export function useTickets(): boolean {
  useLive(TicketUpdatedDocument, { unitId: '5' }, { event: ({ ticketUpdated }) => void ticketUpdated.action });
  useTicketUpdatedSubscription();
  return useLiveTickets(5).isUpdating;
}

// @ts-expect-error There is no such kind.
export const wrong: ChangedKind = 'tickets';
// @ts-expect-error There is no such field.
export const missing: LivePatches = { ticket: (row, { shelfMark }) => ({ ...row, shelfMark }) };
`;

let copy = '';
const run = promisify(execFile);
const tool = (name: string, ...args: string[]) =>
  run(join(ROOT, 'node_modules/.bin', name), args, { cwd: copy });
/** On one core it takes a third less of the processor's time, and other tests need the second. */
const typecheck = (...args: string[]) =>
  tool('tsc', '--noEmit', '--singleThreaded', ...args).catch(({ stdout }: { stdout: string }) => {
    throw new Error(stdout);
  });

function insert(text: string, mark: string, added: string): string {
  if (!text.includes(mark)) throw new Error(`There is no line ${mark}`);
  return text.replace(mark, `${mark}${added}`);
}

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'dms-live-kind-'));
  const paths = [
    'PROTOCOL.md',
    'README.md',
    'bench',
    'client',
    'codegen',
    'codegen.ts',
    'contract',
    'demo',
    'deploy',
    'docs',
    'package.json',
    'packages',
    'schema.graphql',
    'src',
    'test',
    'tsconfig.build.json',
    'tsconfig.json',
    'vitest.config.ts',
  ];
  const isCopied = (source: string): boolean => !/node_modules|\/dist$/.test(source);
  for (const path of await readdir(ROOT))
    if (paths.includes(path))
      await cp(join(ROOT, path), join(copy, path), { recursive: true, filter: isCopied });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

  // A field takes one line, and so does an action. A subscription takes a few.
  let schema = await readFile(join(copy, 'schema.graphql'), 'utf8');
  schema = insert(
    schema,
    'type Request @unitOwned {\n',
    '  "Where its papers stand."\n  shelfMark: String\n',
  );
  schema = insert(
    schema,
    'type Subscription {\n',
    `  "Every change of a ticket."
  ticketUpdated(unitId: ID, ticketId: ID @filter(by: "ticket.id")): TicketEvent! @unitScope @topic(kind: "ticket")
`,
  );
  schema = insert(schema, 'enum RequestAction {\n', '  "It waited too long."\n  ESCALATED\n');
  schema += `
"Something happened to a ticket."
type TicketEvent {
  id: ID!
  action: TicketAction!
  occurredAt: DateTime! @instant
  actor: User
  ticket: Ticket! @topicEntity
}
"A job for the help desk."
type Ticket @unitOwned {
  id: ID!
  unitId: ID!
  priority: TicketPriority!
  isUrgent: Boolean
  request: Request
}
enum TicketAction { OPENED UPDATED DELETED }
enum TicketPriority { LOW VERY_HIGH }
`;
  await writeFile(join(copy, 'schema.graphql'), schema);
  await writeFile(join(copy, 'client/src/kinds/tickets.ts'), KIND);
  const http = join(copy, 'src/config/http.ts');
  const settings = insert(
    await readFile(http, 'utf8'),
    'export interface HttpSettings {\n',
    '  readonly maxTickets: number;\n',
  );
  await writeFile(
    http,
    insert(settings, '  return {\n', "    maxTickets: read.integer('MAX_TICKETS', 10, 1, 100),\n"),
  );
  await tool('graphql-codegen', '--config', 'codegen.ts', '--silent');
}, GENERATING_MS);
afterAll(() => rm(copy, { recursive: true, force: true }));

test.each([
  ['README.md', ['`ticketUpdated` | `unitId`, `ticketId` | Every change of a ticket.']],
  ['PROTOCOL.md', ['`ticketUpdated(unitId, ticketId)`: `TicketEvent!`', '`dms:ticket:unit:{unitId}`']],
  ['docs/redis.md', [' &dms:ticket:unit:* ']],
  [
    'client/README.md',
    ['`TicketUpdated` | `ticketUpdated.ticket`', '(`LOW`, `VERY_HIGH`)', '`shelfMark`', '`ESCALATED`'],
  ],
])('%s has the new field, action and subscription in its tables', async (path, parts) => {
  const page = await readFile(join(copy, path), 'utf8');
  for (const part of parts) expect(page).toContain(part);
});

test('everything that an app needs for a new field and a new kind is generated, with types', {
  timeout: GENERATING_MS,
}, async () => {
  await writeFile(join(copy, 'client/src/app.ts'), APP);
  await typecheck('-p', 'client');
});

test('nothing else needs a line: the server, the demo and all tests type-check as they are', {
  timeout: GENERATING_MS,
}, async () => {
  await typecheck();
});

test('the server starts, and delivers events of the new kind, of the new action and with the new field to its unit alone', {
  timeout: GENERATING_MS,
}, async () => {
  await tool('tsc', '-p', 'tsconfig.build.json', '--noCheck'); // the test before has checked the types
  const redis = await useRedis();
  const settings = { REDIS_URL: redis.url, JWT_SECRET: SECRET, PORT: '0', MAX_TICKETS: '1000' };
  const refused = useProgram('main.js', settings, join(copy, 'dist'));
  await refused.says(/MAX_TICKETS .*100/);
  const server = useProgram('main.js', { ...settings, MAX_TICKETS: '100' }, join(copy, 'dist'));
  const [, url = ''] = await server.says(/"url":"(http[^"]+)"/);

  const TICKETS = 'subscription ($id: ID) { ticketUpdated(ticketId: $id) { action ticket { id priority } } }';
  const head = useClient({ url }, await people.head());
  const [tickets, requests] = [
    head.run(TICKETS, { id: '2' }),
    head.run('subscription { requestUpdated { action request { shelfMark } } }'),
  ];
  const stranger = useClient({ url }, await people.stranger()).run(TICKETS);
  for (const topic of ['ticket:unit:5', 'ticket:unit:7', 'request:unit:5'])
    await redis.untilSubscribed(`dms:${topic}`);
  const publish = (topic: string, action: string, entity: object) => {
    const event = { id: crypto.randomUUID(), action, occurredAt: '2026-11-22T09:30:00Z', ...entity };
    return redis.client.publish(`dms:${topic}`, JSON.stringify(event));
  };
  for (const unitId of [5, 7])
    for (const id of [1, 2])
      await publish(`ticket:unit:${unitId}`, 'OPENED', { ticket: { id, unitId, priority: 'Very High' } });
  const request = { id: 7, unitId: 5, requestType: 'STORAGE', status: 'PENDING', shelfMark: 'B' };
  await publish('request:unit:5', 'Escalated', { request });

  const opened = (id: string) => ({
    ticketUpdated: { action: 'OPENED', ticket: { id, priority: 'VERY_HIGH' } },
  });
  expect(await tickets.data()).toEqual(opened('2'));
  expect(await requests.data()).toEqual({
    requestUpdated: { action: 'ESCALATED', request: { shelfMark: 'B' } },
  });
  expect([await stranger.data(), await stranger.data()]).toEqual([opened('1'), opened('2')]);
  expect(tickets.pending).toBe(0);
});

test('events of the new kind are written into its queries, and the new field into rows', async () => {
  const client: typeof import('../../client/src/index.ts') = await import(join(copy, 'client/src/index.ts'));
  const followers: Follower<unknown>[] = [];
  const live: Pick<LiveClient, 'follow'> = {
    follow(_document, _variables, follower) {
      followers.push({ event: (data) => follower.event(data as never) }); // the events below fit its document
      return () => undefined;
    },
  };
  const queryClient = new QueryClient();
  const row = { id: 7, request_type: 'Storage', status: 'Pending', unit_id: 5, shelf_mark: 'A' };
  const ticket = { id: 1, unit_id: 5, priority: 'Low', is_urgent: false, request: row };
  queryClient.setQueryData(['requests', 'all', 'all', 5], [row]);
  queryClient.setQueryData(['tickets', 'all', 5], [ticket]);
  queryClient.setQueryData(['ticket', 1], ticket);

  const bridge = client.createQueryBridge(queryClient, live);
  // Only the types of the copy have this kind.
  const stops = ['requests', 'tickets'].map((kind) => bridge.follow(kind as 'requests', 5));
  const event = { id: 'e', occurredAt: '2026-11-22T09:30:00Z', actor: null };
  const request = { ...sample.request({ id: '7', requestType: 'STORAGE' }), shelfMark: 'B' };
  followers[0]?.event({ requestUpdated: { ...event, action: 'UPDATED', request } });
  followers[1]?.event({
    ticketUpdated: {
      ...event,
      action: 'UPDATED',
      ticket: { id: '1', unitId: '5', priority: 'VERY_HIGH', isUrgent: true, request },
    },
  });
  const patched = { ...ticket, priority: 'Very High', is_urgent: true, request: { ...row, shelf_mark: 'B' } };
  await until(() => JSON.stringify(queryClient.getQueryData(['ticket', 1])) === JSON.stringify(patched));
  expect(queryClient.getQueryData(['tickets', 'all', 5])).toEqual([patched]);
  expect(queryClient.getQueryData(['requests', 'all', 'all', 5])).toEqual([{ ...row, shelf_mark: 'B' }]);
  followers[1]?.event({
    ticketUpdated: {
      ...event,
      id: 'f',
      action: 'DELETED',
      ticket: { id: '1', unitId: '5', priority: 'LOW' },
    },
  });
  await until(() => queryClient.getQueryData<unknown[]>(['tickets', 'all', 5])?.length === 0);
  for (const stop of stops) stop();
  queryClient.clear();
});
