/** What the hooks of presence stand on: whether the page is seen, and what the server has refused. */
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { PresenceDocument } from '../../client/src/index.ts';
import { refusedTo } from '../../client/src/presence/refused.ts';
import { isPageSeen, onSeen } from '../../client/src/presence/visible.ts';
import { createFakeLiveClient } from '../../client/src/testing.ts';
import { inPhase } from './support/live.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a page that is hidden counts as seen for five seconds, and again at once when it is back', () => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', page);
  const listener = vi.fn();
  const stop = onSeen(listener);
  function turn(state: 'visible' | 'hidden'): void {
    page.visibilityState = state;
    page.dispatchEvent(new Event('visibilitychange'));
  }
  turn('hidden');
  vi.advanceTimersByTime(4999);
  turn('visible');
  vi.advanceTimersByTime(60_000);
  expect(listener).not.toHaveBeenCalled();
  turn('hidden');
  vi.advanceTimersByTime(5000);
  expect([isPageSeen(), listener.mock.calls.length]).toEqual([false, 1]);
  turn('visible');
  expect([isPageSeen(), listener.mock.calls.length]).toEqual([true, 2]);
  turn('hidden');
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('what the server has refused is not asked again over the same connection, and may be over the next one', async () => {
  vi.useRealTimers();
  const live = createFakeLiveClient();
  onTestFinished(live.close);
  live.follow(PresenceDocument, { kind: 'request' }, { event: () => undefined });
  await inPhase(live, 'live');
  const refused = refusedTo(live);
  const listener = vi.fn();
  refused.onChange(listener);
  refused.note('watch request 5');
  expect([refusedTo(live).has('watch request 5'), refused.has('watch crate 5')]).toEqual([true, false]);
  live.cut();
  live.reconnect();
  await inPhase(live, 'live');
  expect(refused.has('watch request 5')).toBe(false);
  expect(listener).toHaveBeenCalledTimes(2);
});
