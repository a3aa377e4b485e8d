/** `useChangedMeanwhile`: what a dialog says of its row, by the events that a page receives. */
import { QueryClient } from '@tanstack/react-query';
import { expect, onTestFinished, test } from 'vitest';
import { KINDS } from '../../client/src/generated/kinds.ts';
import {
  CrateUpdatedDocument,
  type LivePatches,
  RequestUpdatedDocument,
  type RequestUpdatedSubscription,
} from '../../client/src/index.ts';
import { changeLogOf, createChangeLog, type NotedChange } from '../../client/src/notifications/change-log.ts';
import { changedMeanwhile } from '../../client/src/notifications/changed-meanwhile.ts';
import { bridgeOf } from '../../client/src/query/bridge-of.ts';
import { createFakeLiveClient } from '../../client/src/testing.ts';
import { until } from '../support/redis.ts';
import { sample } from './support/sample.ts';

type Action = RequestUpdatedSubscription['requestUpdated']['action'];
type Request = Parameters<typeof sample.request>[0];

const ME = '1';
const PETER = { id: '104', name: 'Peter Osei', role: 'Store Head' };
const GRACE = { id: '103', name: 'Grace Lin', role: 'QC' };
const PENDING = {
  id: 4821,
  status: 'Pending',
  approved_by: null,
  allocation_date: null,
  expected_return_date: '2026-12-01T00:00:00Z',
};
type Row = { readonly [Name in keyof typeof PENDING]: (typeof PENDING)[Name] | string | null };

/** A page that follows requests and crates, and shows the row of a request. */
async function useOpened(before: Row = PENDING, { patches }: { readonly patches?: LivePatches } = {}) {
  const client = createFakeLiveClient();
  const queryClient = new QueryClient();
  onTestFinished(() => {
    client.close();
    queryClient.clear();
  });
  const bridge = bridgeOf(client, queryClient, { ...(patches && { patches }) });
  for (const kind of ['requests', 'crates'] as const) onTestFinished(bridge.follow(kind));
  await until(() => client.status.phase === 'live' && !bridge.isUpdating('requests'));
  const noted: NotedChange[] = [];
  const log = changeLogOf(client);
  onTestFinished(
    log.follow({ kind: 'request', id: String(before.id) }, log.position, (one) => noted.push(one)),
  );
  return {
    client,
    happens(action: Action, request: Request, actor: typeof PETER | null = PETER, occurredAt = '10:02') {
      client.emit(RequestUpdatedDocument, {
        requestUpdated: {
          action,
          actor,
          occurredAt: `2026-11-26T${occurredAt}:00.000Z`,
          request: sample.request(request),
        },
      });
    },
    /** @param row `null`: the app has it no longer. @param viewerId `null`: not known yet. */
    now: (row: Row | null = before, viewerId: string | null = ME) =>
      changedMeanwhile<Row>({
        before,
        row: row ?? undefined,
        noted,
        viewerId: viewerId ?? undefined,
        patches,
      }),
  };
}

test('a dialog learns who did what and when, and which fields differ, also where its row is a copy', async () => {
  const { happens, now } = await useOpened();
  expect(now()).toBeUndefined();
  happens('APPROVED', { status: 'APPROVED', expectedReturnDate: '2026-12-20T00:00:00Z' });
  const approved = { ...PENDING, status: 'Approved', expected_return_date: '2026-12-20T00:00:00Z' };
  const expected = {
    before: PENDING,
    now: approved,
    fields: ['status', 'expected_return_date'],
    changes: [
      { action: 'APPROVED', actor: PETER, occurredAt: Date.parse('2026-11-26T10:02:00Z'), isOwn: false },
    ],
    isGone: false,
  };
  expect(now()).toEqual(expected);
  expect(now(approved)).toEqual(expected);
});

test('two colleagues are both named, in order, and what comes back to what it was is no change', async () => {
  const { happens, now } = await useOpened();
  happens('SENT_BACK', { status: 'SENT_BACK' }, GRACE);
  happens('UPDATED', { status: 'PENDING', expectedReturnDate: '2026-12-20T00:00:00Z' }, PETER, '10:03');
  expect(now()?.changes.map(({ actor }) => actor?.name)).toEqual(['Grace Lin', 'Peter Osei']);
  expect(now()?.fields).toEqual(['expected_return_date']);
  happens('UPDATED', { status: 'PENDING', expectedReturnDate: PENDING.expected_return_date }, PETER, '10:04');
  expect(now()).toBeUndefined();
});

test('the own action is never somebody else’s', async () => {
  const { happens, now } = await useOpened();
  happens('APPROVED', { status: 'APPROVED' }, { ...PETER, id: ME });
  expect(now()?.changes).toMatchObject([{ action: 'APPROVED', isOwn: true }]);
  expect(now(PENDING, '104')?.changes).toMatchObject([{ isOwn: false }]);
  happens('COMPLETED', { status: 'COMPLETED' }, null);
  expect(now()?.changes).toMatchObject([{ isOwn: true }, { action: 'COMPLETED', actor: null, isOwn: false }]);
});

test('nobody is named before the server has said who the user is', async () => {
  const { happens, now } = await useOpened();
  happens('APPROVED', { status: 'APPROVED' });
  const unknown = now({ ...PENDING, status: 'Approved' }, null);
  expect([unknown?.fields, unknown?.changes]).toEqual([['status'], []]);
  expect(now()?.changes).toHaveLength(1);
});

test('what comes again after an interruption, and was shown already, is no news', async () => {
  const shown: Row = { ...PENDING, status: 'Approved', allocation_date: '2026-11-26T10:01:00Z' };
  const { client, happens, now } = await useOpened(shown);
  client.cut();
  // The row was fetched while the connection was away, after these two.
  happens('APPROVED', { status: 'APPROVED', expectedReturnDate: '2026-12-01T00:00:00Z' });
  const allocated = { allocationDate: '2026-11-26T10:01:00Z', expectedReturnDate: '2026-12-01T00:00:00Z' };
  happens('STORAGE_ALLOCATED', { status: 'APPROVED', ...allocated });
  client.reconnect();
  await until(() => changeLogOf(client).position === 2);
  expect(now()).toBeUndefined();
  happens('COMPLETED', { status: 'COMPLETED', ...allocated }, null, '10:05');
  expect(now()?.changes).toMatchObject([{ action: 'COMPLETED' }]);
});

test('a row that was fetched again without an event differs, but nobody knows by whom', async () => {
  const { now } = await useOpened();
  const fetched = { ...PENDING, status: 'Rejected' };
  expect(now(fetched)).toEqual({
    before: PENDING,
    now: fetched,
    fields: ['status'],
    changes: [],
    isGone: false,
  });
});

test('what has moved to another unit is gone, also where the row has gone, until it is back', async () => {
  const { happens, now, client } = await useOpened();
  happens('MOVED_OUT', { status: 'PENDING', expectedReturnDate: PENDING.expected_return_date });
  expect(now()).toMatchObject({ isGone: true, fields: [], changes: [{ action: 'MOVED_OUT' }] });
  // Events about other things are not this row's.
  client.emit(CrateUpdatedDocument, {
    crateUpdated: { action: 'DELETED', crate: sample.crate({ id: '4821' }) },
  });
  expect(now(null)?.changes).toHaveLength(1);
  happens('MOVED_IN', { status: 'PENDING', expectedReturnDate: PENDING.expected_return_date });
  expect(now()).toBeUndefined();
});

test('an app’s own patches say what differs; one that throws or declines leaves the fields unknown', async () => {
  const own = { id: 4821, state: 'PENDING' };
  const patches = [
    { request: (row, { status }) => ({ ...row, state: status }) },
    {
      request: () => {
        throw new Error('broken');
      },
    },
  ] as const satisfies readonly LivePatches[];
  const noted = (status: 'PENDING' | 'APPROVED'): NotedChange => {
    const entity = { ...sample.request({ status }) };
    const change = { id: 'e', action: 'UPDATED', actor: PETER, occurredAt: 0, version: null };
    return { entity, change: { ...change, kind: KINDS.requests, unitAsked: undefined, entities: [entity] } };
  };
  const shown = { before: own, row: own, viewerId: ME };
  const says = (status: 'PENDING' | 'APPROVED', by: LivePatches) =>
    changedMeanwhile({ ...shown, noted: [noted(status)], patches: by });
  expect(says('APPROVED', patches[0])?.now).toEqual({ id: 4821, state: 'APPROVED' });
  expect(says('PENDING', patches[0])).toBeUndefined();
  expect(says('APPROVED', patches[1])).toMatchObject({ fields: [], changes: [{ actor: PETER }] });
});

test('a change between the first rendering and the subscription is not missed, nor delivered twice', () => {
  const log = createChangeLog();
  const change = (id: string) => ({
    ...{ id: 'e', action: 'UPDATED', actor: null, occurredAt: 0, version: null },
    ...{ kind: KINDS.requests, unitAsked: undefined, entities: [{ id }] },
  });
  log.note(change('1'));
  let position = log.position;
  log.note(change('1'));
  log.note(change('2'));
  const received: number[] = [];
  const follow = () =>
    log.follow({ kind: 'request', id: '1' }, position, (_noted, at) => {
      position = at;
      received.push(at);
    });
  follow()(); // as in StrictMode
  const stop = follow();
  log.note(change('1'));
  stop();
  log.note(change('1'));
  expect(received).toEqual([2, 4]);
});
