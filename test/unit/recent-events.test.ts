/** Which events of a topic stay in memory, and for how long. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TopicEvent } from '../../src/topics/log-tail.ts';
import { createRecentBudget, createRecentEvents, type RecentEvents } from '../../src/topics/recent-events.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const eventAt = (offset: number): TopicEvent => ({ event: undefined, offset, cursor: `${offset}` });
const between = (first: number, last: number): TopicEvent[] =>
  Array.from({ length: last - first + 1 }, (_, at) => eventAt(first + at));

function append(recent: RecentEvents, first: number, last: number, bytes = 10): void {
  for (const event of between(first, last)) recent.append(event, bytes);
}
const offsets = (recent: RecentEvents): number[] => recent.between(0, 1000).map(({ offset }) => offset);

describe('the tail of one topic', () => {
  test('holds events by their offset', () => {
    const recent = createRecentEvents(createRecentBudget(1000, 1000));
    expect([recent.first, recent.at(1), recent.between(0, 9)]).toEqual([undefined, undefined, []]);
    append(recent, 5, 9);
    expect(recent.first).toBe(5);
    expect([4, 5, 9, 10].map((offset) => recent.at(offset)?.offset)).toEqual([undefined, 5, 9, undefined]);
    expect(recent.between(5, 8).map(({ offset }) => offset)).toEqual([6, 7, 8]);
    expect(recent.between(4, 5).map(({ offset }) => offset)).toEqual([5]);
    expect([recent.between(9, 9), recent.between(9, 12), recent.between(1, 3)]).toEqual([[], [], []]);
  });

  test('drops the oldest when it is full', () => {
    const recent = createRecentEvents(createRecentBudget(30, 30));
    append(recent, 1, 7);
    expect(offsets(recent)).toEqual([5, 6, 7]);
    recent.append(eventAt(8), 31);
    expect(offsets(recent)).toEqual([]);
    append(recent, 9, 9);
    expect(recent.first).toBe(9);
  });

  test('keeps nothing when it may keep nothing', () => {
    const recent = createRecentEvents(createRecentBudget(0, 0));
    append(recent, 1, 3);
    expect(recent.first).toBeUndefined();
  });

  test('drops nothing while it is held, and drops the surplus on release', () => {
    const recent = createRecentEvents(createRecentBudget(30, 30));
    append(recent, 1, 3);
    const [release, releaseToo] = [recent.hold(), recent.hold()];
    append(recent, 4, 8);
    expect(offsets(recent)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    release();
    release();
    expect(recent.first).toBe(1);
    releaseToo();
    expect(offsets(recent)).toEqual([6, 7, 8]);
    append(recent, 9, 10);
    expect(offsets(recent)).toEqual([8, 9, 10]);
  });

  test('returns borrowed room some time after its use', () => {
    const recent = createRecentEvents(createRecentBudget(100, 100));
    append(recent, 8, 9);
    const release = recent.hold();
    recent.borrow(between(5, 7), 30);
    recent.borrow(between(2, 4), 30);
    expect(offsets(recent)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(recent.at(2)?.offset).toBe(2);
    release();
    expect(recent.first).toBe(2);
    vi.advanceTimersByTime(9999);
    const again = recent.hold();
    vi.advanceTimersByTime(60_000);
    expect(recent.first).toBe(2);
    again();
    append(recent, 10, 20);
    vi.advanceTimersByTime(10_000);
    expect(offsets(recent)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('borrows no more than the limit', () => {
    const recent = createRecentEvents(createRecentBudget(0, 100));
    const release = recent.hold();
    append(recent, 21, 22);
    expect(recent.borrow(between(15, 20), 60)).toBe('done');
    expect(recent.borrow(between(10, 14), 50)).toBe('too much');
    expect(recent.borrow(between(11, 14), 40)).toBe('done');
    expect(recent.first).toBe(11);
    release();
  });

  test('has nothing and no timer after it is closed', () => {
    const recent = createRecentEvents(createRecentBudget(100, 100));
    const release = recent.hold();
    recent.borrow(between(3, 4), 20);
    recent.close();
    expect(recent.borrow(between(1, 2), 20)).toBe('not now');
    release();
    expect([recent.first, vi.getTimerCount()]).toEqual([undefined, 0]);
  });
});

describe('the tails of several topics', () => {
  test('give way to each other by age', () => {
    const budget = createRecentBudget(40, 40);
    const [one, two] = [createRecentEvents(budget), createRecentEvents(budget)];
    append(one, 1, 2);
    append(two, 1, 1);
    append(one, 3, 3);
    append(two, 2, 3);
    expect([offsets(one), offsets(two)]).toEqual([[3], [1, 2, 3]]);
  });

  test('borrow from the same room, and lingering events give way to needed ones', () => {
    const budget = createRecentBudget(0, 100);
    const [one, two] = [createRecentEvents(budget), createRecentEvents(budget)];
    const [releaseOne, releaseTwo] = [one.hold(), two.hold()];
    expect(one.borrow(between(1, 6), 60)).toBe('done');
    expect(two.borrow(between(1, 5), 50)).toBe('not now');
    expect(two.borrow(between(3, 5), 30)).toBe('done');
    releaseOne();
    expect(offsets(one)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(two.borrow(between(1, 2), 10)).toBe('done');
    expect(offsets(one)).toEqual([1, 2, 3, 4, 5, 6]);
    const again = one.hold();
    expect(two.borrow(between(0, 0), 10)).toBe('not now');
    again();
    expect(two.borrow(between(0, 0), 10)).toBe('done');
    expect([one.first, offsets(two)]).toEqual([undefined, [1, 2, 3, 4, 5]]);
    releaseTwo();
    vi.advanceTimersByTime(10_000);
    expect([two.first, vi.getTimerCount()]).toEqual([undefined, 0]);
    one.hold();
    expect(one.borrow(between(1, 10), 100)).toBe('done'); // all room was returned
  });

  test('stay exact over many events', () => {
    const budget = createRecentBudget(1000, 1000);
    const [one, two] = [createRecentEvents(budget), createRecentEvents(budget)];
    for (let offset = 1; offset <= 5000; offset += 1)
      for (const recent of [one, two]) recent.append(eventAt(offset), 10);
    for (const recent of [one, two]) {
      expect(recent.first).toBe(4951);
      expect(recent.between(4990, 5000)).toHaveLength(10);
    }
  });
});
