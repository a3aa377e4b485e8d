/** One topic as a process knows it: in order, each once, nothing missing, or told that it is lost. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LOG_PAGE } from '../../src/topics/log-reader.ts';
import { settled } from '../support/alone.ts';
import { bare, createScriptedLog, hear, hearFromNow, type ScriptedLog } from '../support/scripted-log.ts';
import { numbers } from '../support/topics.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('events', () => {
  test('are told as they come, behind where the log ended', async () => {
    const script = createScriptedLog();
    script.append('a');
    const heard = await hearFromNow(script);
    expect(heard.log.last.offset).toBe(1);
    heard.receive(script.append('b'), script.append('c'));
    expect(heard.told).toEqual(['2 b', '3 c']);
    expect(heard.log.newest).toMatchObject({ offset: 3, cursor: heard.log.cursor });
    expect(script.reads).toBe(0);
  });

  test('begin with the first of a log that was empty', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    expect(heard.log.last).toEqual({ epoch: '0', offset: 0 });
    heard.receive(script.append('a'), script.append('b'));
    expect(heard.told).toEqual(['1 a', '2 b']);
  });

  test('that were told already are dropped', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    const [a, b] = [script.append('a'), script.append('b')];
    heard.receive(a, b, b, a, a, b);
    await settled();
    expect(heard.told).toEqual(['1 a', '2 b']);
    expect([heard.lost, script.reads]).toEqual([[], 0]);
  });

  test('that break the contract are passed over, and those behind them come', async () => {
    const script = createScriptedLog();
    script.append('old', 'not JSON');
    const heard = await hearFromNow(script);
    const before = heard.log.cursor;
    heard.receive(script.append('bad', 'not JSON either'), script.append('b'));
    expect(heard.told).toEqual(['2 -', '3 b']);
    expect(heard.log.cursor).not.toBe(before);
  });

  test('that are bare are told between logged ones, without a position', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    heard.receive(script.append('a'), bare('x'), script.append('b'));
    heard.receive({ channel: 'dms:storage:unit:5', payload: Buffer.from('@not an envelope') });
    heard.receive(script.append('c'));
    expect(heard.told).toEqual(['1 a', '0 x', '2 b', '3 c']);
  });
});

describe('a start', () => {
  test('tells what came meanwhile, once, behind what it has found', async () => {
    const script = createScriptedLog();
    const messages = [script.append('a'), script.append('b')];
    const release = script.holdReads();
    const heard = hear(script);
    const found: number[] = [];
    const started = heard.log.start(() => found.push(heard.log.last.offset));
    heard.receive(...messages, script.append('c'));
    const late = script.append('d');
    release();
    await started;
    heard.receive(late);
    expect(found).toEqual([4]);
    expect(heard.told).toEqual([]); // all of it was before the start: it is what the log ends with
    heard.receive(script.append('e'));
    expect(heard.told).toEqual(['5 e']);
  });

  test('tells what the log had not when it was read', async () => {
    const script = createScriptedLog();
    script.append('a');
    const heard = hear(script);
    const started = heard.log.start(() => heard.receive(script.append('b'), script.append('c')));
    await started;
    expect(heard.told).toEqual(['2 b', '3 c']);
  });

  test('is not overtaken by a read that is asked for before it is done: the past is no news', async () => {
    const script = createScriptedLog();
    for (const id of ['a', 'b', 'c']) script.append(id);
    script.trim(1);
    const release = script.holdReads();
    const heard = hear(script);
    const started = heard.log.start(() => undefined);
    void heard.log.catchUp();
    heard.log.pause();
    heard.log.resume();
    release();
    await started;
    expect([heard.told, heard.lost]).toEqual([[], []]);
    heard.receive(script.append('d'));
    expect(heard.told).toEqual(['4 d']);
  });

  test('waits out a bus that does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const script = createScriptedLog();
    script.append('a');
    script.failReads(3);
    const heard = hear(script);
    const started = heard.log.start(() => undefined);
    await vi.advanceTimersByTimeAsync(1000);
    await started;
    heard.receive(script.append('b'));
    expect(heard.told).toEqual(['2 b']);
  });

  test('fails where the key is no log', async () => {
    const script = createScriptedLog();
    script.failReads(1, 'WRONGTYPE Operation against a key');
    await expect(hear(script).log.start(() => undefined)).rejects.toThrow('WRONGTYPE');
  });

  test.each(['NOPERM this user has no permissions', 'LOADING Redis is loading', 'what nobody thought of'])(
    'fails where the bus refuses for some seconds, and not sooner: %s',
    async (message) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
      const script = createScriptedLog();
      script.failReads(10, message);
      const started = hear(script).log.start(() => undefined);
      await vi.advanceTimersByTimeAsync(4000);
      await started;
      script.failReads(1000, message);
      const refused = hear(script).log.start(() => undefined);
      refused.catch(() => undefined);
      await vi.advanceTimersByTimeAsync(6000);
      await expect(refused).rejects.toThrow(message);
    },
  );
});

describe('a hole', () => {
  test('is filled before anything newer is told', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    heard.receive(script.append('a'));
    script.append('b');
    script.append('c');
    heard.receive(script.append('d'), script.append('e'));
    expect(heard.told).toEqual(['1 a']);
    await settled();
    expect(heard.told).toEqual(['1 a', '2 b', '3 c', '4 d', '5 e']);
    expect(script.reads).toBe(1);
  });

  test('that is long is filled page by page, also while more comes than can wait', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    heard.receive(script.append('1'));
    for (const id of numbers(2, 600)) script.append(id);
    const release = script.holdReads();
    heard.receive(...numbers(601, 2500).map((id) => script.append(id)));
    await settled();
    expect(heard.told).toEqual(['1 1']);
    release();
    await vi.waitFor(() => expect(heard.told.length).toBe(2500));
    expect(heard.told).toEqual(numbers(1, 2500).map((id) => `${id} ${id}`));
    expect([heard.lost, script.longestRead]).toEqual([[], LOG_PAGE]);
    heard.receive(script.append('next'));
    expect(heard.told.at(-1)).toBe('2501 next');
  });

  test('at the beginning is filled as well', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    script.append('a');
    heard.receive(script.append('b'));
    await settled();
    expect(heard.told).toEqual(['1 a', '2 b']);
  });

  test('is filled although bare events, repetitions and another hole come while the log is read', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    const a = script.append('a');
    heard.receive(a);
    script.append('b');
    const release = script.holdReads();
    heard.receive(script.append('c'), bare('x'), a);
    await settled();
    expect(heard.told).toEqual(['1 a']);
    release();
    await settled();
    script.append('d');
    heard.receive(script.append('e'));
    await settled();
    expect(heard.told.filter((event) => event !== '0 x')).toEqual(['1 a', '2 b', '3 c', '4 d', '5 e']);
    expect(heard.told).toContain('0 x');
  });

  test('that a message shows after it was read over makes it be read again', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    script.append('a');
    const b = script.append('b');
    const release = script.holdReads();
    heard.receive(b);
    const c = script.append('c');
    release();
    await settled();
    script.append('d');
    heard.receive(c, script.append('e'));
    await settled();
    expect(heard.told).toEqual(['1 a', '2 b', '3 c', '4 d', '5 e']);
  });

  test('of more than one page is filled', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    heard.receive(script.append('first'));
    for (let at = 0; at < 25_000; at += 1) script.append('missed', 'quick to check');
    heard.receive(script.append('last'));
    await vi.waitFor(() => expect(heard.told.at(-1)).toBe('25002 last'));
    expect([heard.told.length, heard.lost]).toEqual([25_002, []]);
  });

  test('of more messages than may wait is filled from the log', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    script.append('missed', 'quick to check');
    const release = script.holdReads();
    for (let at = 0; at < 12_000; at += 1) heard.receive(script.append('more', 'quick to check'));
    release();
    await vi.waitFor(() => expect(heard.log.last.offset).toBe(12_001));
    expect([heard.told.length, heard.lost]).toEqual([12_001, []]);
  });

  test('is filled once the bus answers again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    script.append('a');
    script.failReads(5);
    heard.receive(script.append('b'));
    await vi.advanceTimersByTimeAsync(5000);
    expect(heard.told).toEqual(['1 a', '2 b']);
  });
});

describe('a pause', () => {
  test('lets nothing that comes be told before what may be missing', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    heard.log.pause();
    script.append('a');
    heard.receive(script.append('b'), bare('x'));
    await settled();
    expect(heard.told).toEqual([]);
    heard.log.resume();
    await settled();
    expect(heard.told).toEqual(['1 a', '2 b', '0 x']);
  });

  test('that does not end keeps nothing back for ever: a check tells what the log has, however much it is', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    heard.log.pause();
    for (const id of numbers(1, 600)) heard.receive(script.append(id));
    await heard.log.check();
    expect(heard.told).toEqual(numbers(1, 600).map((id) => `${id} ${id}`));
    heard.log.resume();
    heard.receive(script.append('next'));
    await settled();
    expect([heard.told.length, heard.told.at(-1), heard.lost]).toEqual([601, '601 next', []]);
  });

  test('and its end while a page is read change nothing', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    for (const id of numbers(1, 300)) script.append(id);
    const release = script.holdReads();
    heard.receive(script.append('301'));
    await settled();
    heard.log.pause();
    release();
    await vi.waitFor(() => expect(heard.told.length).toBe(301));
    heard.log.resume();
    heard.receive(script.append('302'));
    await settled();
    expect([heard.told.length, heard.told.at(-1), heard.lost]).toEqual([302, '302 302', []]);
  });
});

describe('a check', () => {
  test('finds what was missed without a sign, at the next look if the bus is away at this one', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    script.append('a');
    script.failReads(1);
    await heard.log.check();
    expect(heard.told).toEqual([]);
    await heard.log.check();
    expect(heard.told).toEqual(['1 a']);
  });

  test('looks once, however often it is asked for before the bus answers', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    const readLast = vi.spyOn(script.bus, 'readLast');
    const release = script.holdReads();
    const checks = [heard.log.check(), heard.log.check()];
    release();
    await Promise.all(checks);
    expect(readLast).toHaveBeenCalledTimes(1);
    await heard.log.check();
    expect(readLast).toHaveBeenCalledTimes(2);
  });
});

describe('a log whose events were deleted for their age', () => {
  test('is gone on from where it ended, without a loss, by whoever heard its end', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    heard.receive(script.append('a'), script.append('b'));
    const { cursor } = heard.log;
    script.sweep(2);
    await heard.log.check();
    await heard.log.catchUp();
    expect(heard.log.cursor).toBe(cursor);
    heard.receive(script.append('c'));
    script.append('d');
    heard.receive(script.append('e'));
    await settled();
    expect([heard.told, heard.lost]).toEqual([['1 a', '2 b', '3 c', '4 d', '5 e'], []]);
  });

  test('is found by its seal: the same cursor as before, and nothing newest', async () => {
    const script = createScriptedLog();
    const before = await hearFromNow(script);
    before.receive(script.append('a'), script.append('b'));
    script.sweep(2);
    const after = await hearFromNow(script);
    expect([after.log.cursor, after.log.last]).toEqual([before.log.cursor, before.log.last]);
    expect(after.log.newest).toBeUndefined();
    after.receive(script.append('c'));
    expect(after.told).toEqual(['3 c']);
  });

  test('is gone on from its seal although the message of the event behind it is lost', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    heard.receive(script.append('a'));
    script.sweep(1);
    script.append('b');
    await heard.log.check();
    expect([heard.told, heard.lost]).toEqual([['1 a', '2 b'], []]);
  });

  test.each<[string, (script: ScriptedLog) => void]>([
    ['some unheard events', (script) => script.sweep(2)],
    [
      'all of them, and more came',
      (script) => {
        script.sweep(3);
        script.append('d');
      },
    ],
  ])('is lost where these were %s', async (_what, happens) => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    heard.receive(script.append('a'));
    script.append('b');
    script.append('c');
    happens(script);
    await heard.log.check();
    expect([heard.told, heard.lost]).toEqual([['1 a'], ['CURSOR_EXPIRED']]);
  });

  test('is lost as well where nothing had been told of it at all', async () => {
    const script = createScriptedLog();
    const heard = await hearFromNow(script);
    script.append('a');
    script.sweep(1);
    await heard.log.check();
    expect([heard.told, heard.lost]).toEqual([[], ['CURSOR_EXPIRED']]);
  });
});

describe('a bus that refuses to write, and has no generation', () => {
  test('keeps no empty topic from opening, and no event from coming', async () => {
    const script = createScriptedLog();
    script.refuseGeneration();
    const heard = await hearFromNow(script);
    heard.receive(script.append('a'));
    expect(heard.told).toEqual(['1 a']);
  });

  test('has one as soon as it writes: what was given out as a cursor is then good', async () => {
    const script = createScriptedLog();
    const proposals: string[] = [];
    let isRefusing = true;
    const agree = async (_key: string, proposal: string) => {
      proposals.push(proposal);
      return isRefusing ? undefined : proposal;
    };
    const heard = await hearFromNow({ ...script, bus: { ...script.bus, agree } });
    const { cursor } = heard.log;
    await heard.log.check();
    isRefusing = false;
    await heard.log.check();
    expect([new Set(proposals).size, heard.log.cursor]).toEqual([1, cursor]);
    await heard.log.catchUp(); // a Redis that lost its data would ask again
    expect(new Set(proposals).size).toBe(2);
  });
});

test('closed while it reads, it tells and throws nothing', async () => {
  const script = createScriptedLog();
  const heard = await hearFromNow(script);
  script.append('a');
  script.failReads(1, 'Connection is closed.');
  const release = script.holdReads();
  heard.receive(script.append('b'));
  heard.log.close();
  release();
  await settled();
  heard.receive(script.append('c'));
  await heard.log.catchUp();
  heard.log.resume();
  await settled();
  expect([heard.told, heard.lost]).toEqual([[], []]);
});
