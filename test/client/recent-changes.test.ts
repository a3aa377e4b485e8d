/** Recent changes: only the watchers of a row are notified. */
import { defaultScheduler, notifyManager, QueryClient, QueryObserver } from '@tanstack/react-query';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { RequestUpdatedDocument } from '../../client/src/generated/operations.ts';
import {
  createRecentChanges,
  type RecentChange,
  recentChangesOf,
} from '../../client/src/notifications/recent-changes.ts';
import { bridgeOf } from '../../client/src/query/bridge-of.ts';
import { createFakeLiveClient } from '../../client/src/testing/fake-live-client.ts';

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

const change = (action = 'APPROVED'): RecentChange => ({ action, actor: null, at: Date.now() });

test('a change is recent for a while, and its watchers are notified at its start and its end', () => {
  const recent = createRecentChanges();
  const actions: (string | undefined)[] = [];
  const stop = recent.watch('request', '1', 4000, () =>
    actions.push(recent.get('request', '1', 4000)?.action),
  );
  recent.note('request', '1', change());
  expect(recent.get('request', '1', 4000)).toBe(recent.get('request', '1', 4000));
  vi.advanceTimersByTime(3000);
  recent.note('request', '1', change('ISSUED'));
  vi.advanceTimersByTime(3999);
  expect(actions).toEqual(['APPROVED', 'ISSUED']);
  vi.advanceTimersByTime(1);
  expect(actions).toEqual(['APPROVED', 'ISSUED', undefined]);
  stop();
});

test('setting the clock back does not keep a change recent, and setting it ahead does not end it', () => {
  const recent = createRecentChanges();
  recent.note('request', '1', change());
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(recent.get('request', '1', 4000)?.action).toBe('APPROVED');
  vi.setSystemTime(Date.now() - 7_200_000);
  vi.advanceTimersByTime(4000);
  expect(recent.get('request', '1', 4000)).toBeUndefined();
});

test('watchers of other rows, of other kinds and former watchers are not notified, and no timer is left', () => {
  const recent = createRecentChanges();
  const listener = vi.fn();
  const stops = [
    recent.watch('request', '2', 4000, listener),
    recent.watch('crate', '1', 4000, listener),
    recent.watch('request', '1', 4000, listener),
  ];
  stops[2]?.();
  recent.note('request', '1', change());
  expect(listener).not.toHaveBeenCalled();
  recent.note('request', '2', change());
  expect(listener).toHaveBeenCalledOnce();
  for (const stop of stops) stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('a watcher that starts after the change is notified of its end', () => {
  const recent = createRecentChanges();
  recent.note('storage', '7', change());
  vi.advanceTimersByTime(1000);
  const listener = vi.fn();
  recent.watch('storage', '7', 2000, listener);
  expect(recent.get('storage', '7', 2000)).toBeDefined();
  vi.advanceTimersByTime(1000);
  expect(listener).toHaveBeenCalledOnce();
  expect(recent.get('storage', '7', 2000)).toBeUndefined();
});

test('changes of many rows are forgotten, the oldest first', () => {
  const recent = createRecentChanges();
  for (let id = 0; id < 1500; id += 1) recent.note('request', `${id}`, change());
  expect(recent.get('request', '499', 4000)).toBeUndefined();
  expect(recent.get('request', '500', 4000)).toBeDefined();
});

test('a row is marked when it is written, at once for a lone event and once for the others of a frame', async () => {
  const [client, queryClient] = [createFakeLiveClient(), new QueryClient()];
  queryClient.setQueryData(['request', '4'], { id: '4', status: 'PENDING' });
  const seen: string[] = [];
  notifyManager.setScheduler((task) => {
    defaultScheduler(() => {
      seen.push('task');
      task();
    });
  });
  onTestFinished(() => notifyManager.setScheduler(defaultScheduler));
  const observer = new QueryObserver(queryClient, { queryKey: ['request', '4'], enabled: false });
  // As useQuery subscribes.
  onTestFinished(observer.subscribe(notifyManager.batchCalls(() => seen.push('written'))));
  onTestFinished(recentChangesOf(client).watch('request', '4', 4000, () => seen.push('marked')));
  onTestFinished(bridgeOf(client, queryClient, {}).follow('requests'));
  await vi.advanceTimersByTimeAsync(1000);
  seen.length = 0;
  const change = (status: 'APPROVED' | 'ISSUED' | 'RETURNED' | 'COMPLETED') =>
    client.emit(RequestUpdatedDocument, {
      requestUpdated: {
        action: 'UPDATED',
        request: { id: '4', requestType: 'STORAGE', unitId: '5', status },
      },
    });
  change('APPROVED');
  expect(seen).toEqual([]);
  await vi.advanceTimersToNextTimerAsync(); // one task has both, so React renders once
  expect(seen).toEqual(['task', 'marked', 'written']);
  change('ISSUED');
  change('RETURNED');
  change('COMPLETED');
  await vi.advanceTimersByTimeAsync(10);
  expect(seen).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(10);
  expect(seen.filter((one) => one === 'written')).toHaveLength(2);
});
