/** The bridge from the real server's events to a TanStack cache, over a real connection. The tests count fetches. */
import { QueryClient, type QueryKey, QueryObserver } from '@tanstack/react-query';
import { expect, onTestFinished, test } from 'vitest';
import { createQueryBridge, type LiveClient } from '../../client/src/index.ts';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { messages } from '../support/events.ts';
import { until } from '../support/redis.ts';
import { publish } from '../support/resuming.ts';
import { useLive } from './support/live.ts';

interface Row {
  readonly id: number;
  readonly status: string;
}

/** A REST API that counts its calls, and the events about its changes. */
function createDms(app: App) {
  const rows = new Map<number, Row>();
  const fetches = new Map<string, number>();
  return {
    async save(row: Row, retention = { events: 1000, seconds: 3600 }): Promise<void> {
      const action = rows.has(row.id) ? 'UPDATED' : 'CREATED';
      rows.set(row.id, row);
      await publish(app, crypto.randomUUID(), {
        channel: { kind: 'request', unitId: '5' },
        event: messages.request({ ...row }, { action }),
        retention,
      });
    },
    fetch(key: QueryKey): readonly Row[] {
      fetches.set(String(key), (fetches.get(String(key)) ?? 0) + 1);
      return [...rows.values()].filter(({ status }) => key[2] === 'all' || status === key[2]);
    },
    fetches: (key: QueryKey): number => fetches.get(String(key)) ?? 0,
  };
}

const ALL = ['requests', 'all', 'all', 5];
const PENDING = ['requests', 'all', 'Pending', 5];
const OTHER = ['requests', 'all', 'Approved', 7];

/** Observes two lists of unit 5 and one of another unit, and subscribes to requests. The counts start after that. */
async function useDms() {
  const app = await useApp();
  const client = useLive(app);
  const dms = createDms(app);
  const queryClient = new QueryClient({
    defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } },
  });
  onTestFinished(() => queryClient.clear());
  for (const queryKey of [ALL, PENDING, OTHER]) {
    onTestFinished(
      new QueryObserver(queryClient, { queryKey, queryFn: () => dms.fetch(queryKey) }).subscribe(
        () => undefined,
      ),
    );
  }
  const bridge = createQueryBridge(queryClient, client);
  onTestFinished(bridge.follow('requests', 5));
  const isQuiet = (): boolean => !bridge.isUpdating('requests');
  // The lists of this unit were fetched before the start, so they are refetched once.
  await until(() => dms.fetches(ALL) === 2 && dms.fetches(PENDING) === 2 && isQuiet());
  expect(dms.fetches(OTHER)).toBe(1);
  const before = new Map([ALL, PENDING, OTHER].map((key) => [key, dms.fetches(key)]));
  return {
    app,
    client,
    dms,
    shown: (key: QueryKey) => queryClient.getQueryData<readonly Row[]>(key) ?? [],
    isQuiet,
    fetchesSince: () => [ALL, PENDING, OTHER].map((key) => dms.fetches(key) - (before.get(key) ?? 0)),
  };
}

async function away(client: LiveClient, meanwhile: () => Promise<void>): Promise<void> {
  client.disconnect();
  await meanwhile();
  client.reconnect();
}

test('500 events cause one refetch of each list that they concern', async () => {
  const { dms, shown, isQuiet, fetchesSince } = await useDms();
  const saves: Promise<void>[] = [];
  for (let id = 1; id <= 500; id += 1) saves.push(dms.save({ id, status: 'Pending' }));
  await Promise.all(saves);
  await until(() => shown(ALL).length === 500 && shown(PENDING).length === 500 && isQuiet());
  expect(fetchesSince()).toEqual([1, 1, 0]);
});

test('a change within a list is written without a fetch, and a change across lists refetches one list', async () => {
  const { dms, shown, isQuiet, fetchesSince } = await useDms();
  await dms.save({ id: 1, status: 'Issued' });
  await until(() => shown(ALL).length === 1 && isQuiet());
  expect(fetchesSince()).toEqual([1, 0, 0]);
  await dms.save({ id: 1, status: 'Returned' });
  await until(() => shown(ALL)[0]?.status === 'Returned');
  expect(isQuiet()).toBe(true);
  expect(fetchesSince()).toEqual([1, 0, 0]);
  await dms.save({ id: 1, status: 'Pending' });
  await until(() => shown(PENDING).length === 1 && isQuiet());
  expect(fetchesSince()).toEqual([1, 1, 0]);
});

test('after a resume the data are complete without a fetch', async () => {
  const { client, dms, shown, isQuiet, fetchesSince } = await useDms();
  await dms.save({ id: 1, status: 'Issued' });
  await until(() => shown(ALL).length === 1 && isQuiet());
  await away(client, async () => {
    for (const status of ['Returned', 'Completed', 'Sent Back']) await dms.save({ id: 1, status });
  });
  await until(() => shown(ALL)[0]?.status === 'Sent Back');
  await until(isQuiet); // events of the past may follow for a moment
  expect(fetchesSince()).toEqual([1, 0, 0]);
});

test('after a loss every list of the unit is refetched once', async () => {
  const { client, dms, shown, isQuiet, fetchesSince } = await useDms();
  await away(client, async () => {
    for (let id = 1; id <= 5; id += 1)
      await dms.save({ id, status: 'Pending' }, { events: 2, seconds: 3600 });
  });
  await until(() => shown(ALL).length === 5 && shown(PENDING).length === 5 && isQuiet());
  expect(fetchesSince()).toEqual([1, 1, 0]);
});
