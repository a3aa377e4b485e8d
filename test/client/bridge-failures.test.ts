/** Refetches that fail: they stay owed, are tried again, and the hooks say so. */
import { QueryObserver } from '@tanstack/react-query';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { CrateUpdatedDocument, RequestUpdatedDocument } from '../../client/src/index.ts';
import { ALL, PENDING, request, row, useCache, useRequests } from './support/cache.ts';
import { sample } from './support/sample.ts';

const DOWN = new Error('502');
const refusal = (status: number): Error => Object.assign(new Error('No.'), { response: { status } });

/** Request 1 is approved while its list cannot be fetched. */
async function useOutage(error = DOWN) {
  const cache = await useRequests({}, { retry: false });
  cache.pending.answer = error;
  cache.live.request('APPROVED', request(1, 'APPROVED'));
  await cache.pass(100);
  return cache;
}

describe('a refetch that fails', () => {
  test('is tried again until it succeeds, and meanwhile the hooks say that the screen is not up to date', async () => {
    const { pending, pass, bridge } = await useOutage();
    await pass(600_000);
    expect([bridge.isUpdating('requests'), bridge.isOutdated('requests')]).toEqual([true, true]);
    expect([bridge.isUpdating('crates'), bridge.isOutdated('crates')]).toEqual([false, false]);
    expect(pending.isInvalidated).toBe(true);
    pending.answer = [];
    await pass(30_100);
    expect(pending.data).toEqual([]);
    expect([bridge.isUpdating('requests'), bridge.isOutdated('requests')]).toEqual([false, false]);
    const { fetches } = pending;
    await pass(600_000);
    expect(pending.fetches).toBe(fetches);
  });

  test('is tried again ever more rarely, also while events continue', async () => {
    const { pending, live, pass } = await useOutage();
    await pass(60_000);
    const before = pending.fetches;
    for (let seconds = 0; seconds < 1000; seconds += 1) {
      live.request('APPROVED', request(1, 'APPROVED'));
      await pass(1000);
    }
    // 1000 s of waits of 15 s on average.
    expect(pending.fetches - before).toBeGreaterThan(30);
    expect(pending.fetches - before).toBeLessThan(130);
  });

  test('is tried again at once when the connection is back', async () => {
    const { pending, live, pass } = await useOutage();
    await pass(600_000);
    pending.answer = [];
    live.resume();
    await pass(100);
    expect(pending.data).toEqual([]);
  });

  test('is counted as failed by TanStack’s own retries only', async () => {
    const { pending, live, pass, bridge } = await useRequests({}, { retry: 2, retryDelay: 200 });
    pending.answer = DOWN;
    live.request('APPROVED', request(1, 'APPROVED'));
    await pass(300);
    expect([bridge.isUpdating('requests'), bridge.isOutdated('requests')]).toEqual([true, false]);
    await pass(300);
    expect(bridge.isOutdated('requests')).toBe(true);
  });

  test('does not delay others', async () => {
    const { all, live, pass } = await useOutage();
    live.request('CREATED', request(3, 'APPROVED'));
    await pass(100);
    expect(all.fetches).toBe(2);
  });

  test.each([403, 404, 410])('with %d is tried again only after another event', async (status) => {
    const { pending, live, pass, bridge } = await useOutage(refusal(status));
    await pass(600_000);
    expect(pending.fetches).toBe(2);
    expect([bridge.isUpdating('requests'), bridge.isOutdated('requests')]).toEqual([false, true]);
    pending.answer = [];
    live.request('UPDATED', request(1, 'APPROVED'));
    await pass(100);
    expect([pending.data, bridge.isOutdated('requests')]).toEqual([[], false]);
  });

  test('ends with its query', async () => {
    const removed = await useOutage();
    removed.queryClient.removeQueries({ queryKey: PENDING });
    expect(removed.bridge.isOutdated('requests')).toBe(false);
    await removed.pass(60_000);
    expect(removed.pending.fetches).toBe(2);
  });
});

describe('a query that nobody looks at', () => {
  test('is fetched as soon as somebody does, even if it is not refetched on mount', async () => {
    const { pending, live, pass, bridge } = await useRequests({}, { refetchOnMount: false });
    pending.leave();
    live.request('APPROVED', request(1, 'APPROVED'));
    pending.answer = [];
    await pass(60_000);
    expect([pending.fetches, bridge.isUpdating('requests')]).toEqual([1, false]);
    pending.comeBack();
    expect(bridge.isUpdating('requests')).toBe(true);
    await pass(100);
    expect([pending.fetches, pending.data]).toEqual([2, []]);
  });

  test('is fetched once by TanStack when somebody does, and again if that fails', async () => {
    const { pending, live, pass } = await useRequests({}, { retry: false });
    pending.leave();
    live.request('APPROVED', request(1, 'APPROVED'));
    await pass(100);
    pending.answer = DOWN;
    pending.comeBack();
    await pass(200);
    pending.answer = [];
    await pass(60_000);
    expect(pending.data).toEqual([]);
    pending.leave();
    pending.comeBack();
    const { fetches } = pending;
    await pass(60_000);
    expect(pending.fetches).toBe(fetches);
  });

  test('is not fetched while it fails and nobody looks', async () => {
    const { pending, pass, bridge } = await useOutage();
    pending.leave();
    const { fetches } = pending;
    await pass(600_000);
    expect([pending.fetches, bridge.isOutdated('requests')]).toEqual([fetches, false]);
    pending.answer = [];
    pending.comeBack();
    await pass(100);
    expect(pending.data).toEqual([]);
  });
});

test('a query whose first fetch has failed is fetched after an event that concerns it, and when following begins', async () => {
  const { live, pass, watch, bridge } = useCache({}, { retry: false });
  const all = await watch(ALL, DOWN);
  await pass(100);
  all.answer = [row(1)];
  bridge.follow('requests', 5);
  live.start(RequestUpdatedDocument);
  await pass(100);
  expect(all.data).toEqual([row(1)]);
  const pending = await watch(PENDING, DOWN);
  await pass(100);
  pending.answer = [row(1)];
  live.request('UPDATED', request(1));
  await pass(100);
  expect(pending.data).toEqual([row(1)]);
});

describe('what a function of the app throws', () => {
  const bug = new Error('not my day');
  const throws = (): never => {
    throw bug;
  };

  function useConsole() {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => error.mockRestore());
    return error;
  }

  test('in `patches` is reported once, the queries are fetched, and other kinds are written', async () => {
    const error = useConsole();
    const { all, pending, live, pass, bridge, watch } = await useRequests({ patches: { request: throws } });
    bridge.follow('crates', 5);
    live.start(CrateUpdatedDocument);
    const crates = await watch(['crates', 'all', 5], [{ id: 7, status: 'Active' }]);
    await pass(100);
    for (const action of ['APPROVED', 'UPDATED'] as const) live.request(action, request(1, 'APPROVED'));
    live.crate('UPDATED', sample.crate({ id: '7', status: 'ARCHIVED' }));
    await pass(100);
    expect([all.fetches, pending.fetches]).toEqual([2, 2]);
    expect([crates.data, crates.fetches]).toEqual([[{ id: 7, status: 'Archived' }], 1]);
    expect(error.mock.calls).toEqual([[expect.stringContaining('`patches.request` threw'), bug]]);
  });

  test('in `order` is reported once, the list is fetched, and others are written', async () => {
    const error = useConsole();
    const { all, pending, live, pass, watch } = await useRequests({ order: { requests: throws } });
    const one = await watch(['request', 1], row(1));
    for (const action of ['APPROVED', 'UPDATED'] as const) live.request(action, request(1, 'APPROVED'));
    await pass(100);
    expect([all.fetches, pending.fetches, one.fetches]).toEqual([2, 2, 1]);
    expect(one.data).toEqual(row(1, 'Approved'));
    expect(error.mock.calls).toEqual([[expect.stringContaining('`order.requests` threw'), bug]]);
  });

  test('in an observer or a listener is an uncaught error, and disturbs nobody else', async () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    onTestFinished(() => void vi.unstubAllGlobals());
    const { all, pending, live, pass, bridge, queryClient, watch } = await useRequests();
    const one = await watch(['request', 1], row(1));
    await pass(100);
    let isBroken = false;
    const notifyOnChangeProps = () => (isBroken ? throws() : undefined);
    for (const { queryKey } of [all, one])
      new QueryObserver(queryClient, { queryKey, notifyOnChangeProps }).subscribe(() => undefined);
    bridge.subscribe(throws);
    const after = vi.fn();
    bridge.subscribe(after);
    isBroken = true;
    live.request('UPDATED', request(1, 'APPROVED'));
    isBroken = false;
    await pass(100);
    expect([all.data, pending.data]).toEqual([[row(1, 'Approved'), row(2, 'Approved')], [row(1)]]);
    expect(pending.fetches).toBe(2);
    expect(after).toHaveBeenCalled();
    expect(new Set(reported.mock.calls.flat())).toEqual(new Set([bug]));
    all.answer = []; // what is written by an answer is still noticed
    queryClient.setQueryData(ALL, [row(9)]);
    await pass(100);
    expect(all.data).toEqual([]);
  });
});

test('the hooks of a kind say that they are updating while its events may be missing', async () => {
  const { live, bridge } = await useRequests();
  const onChange = vi.fn();
  bridge.subscribe(onChange);
  const both = () => [bridge.isUpdating('requests'), bridge.isUpdating('crates')];
  expect(both()).toEqual([false, false]);
  live.catchUp(RequestUpdatedDocument, true);
  expect([both(), onChange.mock.calls.length]).toEqual([[true, false], 1]);
  live.catchUp(RequestUpdatedDocument, false);
  expect([both(), onChange.mock.calls.length]).toEqual([[false, false], 2]);
});

describe('a first fetch that fails', () => {
  test('is tried again until it succeeds, although nothing has happened', async () => {
    const { pass, watch, bridge, live } = useCache({}, { retry: false });
    bridge.follow('requests', 5);
    live.start(RequestUpdatedDocument);
    const all = await watch(ALL, DOWN);
    const other = await watch(['units'], DOWN);
    await pass(60_000);
    expect(all.fetches).toBeGreaterThan(4);
    expect([other.fetches, bridge.isOutdated('requests')]).toEqual([1, true]);
    all.answer = [row(1)];
    await pass(30_100);
    const { fetches } = all;
    await pass(60_000);
    expect([all.data, all.fetches, bridge.isOutdated('requests')]).toEqual([[row(1)], fetches, false]);
  });

  test('is tried again in any query with `retry: all`, unless the REST API refuses it', async () => {
    const { pass, watch, bridge } = useCache({ refetch: { retry: 'all' } }, { retry: false });
    bridge.follow('requests', 5);
    const units = await watch(['units'], DOWN);
    const others = await watch(['others'], refusal(404));
    await pass(5000);
    units.answer = ['Finance'];
    await pass(30_100);
    expect([units.data, others.fetches]).toEqual([['Finance'], 1]);
  });
});

test('a 404 that is a proxy’s page is tried again like any failure', async () => {
  const page = { response: { status: 404, headers: { 'content-type': 'text/html' } } };
  const { pending, pass } = await useOutage(Object.assign(new Error('No.'), page));
  pending.answer = [];
  await pass(30_100);
  expect(pending.data).toEqual([]);
});

test('the hooks say as of when the screen is: of the event that it lacks, or of the fetch before following began', async () => {
  const { live, bridge, pass, queryClient } = await useOutage();
  const eventAt = Date.now() - 100;
  await pass(60_000);
  expect(bridge.asOf('requests')).toBe(eventAt);
  expect(bridge.asOf('crates')).toBeUndefined();
  queryClient.setQueryData(ALL, [row(1)], { updatedAt: eventAt - 5000 });
  live.start(RequestUpdatedDocument, 'lost');
  expect(bridge.asOf('requests')).toBe(eventAt - 5000);
});
