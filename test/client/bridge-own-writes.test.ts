/** The user's own mutations: what the page shows before the server has answered is not overwritten by older events. */
import { type MutationOptions, type QueryClient, QueryObserver } from '@tanstack/react-query';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LiveMutationMeta } from '../../client/src/index.ts';
import { ALL, request, row, useCache, useRequests } from './support/cache.ts';

interface Vote {
  readonly id: number;
}

const held: LiveMutationMeta<Vote> = { live: ({ id }) => ({ kind: 'request', id }) };

/** Approves request 1 in the cache at once; the server answers after 300 ms. */
function approve(
  queryClient: QueryClient,
  {
    meta = held,
    fails = false,
    lasts = 300,
    ...others
  }: MutationOptions<unknown, Error, Vote, unknown> & { fails?: boolean; lasts?: number } = {},
) {
  const mutation = queryClient.getMutationCache().build<unknown, Error, Vote, unknown>(queryClient, {
    async mutationFn() {
      await new Promise((resolve) => setTimeout(resolve, lasts));
      if (fails) throw new Error('400');
    },
    async onMutate() {
      await queryClient.cancelQueries({ queryKey: ['requests'] });
      const before = queryClient.getQueryData(ALL);
      queryClient.setQueryData(ALL, [row(1, 'Approved'), row(2, 'Approved')]);
      return before;
    },
    onError: (_error, _vote, before) => queryClient.setQueryData(ALL, before),
    meta,
    ...others,
  });
  void mutation.execute({ id: 1 }).catch(() => undefined);
}

/** What the screen has shown of request 1, one after the other. */
function useScreen(queryClient: QueryClient): readonly string[] {
  const shown: string[] = [];
  const look = (data: unknown): void => {
    const [first] = data as { status: string }[]; // the list of these tests
    if (first !== undefined && shown.at(-1) !== first.status) shown.push(first.status);
  };
  look(queryClient.getQueryData(ALL));
  new QueryObserver(queryClient, { queryKey: ALL }).subscribe(({ data }) => look(data));
  return shown;
}

async function useApproval(options?: Parameters<typeof approve>[1]) {
  const cache = await useRequests();
  const shown = useScreen(cache.queryClient);
  approve(cache.queryClient, options);
  await cache.pass(50);
  return { ...cache, shown };
}

test.each([100, 280, 600])(
  'an older event does not overwrite it, and the own event %d ms later confirms it',
  async (ownAfter) => {
    const { live, pass, shown, all, bridge } = await useApproval();
    live.request('UPDATED', request(1));
    all.answer = [row(1, 'Approved'), row(2, 'Approved')];
    await pass(ownAfter);
    live.request('APPROVED', request(1, 'APPROVED'));
    await pass(3000);
    expect(shown).toEqual(['Pending', 'Approved']);
    expect(bridge.isUpdating('requests')).toBe(false);
  },
);

test('the older event alone causes a fetch, after the mutation', async () => {
  const { live, pass, shown, all } = await useApproval();
  live.request('UPDATED', request(1));
  all.answer = [row(1, 'Issued'), row(2, 'Approved')];
  await pass(1000);
  expect(all.fetches).toBe(1);
  await pass(1000);
  expect([all.fetches, shown]).toEqual([2, ['Pending', 'Approved', 'Issued']]);
});

test('an app that refetches by itself causes no second fetch', async () => {
  const { live, pass, shown, all } = await useApproval({
    onSettled: (_data, _error, _vote, _before, { client }) => client.invalidateQueries({ queryKey: ALL }),
  });
  live.request('UPDATED', request(1));
  live.request('APPROVED', request(1, 'APPROVED'));
  all.answer = [row(1, 'Approved'), row(2, 'Approved')];
  await pass(5000);
  expect([all.fetches, shown]).toEqual([2, ['Pending', 'Approved']]);
});

test('events about other rows are written meanwhile, and what they lack is fetched after the mutation', async () => {
  const { live, pass, all, shown } = await useApproval({ lasts: 5000 });
  live.request('UPDATED', request(2, 'SENT_BACK'));
  await pass(20);
  expect(all.data).toEqual([row(1, 'Approved'), row(2, 'Sent Back')]);
  live.request('CREATED', request(3));
  await pass(4000);
  expect(all.fetches).toBe(1);
  all.answer = [row(1, 'Approved'), row(2, 'Sent Back'), row(3)];
  await pass(5000);
  expect([all.fetches, all.data]).toEqual([2, all.answer]);
  expect(shown).toEqual(['Pending', 'Approved']);
});

test('a rollback keeps the events about other rows, and shows what happened to its own', async () => {
  const { live, pass, all, shown } = await useApproval({ fails: true });
  live.request('UPDATED', request(2, 'SENT_BACK'));
  live.request('SENT_BACK', request(1, 'SENT_BACK'));
  await pass(200);
  expect(all.data).toEqual([row(1, 'Approved'), row(2, 'Sent Back')]);
  await pass(100);
  expect(all.data).toEqual([row(1, 'Sent Back'), row(2, 'Sent Back')]);
  expect(shown.at(-1)).toBe('Sent Back');
});

test('a rollback fetches again what was fetched while the mutation was under way', async () => {
  const { live, pass, all } = await useApproval({ fails: true, lasts: 2000, meta: {} });
  all.answer = [row(1), row(2, 'Approved'), row(3)];
  live.request('CREATED', request(3));
  await pass(1500);
  expect([all.fetches, all.data]).toEqual([2, all.answer]);
  await pass(2000);
  expect([all.fetches, all.data]).toEqual([3, all.answer]);
});

test.each([
  ['fail', true, 'Pending'],
  ['end', false, 'Approved'],
])(
  'two that overlap and %s, the first one failing, end with what the server says',
  async (_how, fails, status) => {
    const { queryClient, live, pass, all, shown } = await useApproval({ fails: true });
    approve(queryClient, { fails, lasts: 600 });
    live.request('UPDATED', request(2, 'SENT_BACK'));
    all.answer = [row(1, status), row(2, 'Sent Back')];
    await pass(3000);
    expect([all.data, shown.at(-1), all.fetches]).toEqual([all.answer, status, 2]);
  },
);

test('one after the other, of which the first one fails, costs no fetch', async () => {
  const { queryClient, pass, all } = await useApproval({
    fails: true,
    onSettled: () => setTimeout(() => approve(queryClient)),
  });
  await pass(3000);
  expect([all.data, all.fetches]).toEqual([[row(1, 'Approved'), row(2, 'Approved')], 1]);
});

test('the answer of a mutation is not fetched again, also when it comes after the promise', async () => {
  const { queryClient, pass, watch, live } = await useRequests();
  const detail = await watch(['request', 1], row(1));
  await pass(50);
  for (const status of ['Approved', 'Issued']) {
    const mutation = queryClient.getMutationCache().build(queryClient, {
      mutationFn: () => new Promise((resolve) => setTimeout(resolve, 100)),
      ...(status === 'Approved' && {
        onSuccess: () => void queryClient.setQueryData(['request', 1], row(1, status)),
      }),
    });
    const done = mutation.execute(undefined);
    if (status === 'Issued') void done.then(() => queryClient.setQueryData(['request', 1], row(1, status)));
    await pass(50);
    live.request('UPDATED', request(2, 'APPROVED'));
    await pass(1000);
    expect([detail.fetches, detail.data]).toEqual([1, row(1, status)]);
  }
});

test('a hold by hand keeps events back until its release, for 30 s at most', async () => {
  const { bridge, live, pass, all } = await useRequests();
  const release = bridge.hold('request', 1);
  live.request('UPDATED', request(1, 'SENT_BACK'));
  await pass(29_000);
  expect(all.data).toEqual([row(1), row(2, 'Approved')]);
  await pass(1500);
  expect(all.data).toEqual([row(1, 'Sent Back'), row(2, 'Approved')]);
  release();

  const again = bridge.hold('request', '1');
  live.request('UPDATED', request(1));
  again();
  again();
  live.request('UPDATED', request(1, 'APPROVED'));
  await pass(1100);
  expect(all.data).toEqual([row(1, 'Approved'), row(2, 'Approved')]);
});

test.each<Record<string, unknown>>([
  {},
  { live: undefined },
  { live: { kind: 'request' } },
  { live: 'request 1' },
])('a mutation with the meta %j holds nothing', async (meta) => {
  const { live, pass, all } = await useApproval({ meta });
  live.request('UPDATED', request(1, 'SENT_BACK'));
  await pass(20);
  expect(all.data).toEqual([row(1, 'Sent Back'), row(2, 'Approved')]);
});

describe('a `meta.live` that throws', () => {
  const mine = new Error('mine');
  const meta: LiveMutationMeta<Vote> = {
    live() {
      throw mine;
    },
  };
  const useConsole = () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => logged.mockRestore());
    return logged;
  };

  test('holds nothing, and the mutation runs', async () => {
    const logged = useConsole();
    const { queryClient, live, pass, all } = await useApproval({ meta });
    live.request('UPDATED', request(1, 'SENT_BACK'));
    await pass(20);
    expect(all.data).toEqual([row(1, 'Sent Back'), row(2, 'Approved')]);
    await pass(300);
    expect(queryClient.getMutationCache().getAll()[0]?.state.status).toBe('success');
    expect(logged.mock.calls).toEqual([[expect.stringContaining('meta.live'), mine]]);
  });

  test('does not keep a page from following while the mutation is under way', async () => {
    useConsole();
    const { queryClient, bridge, pass } = useCache();
    approve(queryClient, { meta });
    expect(() => bridge.follow('requests')).not.toThrow();
    await pass(400);
    expect(queryClient.getMutationCache().getAll()[0]?.state.status).toBe('success');
  });

  test('is not logged in production', async () => {
    const logged = useConsole();
    vi.stubEnv('NODE_ENV', 'production');
    onTestFinished(() => void vi.unstubAllEnvs());
    await useApproval({ meta });
    expect(logged).not.toHaveBeenCalled();
  });
});
