/** `dms-live-react/testing`: what hooks see of the fake client is what they see of a real one. */
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  AnnouncePresenceDocument,
  CurrentKpisDocument,
  DashboardKpisDocument,
  PresenceDocument,
  type PresenceSubscription,
  RequestUpdatedDocument,
  StorageUpdatedDocument,
  ViewerDocument,
} from '../../client/src/index.ts';
import { createFakeLiveClient } from '../../client/src/testing.ts';
import { useApp } from '../support/app.ts';
import { follow, followAny, inPhase, phasesOf, useLive } from './support/live.ts';

function useFake() {
  const live = createFakeLiveClient();
  onTestFinished(() => live.close());
  return live;
}

const request = (id: string) => ({
  requestUpdated: {
    action: 'APPROVED' as const,
    request: { id, requestType: 'STORAGE' as const, status: 'APPROVED' as const, unitId: '5' },
  },
});
const idOf = ({ requestUpdated }: { requestUpdated: { request: { id: string } } }) =>
  requestUpdated.request.id;

describe('The fake client', () => {
  test('goes live when something is followed, by the phases of the real one', async () => {
    const phases = [useFake(), useLive(await useApp())].map(async (client) => {
      const seen = phasesOf(client);
      const { next, stop } = follow(client);
      const started = await next();
      stop();
      await inPhase(client, 'idle');
      return [started, ...seen];
    });
    const [fake, real] = await Promise.all(phases);
    expect(fake).toEqual(real);
    expect(fake).toEqual(['started first', 'connecting', 'live', 'idle']);
  });

  test('delivers whole events: what the test leaves out is null, but for id and time', async () => {
    const live = useFake();
    const { take } = followAny(live, RequestUpdatedDocument, { unitId: '5' }, (data) => JSON.stringify(data));
    await take(1);
    live.emit(RequestUpdatedDocument, request('7'));
    const { requestUpdated } = JSON.parse((await take(1))[0]?.replace('event ', '') ?? '');
    expect(requestUpdated).toMatchObject({ action: 'APPROVED', actor: null });
    expect(requestUpdated.request).toMatchObject({
      id: '7',
      status: 'APPROVED',
      crate: null,
      approvedBy: null,
    });
    expect(Date.parse(requestUpdated.occurredAt)).toBeGreaterThan(0);
    expect(requestUpdated.id).toMatch(/./);
  });

  test('shows who else is there, also to those who ask later, and what the screen announces', async () => {
    const live = useFake();
    const names = ({ presence }: PresenceSubscription) => presence.map(({ name }) => name).join();
    const early = followAny(live, PresenceDocument, { kind: 'request' }, names);
    await early.take(1);
    live.setPresent('request', [{ objectId: '1', name: 'Peter Osei' }, { objectId: '2' }]);
    live.setPresent('crate', [{ objectId: '1', name: 'Noor Rahman' }]);
    expect(await early.take(1)).toEqual(['event Peter Osei,Test Colleague']);
    const late = followAny(live, PresenceDocument, { kind: 'crate' }, names);
    expect(await late.take(2)).toContain('event Noor Rahman');
    const announcement = { kind: 'request', id: '1', doing: 'ACTING', action: 'APPROVE' } as const;
    const stop = live.follow(AnnouncePresenceDocument, announcement, { event: () => undefined });
    expect(live.announced()).toEqual([announcement]);
    stop();
    expect(live.announced()).toEqual([]);
  });

  test('delivers each id once, and only to the variables that the test names', async () => {
    const live = useFake();
    const [five, seven] = ['5', '7'].map((unitId) =>
      followAny(live, RequestUpdatedDocument, { unitId }, idOf),
    );
    expect([await five?.next(), await seven?.next()]).toEqual(['started first', 'started first']);
    const { requestUpdated } = request('1');
    live.emit(RequestUpdatedDocument, { requestUpdated: { ...requestUpdated, id: 'e' } }, { unitId: '7' });
    live.emit(RequestUpdatedDocument, { requestUpdated: { ...requestUpdated, id: 'e' } }, { unitId: '7' });
    live.emit(RequestUpdatedDocument, request('2'));
    expect([await five?.next(), ...((await seven?.take(2)) ?? [])]).toEqual([
      'event 2',
      'event 1',
      'event 2',
    ]);
  });

  test('resumes after a cut with what was missed, and starts again if that was lost', async () => {
    const live = useFake();
    const { next, take } = followAny(live, RequestUpdatedDocument, {}, idOf);
    await next();
    live.cut();
    expect(live.status.phase).toBe('reconnecting');
    live.emit(RequestUpdatedDocument, request('1'));
    live.reconnect();
    expect(await take(2)).toEqual(['resumed', 'event 1']);
    live.cut();
    live.emit(RequestUpdatedDocument, request('2'));
    live.lose();
    live.setPhase('live');
    expect(await next()).toBe('started lost');
    live.lose(); // while it is live
    expect(await next()).toBe('started lost');
    live.emit(RequestUpdatedDocument, request('3'));
    expect(await next()).toBe('event 3');
  });

  test('refuses what is followed, and what will be', async () => {
    const live = useFake();
    const requests = followAny(live, RequestUpdatedDocument, {}, idOf);
    await requests.next();
    live.refuse(RequestUpdatedDocument);
    expect(await requests.next()).toBe('refused FORBIDDEN');
    live.refuse(StorageUpdatedDocument, { code: 'BAD_USER_INPUT' });
    const storage = follow(live);
    expect(await storage.next()).toBe('refused BAD_USER_INPUT');
    live.allow(StorageUpdatedDocument);
    live.cut();
    live.reconnect();
    expect(await storage.next()).toBe('started first');
    expect(requests.pending).toBe(0); // it is refused as before
  });

  test('gives a new subscription the newest state at once', async () => {
    const live = useFake();
    live.emit(DashboardKpisDocument, {
      dashboardKpis: { computedAt: '2026-11-25T09:00:00Z', overdueWithdrawals: 3 },
    });
    const kpis = followAny(
      live,
      DashboardKpisDocument,
      {},
      ({ dashboardKpis }) => `${dashboardKpis.overdueWithdrawals}`,
    );
    expect(await kpis.take(2)).toEqual(['started first', 'event 3']);
  });

  test('stays in the phase that the test sets, until it is reconnected', async () => {
    const live = useFake();
    live.setPhase({ phase: 'stopped', code: 4429, reason: 'Full.' });
    const { next } = follow(live);
    await Promise.resolve();
    expect(live.status).toMatchObject({ phase: 'stopped', reason: 'Full.' });
    live.reconnect();
    expect(await next()).toBe('started first');
    live.close();
    live.setPhase('live');
    expect(live.status.phase).toBe('signed-out');
  });

  test('answers the queries of urql: the viewer by itself, others as the test says', async () => {
    const live = useFake();
    const { data } = await live.urql.query(ViewerDocument, {}).toPromise();
    expect(data?.viewer.id).toBe('1');
    const none = await live.urql.query(CurrentKpisDocument, {}).toPromise();
    expect(none.error?.message).toContain('no answer to CurrentKpis');
    live.answer(ViewerDocument, { viewer: { ...(data?.viewer ?? fail()), id: '17' } });
    expect((await live.urql.query(ViewerDocument, {}).toPromise()).data?.viewer.id).toBe('17');
  });
});

function fail(): never {
  throw new Error('there is no viewer');
}
