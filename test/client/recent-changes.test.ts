/** Recent changes: only the watchers of a row are notified. */
import { beforeEach, expect, test, vi } from 'vitest';
import { createRecentChanges, type RecentChange } from '../../client/src/notifications/recent-changes.ts';

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
