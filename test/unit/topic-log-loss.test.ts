/** Losses that cannot be repaired: the listeners get one notice, and nothing after it. */
import { afterEach, expect, test, vi } from 'vitest';
import { settled } from '../support/alone.ts';
import {
  bare,
  createScriptedLog,
  type LogListener,
  listenFromNow,
  type ScriptedLog,
} from '../support/scripted-log.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Each mishap happens to a log after a, b and c were delivered. Then d arrives. */
const MISHAPS: [name: string, happens: (script: ScriptedLog, listener: LogListener) => void][] = [
  [
    'a gap that the log has too',
    (script, listener) => {
      script.append('d');
      script.damage(4);
      listener.receive(script.append('e'));
    },
  ],
  [
    'a message that the log does not have',
    (script, listener) => {
      script.append('d');
      const message = script.append('e');
      script.loseTail(2);
      listener.receive(message);
    },
  ],
  [
    'a log that started again',
    (script, listener) => {
      script.flush();
      listener.receive(script.append('d'));
    },
  ],
  [
    'a log that started again and is longer now',
    (script, listener) => {
      script.flush();
      for (const id of ['a', 'b', 'c']) script.append(id);
      listener.receive(script.append('d'));
    },
  ],
  [
    'a log that is gone',
    (script, listener) => {
      script.flush();
      listener.log.resume();
    },
  ],
  [
    'a log that lost its end, with other events since, all received',
    (script, listener) => {
      script.loseTail(1);
      listener.receive(script.append('other c'), script.append('d'));
    },
  ],
  [
    'a log that lost its end, with other events since, received with a gap',
    (script, listener) => {
      script.loseTail(2);
      const otherB = script.append('other b');
      script.append('other c');
      listener.receive(otherB, script.append('d'));
    },
  ],
  [
    'a log that lost its end, with other events since, during an outage',
    (script, listener) => {
      listener.log.pause();
      script.loseTail(2);
      for (const id of ['other b', 'other c']) script.append(id);
      listener.receive(script.append('d'));
      listener.log.resume();
    },
  ],
  [
    'a log that lost its end',
    (script, listener) => {
      script.loseTail(1);
      listener.log.resume();
    },
  ],
  [
    'a log that lost undelivered events to a trim',
    (script, listener) => {
      for (const id of ['d', 'e']) script.append(id);
      script.trim(4);
      listener.receive(script.append('f'));
    },
  ],
  [
    'a log that was trimmed up to the last delivered event',
    (script, listener) => {
      script.append('d');
      script.trim(3);
      listener.receive(script.append('e'));
    },
  ],
];

test.each(MISHAPS)('%s ends it with CURSOR_EXPIRED', async (_name, happens) => {
  const script = createScriptedLog();
  const listener = await listenFromNow(script);
  listener.receive(script.append('a'), script.append('b'), script.append('c'));
  happens(script, listener);
  await settled();
  expect(listener.lost).toEqual(['CURSOR_EXPIRED']);
  listener.receive(script.append('y'), script.append('z'));
  listener.log.resume();
  await settled();
  expect(listener.lost).toEqual(['CURSOR_EXPIRED']);
  expect(listener.delivered).toEqual(['1 a', '2 b', '3 c']);
});

const REFUSAL = 'NOPERM this user has no permissions';

test('a log that cannot be read for a moment loses nothing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  const script = createScriptedLog();
  const listener = await listenFromNow(script);
  script.append('a');
  script.failReads(10, REFUSAL);
  listener.receive(script.append('b'));
  await vi.advanceTimersByTimeAsync(4000);
  expect([listener.delivered, listener.lost]).toEqual([['1 a', '2 b'], []]);
});

test('a log that cannot be read for a minute ends with SERVICE_UNAVAILABLE: no loss is known', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  const script = createScriptedLog();
  const listener = await listenFromNow(script);
  script.append('a');
  script.failReads(1000, REFUSAL);
  listener.receive(script.append('b'));
  await vi.advanceTimersByTimeAsync(61_000);
  expect([listener.delivered, listener.lost]).toEqual([[], ['SERVICE_UNAVAILABLE']]);
});

test('an empty log continues in a bus that lost its data: the log lost nothing', async () => {
  const script = createScriptedLog();
  const listener = await listenFromNow(script);
  script.flush();
  listener.log.resume();
  await settled();
  listener.receive(script.append('first'));
  await settled();
  expect([listener.delivered, listener.lost]).toEqual([['1 first'], []]);
});

test('a log that was trimmed before its first delivery ends with CURSOR_EXPIRED', async () => {
  const script = createScriptedLog();
  const listener = await listenFromNow(script);
  for (const id of ['a', 'b']) script.append(id);
  script.trim(1);
  listener.receive(script.append('c'));
  await settled();
  expect([listener.delivered, listener.lost]).toEqual([[], ['CURSOR_EXPIRED']]);
});

test('while the bus is away no new event is delivered; then the missing ones come first', async () => {
  const script = createScriptedLog();
  const listener = await listenFromNow(script);
  listener.receive(script.append('a'));
  listener.log.pause();
  script.append('b');
  listener.receive(script.append('c'));
  await listener.log.look();
  listener.receive(script.append('d'));
  await settled();
  expect(listener.delivered).toEqual(['1 a', '2 b', '3 c']); // everything that the log had when it was read
  listener.log.resume();
  await settled();
  expect(listener.delivered).toEqual(['1 a', '2 b', '3 c', '4 d']);
});

test('a message that waited during an outage is dropped if a fail-over lost its event', async () => {
  const script = createScriptedLog();
  const listener = await listenFromNow(script);
  listener.receive(script.append('a'));
  const release = script.holdReads();
  listener.log.resume();
  listener.receive(script.append('b'), bare('x'));
  listener.log.pause();
  script.loseTail(1);
  listener.log.resume();
  release();
  await settled();
  expect([listener.delivered, listener.lost]).toEqual([['1 a', '0 x'], []]);
  listener.receive(script.append('other b'));
  expect(listener.delivered.at(-1)).toBe('2 other b');
});
