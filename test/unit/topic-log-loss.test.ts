/** Losses that cannot be repaired: the listeners get one notice, and nothing after it. */
import { afterEach, expect, test, vi } from 'vitest';
import { settled } from '../support/alone.ts';
import {
  bare,
  createScriptedLog,
  type Heard,
  hearFromNow,
  type ScriptedLog,
} from '../support/scripted-log.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** Each mishap happens to a log after a, b and c were delivered. Then d arrives. */
const MISHAPS: [name: string, happens: (script: ScriptedLog, heard: Heard) => void][] = [
  [
    'a gap that the log has too',
    (script, heard) => {
      script.append('d');
      script.damage(4);
      heard.receive(script.append('e'));
    },
  ],
  [
    'a message that the log does not have',
    (script, heard) => {
      script.append('d');
      const message = script.append('e');
      script.loseTail(2);
      heard.receive(message);
    },
  ],
  [
    'a log that started again',
    (script, heard) => {
      script.flush();
      heard.receive(script.append('d'));
    },
  ],
  [
    'a log that started again and is longer now',
    (script, heard) => {
      script.flush();
      for (const id of ['a', 'b', 'c']) script.append(id);
      heard.receive(script.append('d'));
    },
  ],
  [
    'a log that is gone',
    (script, heard) => {
      script.flush();
      void heard.log.catchUp();
    },
  ],
  [
    'a log that lost its end, with other events since, all received',
    (script, heard) => {
      script.loseTail(1);
      heard.receive(script.append('other c'), script.append('d'));
    },
  ],
  [
    'a log that lost its end, with other events since, received with a gap',
    (script, heard) => {
      script.loseTail(2);
      const otherB = script.append('other b');
      script.append('other c');
      heard.receive(otherB, script.append('d'));
    },
  ],
  [
    'a log that lost its end, with other events since, during an outage',
    (script, heard) => {
      heard.log.pause();
      script.loseTail(2);
      for (const id of ['other b', 'other c']) script.append(id);
      heard.receive(script.append('d'));
      heard.log.resume();
    },
  ],
  [
    'a log that lost its end',
    (script, heard) => {
      script.loseTail(1);
      void heard.log.catchUp();
    },
  ],
  [
    'a log that lost undelivered events to a trim',
    (script, heard) => {
      for (const id of ['d', 'e']) script.append(id);
      script.trim(4);
      heard.receive(script.append('f'));
    },
  ],
  [
    'a log that was trimmed up to the last delivered event',
    (script, heard) => {
      script.append('d');
      script.trim(3);
      heard.receive(script.append('e'));
    },
  ],
];

test.each(MISHAPS)('%s ends it with CURSOR_EXPIRED', async (_name, happens) => {
  const script = createScriptedLog();
  const heard = await hearFromNow(script);
  heard.receive(script.append('a'), script.append('b'), script.append('c'));
  happens(script, heard);
  await settled();
  expect(heard.lost).toEqual(['CURSOR_EXPIRED']);
  heard.receive(script.append('y'), script.append('z'));
  await heard.log.catchUp();
  await settled();
  expect(heard.lost).toEqual(['CURSOR_EXPIRED']);
  expect(heard.told).toEqual(['1 a', '2 b', '3 c']);
});

const REFUSAL = 'NOPERM this user has no permissions';

test('a log that cannot be read for a moment loses nothing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  const script = createScriptedLog();
  const heard = await hearFromNow(script);
  script.append('a');
  script.failReads(10, REFUSAL);
  heard.receive(script.append('b'));
  await vi.advanceTimersByTimeAsync(4000);
  expect([heard.told, heard.lost]).toEqual([['1 a', '2 b'], []]);
});

test('a log that cannot be read for a minute ends with SERVICE_UNAVAILABLE: no loss is known', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  const script = createScriptedLog();
  const heard = await hearFromNow(script);
  script.append('a');
  script.failReads(1000, REFUSAL);
  heard.receive(script.append('b'));
  await vi.advanceTimersByTimeAsync(61_000);
  expect([heard.told, heard.lost]).toEqual([[], ['SERVICE_UNAVAILABLE']]);
});

test('an empty log continues in a bus that lost its data: the log lost nothing', async () => {
  const script = createScriptedLog();
  const heard = await hearFromNow(script);
  script.flush();
  await heard.log.catchUp();
  heard.receive(script.append('first'));
  await settled();
  expect([heard.told, heard.lost]).toEqual([['1 first'], []]);
});

test('a log that was trimmed before its first delivery ends with CURSOR_EXPIRED', async () => {
  const script = createScriptedLog();
  const heard = await hearFromNow(script);
  for (const id of ['a', 'b']) script.append(id);
  script.trim(1);
  heard.receive(script.append('c'));
  await settled();
  expect([heard.told, heard.lost]).toEqual([[], ['CURSOR_EXPIRED']]);
});

test('while the bus is away no new event is delivered; then the missing ones come first', async () => {
  const script = createScriptedLog();
  const heard = await hearFromNow(script);
  heard.receive(script.append('a'));
  heard.log.pause();
  script.append('b');
  heard.receive(script.append('c'));
  await heard.log.catchUp();
  heard.receive(script.append('d'));
  await settled();
  expect(heard.told).toEqual(['1 a', '2 b', '3 c']); // everything that the log had when it was read
  heard.log.resume();
  await settled();
  expect(heard.told).toEqual(['1 a', '2 b', '3 c', '4 d']);
});

test('a message that waited during an outage is dropped if a fail-over lost its event', async () => {
  const script = createScriptedLog();
  const heard = await hearFromNow(script);
  heard.receive(script.append('a'));
  const release = script.holdReads();
  void heard.log.catchUp();
  heard.receive(script.append('b'), bare('x'));
  heard.log.pause();
  script.loseTail(1);
  heard.log.resume();
  release();
  await settled();
  expect([heard.told, heard.lost]).toEqual([['1 a', '0 x'], []]);
  heard.receive(script.append('other b'));
  expect(heard.told.at(-1)).toBe('2 other b');
});
