/** The results that are kept while anybody makes up for what it missed. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFrame, type Frame } from '../src/batch.ts';
import { createHistory, createHistoryBudget, type History, type MakeFrames } from '../src/history.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const frameAt = (offset: number, size = 10): Frame =>
  createFrame(
    { data: { offset, text: 'x'.repeat(size) } },
    { offset, cursor: `${offset}` },
    ({ data }) => data,
  );
const frames = (first: number, last: number): Frame[] =>
  Array.from({ length: last - first + 1 }, (_, at) => frameAt(first + at));
const bare = createFrame({ data: {} }, undefined, ({ data }) => data);

const historyFrom = (newest: () => number, pageBytes = 1_000_000): History =>
  createHistory(newest, createHistoryBudget(), pageBytes);

const offsets = (history: History, after: number): (number | undefined)[] | undefined =>
  history.after(after)?.map(({ position }) => position?.offset);

test('keeps nothing unless somebody needs it', () => {
  const history = historyFrom(() => 3);
  history.append(frameAt(4));
  expect(history.after(3)).toBeUndefined();
});

test('keeps what comes from when it is held, without what has no place', () => {
  const history = historyFrom(() => 3);
  history.hold();
  for (const frame of [frameAt(4), bare, frameAt(7)]) history.append(frame);
  expect([3, 4, 5, 7, 9].map((after) => offsets(history, after))).toEqual([[4, 7], [7], [7], [], []]);
  expect(offsets(history, 2)).toBeUndefined();
});

test('reaches back as far as anybody needs, and makes each result once', async () => {
  const history = historyFrom(() => 10);
  history.hold();
  const made: [number, number][] = [];
  const reachBack = (after: number) =>
    history.reachBack(after, async (until) => {
      made.push([after, until]);
      return frames(after + 1, until);
    });
  await Promise.all([reachBack(8), reachBack(5), reachBack(5), reachBack(7), reachBack(10), reachBack(2)]);
  history.append(frameAt(11));
  expect(made).toEqual([
    [8, 10],
    [5, 8],
    [2, 5],
  ]);
  expect(offsets(history, 2)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('returns parts of about the size that is asked for, at least one', async () => {
  const size = frameAt(1).json.length;
  for (const [bytes, after, expected] of [
    [1, 0, [1]],
    [3 * size, 0, [1, 2, 3]],
    [3 * size, 8, [9, 10]],
  ] as const) {
    const history = historyFrom(() => 10, bytes);
    history.hold();
    await history.reachBack(0, async (until) => frames(1, until));
    expect(offsets(history, after)).toEqual(expected);
  }
});

test('members get the same page, also when their cursors differ', async () => {
  const history = historyFrom(() => 100, 10 * frameAt(11).json.length);
  history.hold();
  await history.reachBack(0, async (until) => frames(1, until));
  const walk = (after: number): (readonly Frame[])[] => {
    const pages: (readonly Frame[])[] = [];
    for (let at = after; at < 100; at = pages.at(-1)?.at(-1)?.position?.offset ?? 100)
      pages.push(history.after(at) ?? []);
    return pages;
  };
  const first = walk(0);
  for (const after of [0, 4, 7, 20, 33]) {
    const pages = walk(after);
    expect(pages.flat().map(({ position }) => position?.offset)).toEqual(
      Array.from({ length: 100 - after }, (_, at) => after + 1 + at),
    );
    expect(pages.slice(-5)).toEqual(first.slice(-5));
    for (const [at, page] of pages.slice(-5).entries()) expect(page).toBe(first.slice(-5)[at]);
  }
});

test('a page that ended with the newest result goes on when there is a newer one', async () => {
  const history = historyFrom(() => 10);
  history.hold();
  await history.reachBack(0, async (until) => frames(1, until));
  const page = history.after(7);
  expect(history.after(7)).toBe(page);
  history.append(frameAt(11));
  expect([7, 10, 11].map((after) => offsets(history, after))).toEqual([[8, 9, 10, 11], [11], []]);
});

test('a result that could not be made costs only who asked for it', async () => {
  const history = historyFrom(() => 10);
  history.hold();
  const failing = history.reachBack(8, () => Promise.reject(new Error('no')));
  const other = history.reachBack(9, async (until) => frames(10, until));
  await expect(failing).rejects.toThrow('no');
  await other;
  expect(offsets(history, 9)).toEqual([10]);
  expect(offsets(history, 8)).toBeUndefined();
});

test('forgets some time after the last member has released it, and begins again', () => {
  let newest = 3;
  const history = historyFrom(() => newest);
  const [release, other] = [history.hold(), history.hold()];
  history.append(frameAt(4));
  release();
  vi.advanceTimersByTime(60_000);
  other();
  vi.advanceTimersByTime(4999);
  expect(offsets(history, 3)).toEqual([4]);
  const third = history.hold();
  vi.advanceTimersByTime(60_000);
  expect(offsets(history, 3)).toEqual([4]);
  third();
  vi.advanceTimersByTime(5000);
  expect(offsets(history, 3)).toBeUndefined();
  newest = 9;
  history.hold();
  expect([offsets(history, 8), offsets(history, 9)]).toEqual([undefined, []]);
});

const LARGE = 16_000_000;

test('has bounds: who needs what is beyond them does not get it, and nobody gets it with a hole', async () => {
  const history = historyFrom(() => 0);
  history.hold();
  for (const offset of [1, 2, 3, 4, 5]) history.append(frameAt(offset, LARGE));
  expect(offsets(history, 0)).toBeUndefined();
  expect(offsets(history, 1)?.at(0)).toBe(2);
});

test('results made while those that follow on them were dropped are no use', async () => {
  const history = historyFrom(() => 10);
  history.hold();
  await history.reachBack(5, async (until) => {
    for (const offset of [11, 12, 13, 14, 15]) history.append(frameAt(offset, LARGE));
    return frames(6, until);
  });
  expect(offsets(history, 5)).toBeUndefined();
  expect(offsets(history, 11)?.at(0)).toBe(12);
});

test('closed, keeps nothing, and no timer', () => {
  const history = historyFrom(() => 3);
  const release = history.hold();
  history.append(frameAt(4));
  history.close();
  release();
  expect([history.after(3), vi.getTimerCount()]).toEqual([undefined, 0]);
});

/** Makes frames of ten bytes and a little, as far as there is room for them. */
const making =
  (after: number): MakeFrames =>
  async (until, take) => {
    const made = frames(after + 1, until);
    for (const frame of made) {
      const room = take(frame);
      if (room !== 'enough') throw new Error(room);
    }
    return made;
  };

test('what all histories make of the past is bounded: who finds no room gets it when others have given theirs back', async () => {
  const size = frameAt(1).json.length;
  const budget = createHistoryBudget(6 * size, 5 * size);
  const [one, other] = [createHistory(() => 9, budget, 1_000_000), createHistory(() => 9, budget, 1_000_000)];
  const release = one.hold();
  other.hold();
  await one.reachBack(5, making(5));
  await expect(other.reachBack(5, making(5))).rejects.toThrow('not now');
  await other.reachBack(7, making(7)); // what was taken in vain is there again
  expect(offsets(other, 7)).toEqual([8, 9]);
  release();
  vi.advanceTimersByTime(60_000);
  await other.reachBack(5, making(5));
  expect(offsets(other, 5)).toEqual([6, 7, 8, 9]);
  other.close();
  const third = createHistory(() => 9, budget, 1_000_000);
  third.hold();
  await third.reachBack(4, making(4));
  expect(offsets(third, 4)).toHaveLength(5);
});

test('more than one history may have is never made', async () => {
  const size = frameAt(1).json.length;
  const history = createHistory(() => 9, createHistoryBudget(100 * size, 5 * size), 1_000_000);
  history.hold();
  await history.reachBack(6, making(6));
  await expect(history.reachBack(3, making(3))).rejects.toThrow('never');
  await history.reachBack(4, making(4));
  expect(offsets(history, 4)).toHaveLength(5);
});
