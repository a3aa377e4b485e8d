/** A screen that fetches and follows at about the same time fetches once: what happened in between comes as events. */
import { QueryClient, QueryClientProvider, QueryObserver } from '@tanstack/react-query';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  createQueryBridge,
  LiveProvider,
  RequestUpdatedDocument,
  watchFetches,
} from '../../client/src/index.ts';
import { createFakeLiveClient } from '../../client/src/testing.ts';
import { ALL, PENDING, request, row, useCache } from './support/cache.ts';
import { createFakeLive } from './support/fake-live.ts';

/** Two lists are fetched, and requests are followed. Each fetch takes 5 ms. */
async function useScreen() {
  const cache = useCache();
  const all = await cache.watch(ALL, [row(1), row(2, 'Approved')]);
  const pending = await cache.watch(PENDING, [row(1)]);
  await cache.pass(200);
  cache.bridge.follow('requests', 5);
  return { ...cache, all, pending };
}

describe('a subscription that begins in the past', () => {
  test('asks for the time since the oldest fetch that is not long ago, and some more', async () => {
    const { live, pass, pending } = await useScreen();
    expect(live.pastMs(RequestUpdatedDocument)[0]).toBeCloseTo(3200, 0);
    await pass(60_000);
    expect(live.pastMs(RequestUpdatedDocument)[0]).toBeCloseTo(3000, 0);
    pending.refetch();
    await pass(1000);
    expect(live.pastMs(RequestUpdatedDocument)[0]).toBeCloseTo(4000, -1);
  });

  test('fetches nothing again that was fetched within that time', async () => {
    const { live, pass, all, pending, bridge } = await useScreen();
    live.start(RequestUpdatedDocument, 'first', 3200);
    await pass(1000);
    expect([all.fetches, pending.fetches, bridge.isUpdating('requests')]).toEqual([1, 1, false]);
  });

  test('fetches again what was fetched before that time', async () => {
    const { live, pass, all, pending } = await useScreen();
    pending.refetch();
    await pass(50);
    live.start(RequestUpdatedDocument, 'first', 100);
    await pass(1000);
    expect([all.fetches, pending.fetches]).toEqual([2, 2]);
  });

  test('waits for a fetch under way that began within that time', async () => {
    const { live, pass, all } = await useScreen();
    all.refetch();
    live.start(RequestUpdatedDocument, 'first', 100);
    await pass(1000);
    expect([all.fetches, all.isInvalidated]).toEqual([2, false]);
  });

  test('fetches again what was set since it was fetched, also if nothing was followed then', async () => {
    const { live, pass, all, pending, queryClient, bridge } = await useScreen();
    bridge.follow('requests', 5)();
    await pass(10);
    queryClient.setQueryData(ALL, [row(1)]);
    live.start(RequestUpdatedDocument, 'first', 3200);
    await pass(1000);
    expect([all.fetches, pending.fetches]).toEqual([2, 1]);
  });

  test('writes events since the fetch, and leaves older ones out', async () => {
    const { live, pass, all, pending } = await useScreen();
    live.start(RequestUpdatedDocument, 'first', 3200);
    live.request('UPDATED', request(2, 'PENDING'), { agoMs: 1000 });
    live.request('APPROVED', request(1, 'APPROVED'), { agoMs: 100 });
    await pass(5);
    expect(all.data).toEqual([row(1), row(2, 'Approved')]); // they are written together
    await pass(1000);
    expect(all.data).toEqual([row(1, 'Approved'), row(2, 'Approved')]);
    expect([all.fetches, pending.fetches]).toEqual([1, 2]);
  });

  test('reports nothing of the past as new', async () => {
    const { live, pass, bridge } = await useScreen();
    let changes = 0;
    bridge.subscribe(() => {
      changes += 1;
    });
    live.start(RequestUpdatedDocument, 'first', 3200);
    const before = changes;
    live.request('APPROVED', request(1, 'APPROVED'), { agoMs: 3000 });
    await pass(1000);
    expect(changes).toBe(before);
  });
});

test.each([
  [
    '`LiveProvider` was rendered',
    (client: QueryClient) => {
      const provider = createElement(LiveProvider, { client: createFakeLiveClient() });
      renderToString(createElement(QueryClientProvider, { client }, provider));
    },
    1,
  ],
  ['`watchFetches` was called', watchFetches, 1],
  ['neither', () => undefined, 2],
])(
  'what was fetched after %s, before anything was followed: fetches of it',
  async (_what, begin, expected) => {
    vi.useFakeTimers();
    const queryClient = new QueryClient({
      defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } },
    });
    onTestFinished(() => {
      queryClient.clear();
      vi.useRealTimers();
    });
    begin(queryClient);
    let fetches = 0;
    const observer = new QueryObserver(queryClient, {
      queryKey: ALL,
      queryFn() {
        fetches += 1;
        return [row(1)];
      },
    });
    observer.subscribe(() => undefined);
    await vi.advanceTimersByTimeAsync(100);
    const live = createFakeLive();
    createQueryBridge(queryClient, live.client).follow('requests', 5);
    live.start(RequestUpdatedDocument, 'first', 3200);
    await vi.advanceTimersByTimeAsync(1000);
    expect(fetches).toBe(expected);
  },
);
