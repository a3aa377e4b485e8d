/** What the hooks of presence stand on: whether the page is seen, and what the server has refused. */
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import {
  AnnouncePresenceDocument,
  PresenceDocument,
  type PresenceSubscription,
} from '../../client/src/index.ts';
import { refusedTo } from '../../client/src/presence/refused.ts';
import { createSeen } from '../../client/src/presence/visible.ts';
import { createFakeLiveClient } from '../../client/src/testing.ts';
import { useApp } from '../support/app.ts';
import { signToken } from '../support/tokens.ts';
import { followAny, inPhase, useLive } from './support/live.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a page that is hidden counts as seen for a while, and again at once when it is back; what is new on it meanwhile does not', () => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', page);
  const seen = createSeen(5000);
  const listener = vi.fn();
  const stop = seen.on(listener);
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
  expect([seen.is(), listener.mock.calls.length]).toEqual([false, 1]);
  turn('visible');
  expect([seen.is(), listener.mock.calls.length]).toEqual([true, 2]);
  turn('hidden');
  page.visibilityState = 'visible'; // back from the back/forward cache: the timer may be first
  vi.advanceTimersByTime(5000);
  expect(listener).toHaveBeenCalledTimes(2);
  turn('hidden');
  stop();
  expect(vi.getTimerCount()).toBe(0);
  expect(seen.is()).toBe(false);
  seen.on(listener)();
  expect([seen.is(), vi.getTimerCount()]).toEqual([false, 0]);
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
  refused.note('watch request 5', { code: 'BAD_USER_INPUT' }); // one object's id, or one object too many
  refused.note('watch request 5', { code: 'LIMIT_EXCEEDED' });
  expect(refused.has('watch request 5')).toBe(false);
  refused.note('watch request 5', { code: 'FORBIDDEN' });
  expect([refusedTo(live).has('watch request 5'), refused.has('watch crate 5')]).toEqual([true, false]);
  live.cut();
  live.reconnect();
  await inPhase(live, 'live');
  expect(refused.has('watch request 5')).toBe(false);
  expect(listener).toHaveBeenCalledTimes(2);
});

test.each(['websocket', 'sse'] as const)(
  'by %s, one sees the other come, do something else, and go',
  async (transport) => {
    vi.useRealTimers();
    const app = await useApp({ PRESENCE: 'true' });
    const [one, other] = [
      useLive(app, { transport }),
      useLive(app, { transport, getToken: () => signToken({ user_id: 18 }) }),
    ];
    const request = { kind: 'request', id: '1' };
    const shown = ({ presence }: PresenceSubscription): string =>
      presence.map(({ userId, doing }) => `${userId} ${doing}`).join();
    const watch = followAny(one, PresenceDocument, { kind: 'request' }, shown);
    async function until(call: string): Promise<void> {
      while ((await watch.next()) !== call);
    }
    await until('event ');
    const announce = (doing: 'LOOKING' | 'ACTING') =>
      other.follow(AnnouncePresenceDocument, { ...request, doing }, { event: () => undefined });
    const leave = announce('LOOKING');
    await until('event 18 LOOKING');
    const stop = announce('ACTING');
    await until('event 18 ACTING');
    leave();
    stop();
    if (transport === 'websocket') await until('event '); // over event streams the face stays for 15 seconds
  },
);
