/** One topic as a process sees it: events in order, once, without a gap, or a notice of the loss. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LOG_PAGE } from '../../src/topics/log-reader.ts';
import { settled } from '../support/alone.ts';
import {
  bare,
  createScriptedLog,
  type LogListener,
  listenFromNow,
  listenTo,
  type ScriptedLog,
} from '../support/scripted-log.ts';
import { numbers } from '../support/topics.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('events', () => {
  test('are delivered as they arrive, after the end of the log', async () => {
    const script = createScriptedLog();
    script.append('a');
    const listener = await listenFromNow(script);
    expect(listener.log.last.offset).toBe(1);
    listener.receive(script.append('b'), script.append('c'));
    expect(listener.delivered).toEqual(['2 b', '3 c']);
    expect(listener.log.newest).toMatchObject({ offset: 3, cursor: listener.log.cursor });
    expect(script.reads).toBe(0);
  });

  test('start with the first event of an empty log', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    expect(listener.log.last).toEqual({ epoch: '0', offset: 0 });
    listener.receive(script.append('a'), script.append('b'));
    expect(listener.delivered).toEqual(['1 a', '2 b']);
  });

  test('are dropped if they were delivered before', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    const [a, b] = [script.append('a'), script.append('b')];
    listener.receive(a, b, b, a, a, b);
    await settled();
    expect(listener.delivered).toEqual(['1 a', '2 b']);
    expect([listener.lost, script.reads]).toEqual([[], 0]);
  });

  test('are skipped if they break the contract, and later events are delivered', async () => {
    const script = createScriptedLog();
    script.append('old', 'not JSON');
    const listener = await listenFromNow(script);
    const before = listener.log.cursor;
    listener.receive(script.append('bad', 'not JSON either'), script.append('b'));
    expect(listener.delivered).toEqual(['2 -', '3 b']);
    expect(listener.log.cursor).not.toBe(before);
  });

  test('without a position are delivered between logged ones', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    listener.receive(script.append('a'), bare('x'), script.append('b'));
    listener.receive({ channel: 'dms:storage:unit:5', payload: Buffer.from('@not an envelope') });
    listener.receive(script.append('c'));
    expect(listener.delivered).toEqual(['1 a', '0 x', '2 b', '3 c']);
  });

  test('that do not all find room while they wait are read from the log at once', async () => {
    const script = createScriptedLog();
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    // The end of the log is read before the events come, and known after that.
    const readLast: typeof script.bus.readLast = async (stream) => {
      const last = await script.bus.readLast(stream);
      await answered;
      return last;
    };
    const listener = listenTo({ ...script, bus: { ...script.bus, readLast } });
    const started = listener.log.start(() => undefined);
    await settled();
    const ids = Array.from({ length: 1100 }, (_, index) => `${index + 1}`);
    listener.receive(...ids.map((id) => script.append(id)));
    answer();
    await started;
    expect(listener.delivered).toEqual(ids.map((id) => `${id} ${id}`));
  });
});

describe('a start', () => {
  test('delivers events that arrived during the start once, after the end of the log', async () => {
    const script = createScriptedLog();
    const messages = [script.append('a'), script.append('b')];
    const release = script.holdReads();
    const listener = listenTo(script);
    const found: number[] = [];
    const started = listener.log.start(() => found.push(listener.log.last.offset));
    listener.receive(...messages, script.append('c'));
    const late = script.append('d');
    release();
    await started;
    listener.receive(late);
    expect(found).toEqual([4]);
    expect(listener.delivered).toEqual([]); // all of these events were before the start: they are the end of the log
    listener.receive(script.append('e'));
    expect(listener.delivered).toEqual(['5 e']);
  });

  test('delivers events that the log did not have when it was read', async () => {
    const script = createScriptedLog();
    script.append('a');
    const listener = listenTo(script);
    const started = listener.log.start(() => listener.receive(script.append('b'), script.append('c')));
    await started;
    expect(listener.delivered).toEqual(['2 b', '3 c']);
  });

  test('is not overtaken by an earlier read: past events are not delivered as new', async () => {
    const script = createScriptedLog();
    for (const id of ['a', 'b', 'c']) script.append(id);
    script.trim(1);
    const release = script.holdReads();
    const listener = listenTo(script);
    const started = listener.log.start(() => undefined);
    listener.log.resume();
    listener.log.pause();
    listener.log.resume();
    release();
    await started;
    expect([listener.delivered, listener.lost]).toEqual([[], []]);
    listener.receive(script.append('d'));
    expect(listener.delivered).toEqual(['4 d']);
  });

  test('waits for a bus that does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const script = createScriptedLog();
    script.append('a');
    script.failReads(3);
    const listener = listenTo(script);
    const started = listener.log.start(() => undefined);
    await vi.advanceTimersByTimeAsync(1000);
    await started;
    listener.receive(script.append('b'));
    expect(listener.delivered).toEqual(['2 b']);
  });

  test('fails if the key holds no log', async () => {
    const script = createScriptedLog();
    script.failReads(1, 'WRONGTYPE Operation against a key');
    await expect(listenTo(script).log.start(() => undefined)).rejects.toThrow('WRONGTYPE');
  });

  test.each(['NOPERM this user has no permissions', 'LOADING Redis is loading', 'what nobody thought of'])(
    'fails only if the bus refuses for some seconds: %s',
    async (message) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
      const script = createScriptedLog();
      script.failReads(10, message);
      const started = listenTo(script).log.start(() => undefined);
      await vi.advanceTimersByTimeAsync(4000);
      await started;
      script.failReads(1000, message);
      const refused = listenTo(script).log.start(() => undefined);
      refused.catch(() => undefined);
      await vi.advanceTimersByTimeAsync(6000);
      await expect(refused).rejects.toThrow(message);
    },
  );
});

describe('a gap', () => {
  test('is filled before newer events are delivered', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    listener.receive(script.append('a'));
    script.append('b');
    script.append('c');
    listener.receive(script.append('d'), script.append('e'));
    expect(listener.delivered).toEqual(['1 a']);
    await settled();
    expect(listener.delivered).toEqual(['1 a', '2 b', '3 c', '4 d', '5 e']);
    expect(script.reads).toBe(1);
  });

  test('that is long is filled page by page, even if more messages arrive than can wait', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    listener.receive(script.append('1'));
    for (const id of numbers(2, 600)) script.append(id);
    const release = script.holdReads();
    listener.receive(...numbers(601, 2500).map((id) => script.append(id)));
    await settled();
    expect(listener.delivered).toEqual(['1 1']);
    release();
    await vi.waitFor(() => expect(listener.delivered.length).toBe(2500));
    expect(listener.delivered).toEqual(numbers(1, 2500).map((id) => `${id} ${id}`));
    expect([listener.lost, script.longestRead]).toEqual([[], LOG_PAGE]);
    listener.receive(script.append('next'));
    expect(listener.delivered.at(-1)).toBe('2501 next');
  });

  test('at the beginning is filled too', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    script.append('a');
    listener.receive(script.append('b'));
    await settled();
    expect(listener.delivered).toEqual(['1 a', '2 b']);
  });

  test('is filled although unlogged events, repetitions and another gap arrive during the read', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    const a = script.append('a');
    listener.receive(a);
    script.append('b');
    const release = script.holdReads();
    listener.receive(script.append('c'), bare('x'), a);
    await settled();
    expect(listener.delivered).toEqual(['1 a']);
    release();
    await settled();
    script.append('d');
    listener.receive(script.append('e'));
    await settled();
    expect(listener.delivered.filter((event) => event !== '0 x')).toEqual([
      '1 a',
      '2 b',
      '3 c',
      '4 d',
      '5 e',
    ]);
    expect(listener.delivered).toContain('0 x');
  });

  test('that appears after its part was read causes another read', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    script.append('a');
    const b = script.append('b');
    const release = script.holdReads();
    listener.receive(b);
    const c = script.append('c');
    release();
    await settled();
    script.append('d');
    listener.receive(c, script.append('e'));
    await settled();
    expect(listener.delivered).toEqual(['1 a', '2 b', '3 c', '4 d', '5 e']);
  });

  test('of more than one page is filled', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    listener.receive(script.append('first'));
    for (let at = 0; at < 25_000; at += 1) script.append('missed', 'quick to check');
    listener.receive(script.append('last'));
    await vi.waitFor(() => expect(listener.delivered.at(-1)).toBe('25002 last'));
    expect([listener.delivered.length, listener.lost]).toEqual([25_002, []]);
  });

  test('of more messages than can wait is filled from the log', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    script.append('missed', 'quick to check');
    const release = script.holdReads();
    for (let at = 0; at < 12_000; at += 1) listener.receive(script.append('more', 'quick to check'));
    release();
    await vi.waitFor(() => expect(listener.log.last.offset).toBe(12_001));
    expect([listener.delivered.length, listener.lost]).toEqual([12_001, []]);
  });

  test('is filled when the bus answers again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    script.append('a');
    script.failReads(5);
    listener.receive(script.append('b'));
    await vi.advanceTimersByTimeAsync(5000);
    expect(listener.delivered).toEqual(['1 a', '2 b']);
  });
});

describe('a pause', () => {
  test('delivers no new event before the missing ones', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    listener.log.pause();
    script.append('a');
    listener.receive(script.append('b'), bare('x'));
    await settled();
    expect(listener.delivered).toEqual([]);
    listener.log.resume();
    await settled();
    expect(listener.delivered).toEqual(['1 a', '2 b', '0 x']);
  });

  test('without an end blocks nothing forever: a check delivers all events of the log', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    listener.log.pause();
    for (const id of numbers(1, 600)) listener.receive(script.append(id));
    await listener.log.check();
    expect(listener.delivered).toEqual(numbers(1, 600).map((id) => `${id} ${id}`));
    listener.log.resume();
    listener.receive(script.append('next'));
    await settled();
    expect([listener.delivered.length, listener.delivered.at(-1), listener.lost]).toEqual([
      601,
      '601 next',
      [],
    ]);
  });

  test('that starts and ends while a page is read changes nothing', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    for (const id of numbers(1, 300)) script.append(id);
    const release = script.holdReads();
    listener.receive(script.append('301'));
    await settled();
    listener.log.pause();
    release();
    await vi.waitFor(() => expect(listener.delivered.length).toBe(301));
    listener.log.resume();
    listener.receive(script.append('302'));
    await settled();
    expect([listener.delivered.length, listener.delivered.at(-1), listener.lost]).toEqual([
      302,
      '302 302',
      [],
    ]);
  });
});

describe('a check', () => {
  test('finds events that were missed silently, or at the next check if the bus is away', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    script.append('a');
    script.failReads(1);
    await listener.log.check();
    expect(listener.delivered).toEqual([]);
    await listener.log.check();
    expect(listener.delivered).toEqual(['1 a']);
  });

  test('reads once, however often it is requested before the bus answers', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    const readLast = vi.spyOn(script.bus, 'readLast');
    const release = script.holdReads();
    const checks = [listener.log.check(), listener.log.check()];
    release();
    await Promise.all(checks);
    expect(readLast).toHaveBeenCalledTimes(1);
    await listener.log.check();
    expect(readLast).toHaveBeenCalledTimes(2);
  });
});

describe('a log whose events were deleted for their age', () => {
  test('continues from its end, without a loss, for a listener that had received all', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    listener.receive(script.append('a'), script.append('b'));
    const { cursor } = listener.log;
    script.sweep(2);
    await listener.log.check();
    listener.log.resume();
    await settled();
    expect(listener.log.cursor).toBe(cursor);
    listener.receive(script.append('c'));
    script.append('d');
    listener.receive(script.append('e'));
    await settled();
    expect([listener.delivered, listener.lost]).toEqual([['1 a', '2 b', '3 c', '4 d', '5 e'], []]);
  });

  test('is found by its seal: with the same cursor, and without a newest event', async () => {
    const script = createScriptedLog();
    const before = await listenFromNow(script);
    before.receive(script.append('a'), script.append('b'));
    script.sweep(2);
    const after = await listenFromNow(script);
    expect([after.log.cursor, after.log.last]).toEqual([before.log.cursor, before.log.last]);
    expect(after.log.newest).toBeUndefined();
    after.receive(script.append('c'));
    expect(after.delivered).toEqual(['3 c']);
  });

  test('continues from its seal even if the message of the next event is lost', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    listener.receive(script.append('a'));
    script.sweep(1);
    script.append('b');
    await listener.log.check();
    expect([listener.delivered, listener.lost]).toEqual([['1 a', '2 b'], []]);
  });

  test.each<[string, (script: ScriptedLog) => void]>([
    ['some undelivered events', (script) => script.sweep(2)],
    [
      'all of them, and another one was added',
      (script) => {
        script.sweep(3);
        script.append('d');
      },
    ],
  ])('is lost if these events were deleted: %s', async (_what, happens) => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    listener.receive(script.append('a'));
    script.append('b');
    script.append('c');
    happens(script);
    await listener.log.check();
    expect([listener.delivered, listener.lost]).toEqual([['1 a'], ['CURSOR_EXPIRED']]);
  });

  test('is lost too if no event was delivered before', async () => {
    const script = createScriptedLog();
    const listener = await listenFromNow(script);
    script.append('a');
    script.sweep(1);
    await listener.log.check();
    expect([listener.delivered, listener.lost]).toEqual([[], ['CURSOR_EXPIRED']]);
  });
});

describe('a bus that refuses to write, and has no generation', () => {
  test('does not stop an empty topic from opening, or events from arriving', async () => {
    const script = createScriptedLog();
    script.refuseGeneration();
    const listener = await listenFromNow(script);
    listener.receive(script.append('a'));
    expect(listener.delivered).toEqual(['1 a']);
  });

  test('gets a generation when it can write, and cursors from before stay valid', async () => {
    const script = createScriptedLog();
    const proposals: string[] = [];
    let isRefusing = true;
    const agree = async (_key: string, proposal: string) => {
      proposals.push(proposal);
      return isRefusing ? undefined : proposal;
    };
    const listener = await listenFromNow({ ...script, bus: { ...script.bus, agree } });
    const { cursor } = listener.log;
    await listener.log.check();
    isRefusing = false;
    await listener.log.check();
    expect([new Set(proposals).size, listener.log.cursor]).toEqual([1, cursor]);
    listener.log.resume(); // the next proposal is a new one, in case Redis lost its data
    await settled();
    expect(new Set(proposals).size).toBe(2);
  });
});

test('a log that is closed during a read delivers and throws nothing', async () => {
  const script = createScriptedLog();
  const listener = await listenFromNow(script);
  script.append('a');
  script.failReads(1, 'Connection is closed.');
  const release = script.holdReads();
  listener.receive(script.append('b'));
  listener.log.close();
  release();
  await settled();
  listener.receive(script.append('c'));
  listener.log.resume();
  await settled();
  expect([listener.delivered, listener.lost]).toEqual([[], []]);
});

test('a log that its listener closes while missing events are delivered stays closed', async () => {
  const script = createScriptedLog();
  const listener: LogListener = listenTo(script, () => listener.log.close());
  await listener.log.start(() => undefined);
  script.append('a');
  await listener.log.look();
  expect(listener.delivered).toEqual(['1 a']);
  expect(listener.log.isClosed).toBe(true);
  listener.receive(script.append('b'));
  expect(listener.delivered).toEqual(['1 a']);
});
