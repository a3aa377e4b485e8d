/** Sessions end by two clocks: the wall clock of their tokens, and a clock that cannot be set. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSharedTimers } from '../../src/auth/shared-timers.ts';

const NOW = 1_800_000_000_000;

/** Advances the monotonic clock and the timers. A test sets the wall clock itself. */
function waitFor(ms: number): void {
  vi.advanceTimersByTime(ms);
}

/** Sets only the wall clock: no timer moves. */
function setClock(ms: number): void {
  vi.setSystemTime(ms);
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

function expecting(...waitsMs: number[]) {
  const ended: number[] = [];
  const timers = createSharedTimers();
  const stops = waitsMs.map((ms) => timers.at(Date.now() + ms, () => ended.push(ms)));
  return { ended, timers, stops };
}

test('each session ends at its time, to the millisecond, and no timer is left', () => {
  const { ended } = expecting(5000, 1500, 5000, 90_000, 0);
  waitFor(0);
  expect(ended).toEqual([0]);
  waitFor(1499);
  expect(ended).toEqual([0]);
  waitFor(1);
  expect(ended).toEqual([0, 1500]);
  waitFor(3500);
  expect(ended).toEqual([0, 1500, 5000, 5000]);
  waitFor(90_000);
  expect(ended).toHaveLength(5);
  expect(vi.getTimerCount()).toBe(0);
});

test('a session that has left does not end, and leaves no timer', () => {
  const { ended, stops } = expecting(2000, 2000, 3000);
  for (const stop of [...stops, ...stops]) stop();
  expect(vi.getTimerCount()).toBe(0);
  waitFor(10_000);
  expect(ended).toEqual([]);
});

test('when the clock is set ahead, expired sessions end at the next check', () => {
  const { ended } = expecting(3_600_000, 7_200_000);
  setClock(NOW + 3_600_000);
  waitFor(1000);
  expect(ended).toEqual([3_600_000]);
});

test('when the clock is set back, no session lasts longer', () => {
  const { ended } = expecting(60_000);
  waitFor(10_000);
  setClock(NOW - 86_400_000);
  waitFor(49_999);
  expect(ended).toEqual([]);
  waitFor(1);
  expect(ended).toEqual([60_000]);
});

test('a session that starts after the clock was set back lasts as the new clock says', () => {
  const { ended, timers } = expecting(60_000);
  setClock(NOW - 30_000);
  timers.at(NOW + 60_000, () => ended.push(90_000));
  waitFor(60_000);
  expect(ended).toEqual([60_000]);
  waitFor(30_000);
  expect(ended).toEqual([60_000, 90_000]);
});

test('a session that starts later and ends sooner is not delayed', () => {
  const { ended, timers } = expecting(800);
  waitFor(100);
  timers.at(Date.now() + 50, () => ended.push(50));
  waitFor(50);
  expect(ended).toEqual([50]);
});

test('thousands of sessions that end in the same second cost one timer', () => {
  const { ended } = expecting(...Array.from({ length: 5000 }, () => 10_000));
  expect(vi.getTimerCount()).toBe(1);
  waitFor(10_000);
  expect(ended).toHaveLength(5000);
});
