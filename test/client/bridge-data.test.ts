/** Data that no fetch of the page has brought: it may lack events, so it is fetched once. */
import { dehydrate, hydrate, QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { RequestUpdatedDocument } from '../../client/src/index.ts';
import { ALL, PENDING, request, row, useCache, useRequests } from './support/cache.ts';

/** What a server, or a storage, has kept for a page. */
async function payload(rows: unknown) {
  const server = new QueryClient();
  await server.prefetchQuery({ queryKey: ALL, queryFn: () => rows });
  const state = dehydrate(server);
  server.clear();
  return state;
}

/** Follows requests; the list in the DMS has changed since the data were made. */
async function useFollowing(unit = 5) {
  const cache = useCache();
  cache.bridge.follow('requests', unit);
  cache.live.start(RequestUpdatedDocument);
  const stale = [row(1)];
  const state = await payload(stale);
  return { ...cache, stale, state, fresh: [row(1, 'Approved')] };
}

test('hydrated data are fetched once', async () => {
  const { queryClient, state, watch, fresh, pass, bridge } = await useFollowing();
  hydrate(queryClient, state);
  const all = await watch(ALL, fresh);
  expect(bridge.isUpdating('requests')).toBe(true);
  await pass(1000);
  expect([all.fetches, all.data]).toEqual([1, fresh]);
});

test('hydrated data of a query on screen are fetched once', async () => {
  const { queryClient, state, watch, stale, fresh, pass } = await useFollowing();
  const all = await watch(ALL, stale);
  await pass(100);
  const newer = {
    ...state,
    queries: state.queries.map((query) => ({
      ...query,
      state: { ...query.state, dataUpdatedAt: Date.now() + 1 },
    })),
  };
  all.answer = fresh;
  hydrate(queryClient, newer);
  await pass(1000);
  expect([all.fetches, all.data]).toEqual([2, fresh]);
});

test('a promise that the server has begun is no answer of this page', async () => {
  const { queryClient, watch, stale, fresh, pass } = await useFollowing();
  const server = new QueryClient({ defaultOptions: { dehydrate: { shouldDehydrateQuery: () => true } } });
  void server.prefetchQuery({
    queryKey: ALL,
    queryFn: () => new Promise((resolve) => setTimeout(() => resolve(stale), 50)),
  });
  hydrate(queryClient, dehydrate(server));
  await pass(60);
  const all = await watch(ALL, fresh);
  await pass(1000);
  expect([all.fetches, all.data]).toEqual([1, fresh]);
  server.clear();
});

test.each(['initialData', 'setQueryData'])('data by %s are fetched once', async (way) => {
  const { queryClient, stale, fresh, pass } = await useFollowing();
  let fetches = 0;
  if (way === 'setQueryData') queryClient.setQueryData(ALL, stale);
  const observer = new QueryObserver(queryClient, {
    queryKey: ALL,
    queryFn() {
      fetches += 1;
      return fresh;
    },
    ...(way === 'initialData' && { initialData: stale }),
  });
  observer.subscribe(() => undefined);
  await pass(1000);
  expect([fetches, observer.getCurrentResult().data]).toEqual([1, fresh]);
});

test('data that were persisted by the query itself are fetched once', async () => {
  const { queryClient, watch, stale, fresh, pass } = await useFollowing();
  const all = await watch(ALL, stale); // a persister answers in place of the server,
  await pass(10);
  queryClient.getQueryCache().find({ queryKey: ALL })?.setState({ dataUpdatedAt: 1 }); // and says of when that is
  all.answer = fresh;
  await pass(1000);
  expect([all.fetches, all.data]).toEqual([2, fresh]);
});

test('data that nobody follows, of another unit or the same as before are not fetched', async () => {
  const { queryClient, state, watch, stale, pass } = await useFollowing(7);
  hydrate(queryClient, state);
  const all = await watch(ALL, stale);
  const users = await watch(['users'], []);
  queryClient.setQueryData(['users'], [{ id: 1 }]);
  await pass(1000);
  expect([all.fetches, users.fetches]).toEqual([0, 1]);
  const followed = await useRequests();
  followed.queryClient.setQueryData(ALL, [row(1), row(2, 'Approved')]);
  await followed.pass(1000);
  expect(followed.all.fetches).toBe(1);
});

test('a fetch that is cancelled keeps what events have written meanwhile, and is begun again', async () => {
  const { all, live, pass, queryClient } = await useRequests();
  all.refetch();
  live.request('UPDATED', request(2, 'SENT_BACK'));
  await queryClient.cancelQueries({ queryKey: ALL });
  await pass(1000);
  expect(all.data).toEqual([row(1), row(2, 'Sent Back')]);
});

test('a query that fetches while its data are set shows the answer of the fetch', async () => {
  const { watch, queryClient, pass, stale, fresh } = await useFollowing();
  const slow = await watch(PENDING, fresh, 300);
  queryClient.setQueryData(PENDING, stale);
  await pass(2000);
  expect([slow.fetches, slow.data]).toEqual([1, fresh]);
});

test('a query whose first fetch the app has cancelled is fetched after the next event', async () => {
  const { watch, live, queryClient, pass } = await useFollowing();
  const all = await watch(ALL, [row(1)], 100);
  await queryClient.cancelQueries({ queryKey: ALL });
  await pass(1000);
  expect([all.fetches, all.data]).toEqual([1, undefined]); // nobody else fetches it, either
  all.answer = [row(1, 'Approved')];
  live.request('APPROVED', request(1, 'APPROVED'));
  await pass(1000);
  expect([all.fetches, all.data]).toEqual([2, all.answer]);
});
