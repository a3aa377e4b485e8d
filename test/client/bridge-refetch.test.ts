/** What is refetched, and how often: as seldom as possible, but always when it is necessary. */
import { QueryObserver } from '@tanstack/react-query';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  AuditLoggedDocument,
  backgroundHeaders,
  CrateUpdatedDocument,
  RequestUpdatedDocument,
} from '../../client/src/index.ts';
import { ALL, PENDING, request, row, useCache, useRequests } from './support/cache.ts';

describe('refetches', () => {
  test('happen once per query for many events, and once more after a pause', async () => {
    const { live, pass, all, pending } = await useRequests();
    for (let id = 100; id < 350; id += 1) live.request('CREATED', request(id));
    await pass(150);
    for (let id = 350; id < 600; id += 1) live.request('CREATED', request(id));
    await pass(5000);
    expect([all.fetches, pending.fetches]).toEqual([2, 2]);
  });

  test('wait until events stop, but not forever', async () => {
    const { live, pass, all } = await useRequests();
    live.request('CREATED', request(100));
    await pass(59);
    expect(all.fetches).toBe(1);
    await pass(1);
    expect(all.fetches).toBe(2);
    await pass(100);
    for (let id = 101; id < 126; id += 1) {
      live.request('CREATED', request(id));
      await pass(40);
    }
    expect(all.fetches).toBe(3);
  });

  test('wait as long as the option says', async () => {
    const { live, pass, all } = await useRequests({ refetch: { quietMs: 500 } });
    live.request('CREATED', request(100));
    await pass(499);
    expect(all.fetches).toBe(1);
    await pass(1);
    expect(all.fetches).toBe(2);
  });

  test('complete while events continue', async () => {
    const { live, pass, watch } = await useRequests();
    const slow = await watch([...ALL, 'slow'], [row(1)], 3000);
    await pass(3000);
    let answers = 0;
    const { data } = slow;
    for (let id = 100; id < 200; id += 1) {
      live.request('CREATED', request(id));
      slow.answer = [row(id)];
      await pass(100);
      if (slow.data !== data) answers += 1;
    }
    expect(answers).toBeGreaterThan(0);
    await pass(10_000);
    expect(slow.data).toEqual([row(199)]);
  });

  test('are marked as made in the background, also if they are tried again; those of the app are not', async () => {
    const { live, bridge, queryClient, pass } = useCache({}, { retry: 1, retryDelay: 10 });
    const fetches: (string | undefined)[] = [];
    let failures = 0;
    const observer = new QueryObserver(queryClient, {
      queryKey: ALL,
      async queryFn(context) {
        await Promise.resolve();
        fetches.push(backgroundHeaders(context)['Dms-Live-Background']);
        failures -= 1;
        if (failures >= 0) throw new Error('try again');
        return [row(1)];
      },
    });
    onTestFinished(observer.subscribe(() => undefined));
    await pass(5);
    bridge.follow('requests', 5);
    live.start(RequestUpdatedDocument);
    failures = 1;
    await pass(1000);
    expect(fetches).toEqual([undefined, '1', '1']);
    await observer.refetch();
    expect(fetches.slice(3)).toEqual([undefined]);
  });

  test('end if their queries are removed', async () => {
    const { live, pass, watch, bridge, queryClient } = await useRequests();
    await watch([...ALL, 'slow'], [], 3000);
    await pass(3000);
    live.request('CREATED', request(100));
    await pass(1000);
    expect(bridge.isUpdating('requests')).toBe(true);
    queryClient.clear();
    expect(bridge.isUpdating('requests')).toBe(false);
  });
});

describe('the user’s own mutation', () => {
  const mutation = (lasts: number, onSuccess?: () => unknown) => ({
    mutationFn: () => new Promise((resolve) => setTimeout(resolve, lasts)),
    ...(onSuccess && { onSuccess: () => void onSuccess() }),
  });

  test('that refetches by itself causes one fetch together with its event, whenever the event arrives', async () => {
    for (const eventAfter of [10, 190, 202, 206, 220]) {
      const { live, pass, all, pending, queryClient } = await useRequests();
      const options = mutation(200, () => queryClient.invalidateQueries({ queryKey: ['requests'] }));
      void queryClient.getMutationCache().build(queryClient, options).execute(undefined);
      all.answer = [row(3), row(1), row(2, 'Approved')];
      pending.answer = [row(3), row(1)];
      await pass(eventAfter);
      live.request('CREATED', request(3));
      await pass(5000);
      expect([eventAfter, all.fetches, pending.fetches]).toEqual([eventAfter, 2, 2]);
      expect(pending.data).toEqual([row(3), row(1)]);
    }
  });

  test('that does not refetch leaves it to the event, right after the mutation', async () => {
    const { live, pass, all, queryClient } = await useRequests();
    void queryClient.getMutationCache().build(queryClient, mutation(200)).execute(undefined);
    live.request('CREATED', request(3));
    await pass(180);
    expect(all.fetches).toBe(1);
    await pass(100);
    expect(all.fetches).toBe(2);
  });

  test('that takes long delays refetches by a second at most', async () => {
    const { live, pass, all, queryClient } = await useRequests();
    void queryClient.getMutationCache().build(queryClient, mutation(60_000)).execute(undefined);
    live.request('CREATED', request(3));
    await pass(1000);
    expect(all.fetches).toBe(2);
  });
});

describe('a subscription', () => {
  test('refetches the matching queries that were fetched before its start, and no others', async () => {
    const { live, pass, watch, bridge } = useCache();
    const before = await watch(ALL, [row(1)]);
    const otherUnit = await watch(['requests', 'all', 'all', 7], []);
    const users = await watch(['users'], []);
    await pass(50);
    bridge.follow('requests', 5);
    live.start(RequestUpdatedDocument);
    const after = await watch(PENDING, [row(1)]);
    await pass(1000);
    expect([before, otherUnit, users, after].map(({ fetches }) => fetches)).toEqual([2, 1, 1, 1]);
  });

  test('from several places runs once', async () => {
    const { live, pass, all, bridge } = await useRequests();
    bridge.follow('requests', '5');
    bridge.follow('requests', 5);
    live.start(RequestUpdatedDocument, 'first');
    expect(live.followed()).toEqual([{ unitId: '5' }]);
    await pass(1000);
    expect(all.fetches).toBe(2);
  });

  test('refetches nothing after a resume, and all queries of its kind once after a loss', async () => {
    const { live, pass, all, pending, watch, bridge } = await useRequests();
    bridge.follow('crates', 5);
    live.start(CrateUpdatedDocument);
    const crates = await watch(['crates', 'all', 5], []);
    await pass(100);
    live.resume();
    await pass(1000);
    expect([all.fetches, pending.fetches, crates.fetches]).toEqual([1, 1, 1]);
    live.start(RequestUpdatedDocument, 'lost');
    live.start(CrateUpdatedDocument, 'lost');
    await pass(1000);
    expect([all.fetches, pending.fetches, crates.fetches]).toEqual([2, 2, 2]);
  });

  test('refetches the rows of other kinds that nest its entities, and only those', async () => {
    const { live, pass, watch, bridge } = useCache();
    bridge.follow('requests', 5);
    live.start(RequestUpdatedDocument);
    const nesting = await watch(ALL, [{ ...row(1), crate: { id: 301, status: 'Active' } }]);
    const none = await watch(PENDING, [{ ...row(1), crate: null }]);
    await pass(50);
    bridge.follow('crates', 5);
    live.start(CrateUpdatedDocument);
    await pass(1000);
    live.start(CrateUpdatedDocument, 'lost');
    await pass(1000);
    expect([nesting.fetches, none.fetches]).toEqual([3, 1]);
  });

  test('with a loss marks a query as stale if its pending answer has no observers', async () => {
    const { live, pass, queryClient } = await useRequests();
    const prefetch = queryClient.prefetchQuery({
      queryKey: ['requests', 'Storage', 'all', 5],
      queryFn: () => new Promise((resolve) => setTimeout(() => resolve([]), 300)),
    });
    live.start(RequestUpdatedDocument, 'lost');
    await pass(1000);
    await prefetch;
    expect(queryClient.getQueryState(['requests', 'Storage', 'all', 5])?.isInvalidated).toBe(true);
  });

  test('continues from one screen to the next, and ends after the last', async () => {
    const { live, pass, bridge } = useCache();
    const stop = bridge.follow('requests', 5);
    stop();
    stop();
    await pass(900);
    const next = bridge.follow('requests', 5);
    await pass(5000);
    expect(live.followed()).toHaveLength(1);
    next();
    await pass(1000);
    expect(live.followed()).toEqual([]);
  });

  test('reports why it is refused', () => {
    const { live, bridge } = useCache();
    bridge.follow('audit');
    live.refuse(AuditLoggedDocument);
    expect(bridge.refusal('audit')).toEqual({ code: 'FORBIDDEN', message: 'No.' });
    expect(bridge.refusal('audit', 5)).toBeUndefined();
  });

  test.each(['started', 'resumed'])('reports no refusal any more when it has %s', (how) => {
    const { live, bridge } = useCache();
    const notified = vi.fn();
    bridge.follow('audit');
    live.refuse(AuditLoggedDocument);
    bridge.subscribe(notified);
    if (how === 'started') live.start(AuditLoggedDocument);
    else live.resume();
    expect(bridge.refusal('audit')).toBeUndefined();
    expect(notified).toHaveBeenCalledOnce();
  });
});
