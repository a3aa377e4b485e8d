/** The generation shows which Redis sent a message. Messages of our Redis pass in order; those of another Redis never pass. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { digestOf } from '../../src/bus/envelope.ts';
import { createLogger } from '../../src/log.ts';
import { QUIET_MS, watchForeignPublishers } from '../../src/topics/foreign.ts';
import { RECHECK_MS, watchGeneration } from '../../src/topics/generation.ts';
import { settled } from '../support/alone.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function useGeneration(value: string | null = 'ours') {
  const key = { value, isAway: false };
  let reads = 0;
  let noticed = 0;
  const passed: string[] = [];
  const bus = {
    async read() {
      reads += 1;
      if (key.isAway) throw new Error('Connection is closed.');
      return [key.value];
    },
  };
  const generation = watchGeneration(
    bus,
    'key',
    {
      notice: () => {
        noticed += 1;
      },
    },
    createLogger('silent'),
  );
  return {
    key,
    passed,
    receive: (of: string, message: string) => generation.admit(digestOf(of), () => passed.push(message)),
    forget: generation.forget,
    get reads() {
      return reads;
    },
    get noticed() {
      return noticed;
    },
  };
}

test('our generation is read once, and messages keep their order', async () => {
  const it = useGeneration();
  for (const message of ['a', 'b']) it.receive('ours', message);
  expect(it.passed).toEqual([]);
  await settled();
  for (const message of ['c', 'd']) it.receive('ours', message);
  expect([it.passed, it.reads, it.noticed]).toEqual([['a', 'b', 'c', 'd'], 1, 0]);
});

test('a flood from another Redis is counted, dropped, and costs no reads', async () => {
  const it = useGeneration();
  it.receive('ours', 'a');
  await settled();
  for (let count = 0; count < 500; count += 1) {
    it.receive('theirs', 'x');
    if (count % 100 === 0) await settled();
    it.receive('ours', `${count}`);
  }
  await settled();
  expect([it.reads, it.noticed, it.passed.length, it.passed.includes('x')]).toEqual([2, 500, 501, false]);
});

test('only a limited number of foreign generations are remembered', async () => {
  const it = useGeneration();
  for (let count = 0; count < 100; count += 1) it.receive(`theirs ${count}`, 'x');
  await settled();
  expect([it.reads, it.noticed, it.passed]).toEqual([2, 100, []]);
});

test('if our Redis has no generation, every message with one is foreign', async () => {
  const it = useGeneration(null);
  it.receive('theirs', 'x');
  await settled();
  expect([it.passed, it.noticed]).toEqual([[], 1]);
});

test('a Redis that lost its data has a new generation: new messages pass, and so do late ones of the old generation', async () => {
  const it = useGeneration();
  it.receive('ours', 'a');
  await settled();
  it.key.value = 'the next of ours';
  it.receive('the next of ours', 'b');
  it.receive('ours', 'late');
  await settled();
  it.receive('ours', 'later');
  expect([it.passed, it.noticed]).toEqual([['a', 'late', 'b', 'later'], 0]);
});

test('a message that is newer than the read generation causes another read', async () => {
  const it = useGeneration(null);
  it.receive('theirs', 'x');
  it.key.value = 'ours';
  it.receive('ours', 'a'); // after the read of the key began
  await settled();
  expect([it.passed, it.noticed]).toEqual([['a'], 1]);
});

test('a wrong verdict, as after a fail-over, ends with the next check or after an outage', async () => {
  const it = useGeneration('of the old primary');
  it.receive('of the new primary', 'lost');
  await settled();
  it.key.value = 'of the new primary';
  it.receive('of the new primary', 'lost too');
  await settled();
  vi.advanceTimersByTime(RECHECK_MS);
  it.receive('of the new primary', 'a');
  await settled();
  expect([it.passed, it.noticed]).toEqual([['a'], 2]);

  it.receive('theirs', 'x');
  await settled();
  it.key.value = 'theirs';
  it.forget();
  it.receive('theirs', 'b');
  await settled();
  expect(it.passed).toEqual(['a', 'b']);
});

test('while Redis is away no message passes, and none is called foreign', async () => {
  const it = useGeneration();
  it.key.isAway = true;
  it.receive('ours', 'a');
  it.receive('theirs', 'x');
  await settled();
  expect([it.passed, it.noticed]).toEqual([[], 0]);
  it.key.isAway = false;
  it.receive('ours', 'b');
  await settled();
  expect(it.passed).toEqual(['b']);
});

test('foreign publishers are a warning until none was noticed for some minutes', () => {
  const troubles: (string | undefined)[] = [];
  let count = 0;
  const foreign = watchForeignPublishers(
    'dms',
    { report: (_name, trouble) => troubles.push(trouble && `${trouble.isBlocking} ${trouble.reason}`) },
    {
      foreignMessage: () => {
        count += 1;
      },
    },
  );
  foreign.look();
  expect(foreign.areNoticed).toBe(false);
  foreign.notice();
  vi.advanceTimersByTime(QUIET_MS - 1);
  foreign.look();
  foreign.notice();
  vi.advanceTimersByTime(QUIET_MS - 1);
  foreign.look();
  expect([foreign.areNoticed, count, troubles.length]).toEqual([true, 2, 2]);
  expect(troubles[0]).toMatch(/^false .*TOPIC_PREFIX \(dms\).*of its own/);
  vi.advanceTimersByTime(1);
  foreign.look();
  expect([foreign.areNoticed, troubles.at(-1)]).toEqual([false, undefined]);
});
