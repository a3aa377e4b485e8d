import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { batchReads } from '../../src/auth/batched-reads.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] }));
afterEach(() => vi.useRealTimers());

/** @param takesMs how long an answer takes, in milliseconds. */
function createScene(takesMs = 0) {
  const reads: (readonly string[])[] = [];
  const read = batchReads(async (names) => {
    reads.push(names);
    if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
    return names.map((name) => name.toUpperCase());
  }, 1000);
  return { read, reads };
}

test('a client that comes alone is read for in the same turn', async () => {
  const { read, reads } = createScene();
  const alone = read(['a', 'b']);
  await vi.advanceTimersByTimeAsync(0);
  expect(reads).toEqual([['a', 'b']]);
  expect(await alone).toEqual(['A', 'B']);
});

test('clients that come alone, one after the other, do not wait', async () => {
  const { read, reads } = createScene();
  for (const name of ['a', 'b', 'c']) {
    const alone = read([name]);
    await vi.advanceTimersByTimeAsync(0);
    expect(await alone).toEqual([name.toUpperCase()]);
  }
  expect(reads).toEqual([['a'], ['b'], ['c']]);
});

test('clients that come during a read share the next one, which begins after they have asked', async () => {
  const { read, reads } = createScene(10);
  void read(['a']);
  await vi.advanceTimersByTimeAsync(0);
  const second = read(['a', 'b']);
  await vi.advanceTimersByTimeAsync(1);
  const third = read(['b', 'c']);
  expect(reads).toEqual([['a']]);
  await vi.advanceTimersByTimeAsync(5);
  expect(reads).toEqual([['a'], ['a', 'b', 'c']]);
  await vi.advanceTimersByTimeAsync(10);
  expect([await second, await third]).toEqual([
    ['A', 'B'],
    ['B', 'C'],
  ]);
});

test('after a read that several clients shared, more of them share the next one', async () => {
  const { read, reads } = createScene();
  void read(['a']);
  void read(['b']);
  await vi.advanceTimersByTimeAsync(0);
  void read(['c']);
  await vi.advanceTimersByTimeAsync(15);
  void read(['d']);
  expect(reads).toEqual([['a', 'b']]);
  await vi.advanceTimersByTimeAsync(5);
  expect(reads).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('soon after a shared read a client that comes alone is of the crowd: the next one shares a read again', async () => {
  const { read, reads } = createScene();
  void read(['a']);
  void read(['b']);
  await vi.advanceTimersByTimeAsync(30);
  void read(['c']);
  await vi.advanceTimersByTimeAsync(0);
  void read(['d']);
  await vi.advanceTimersByTimeAsync(15);
  void read(['e']);
  expect(reads).toEqual([['a', 'b'], ['c']]);
  await vi.advanceTimersByTimeAsync(5);
  expect(reads).toEqual([['a', 'b'], ['c'], ['d', 'e']]);
});

test('a read that gets no answer rejects at its deadline, and the next one is made all the same', async () => {
  let answer: (values: string[]) => void = () => undefined;
  const read = batchReads(() => new Promise<string[]>((resolve) => (answer = resolve)), 1000);
  const lost = expect(read(['a'])).rejects.toThrow('timed out');
  await vi.advanceTimersByTimeAsync(1000);
  await lost;
  const next = read(['a']);
  await vi.advanceTimersByTimeAsync(0);
  answer(['A']);
  expect(await next).toEqual(['A']);
});
