/** A replay follows one history of the log: memory and log must fit together. */
import { describe, expect, test } from 'vitest';
import { writeCursor } from '../../src/topics/cursor.ts';
import { createRecentBudget, createRecentEvents } from '../../src/topics/recent-events.ts';
import { createReplays } from '../../src/topics/replay.ts';
import {
  createScriptedLog,
  type LogListener,
  listenFromNow,
  readStorage,
  type ScriptedLog,
} from '../support/scripted-log.ts';

/** A process that started when the log had `a`, `b` and `c`; the cursor after `a`; and the process's replays. */
async function useReplays() {
  const script = createScriptedLog();
  script.append('a');
  const { cursor } = (await listenFromNow(script)).log;
  for (const id of ['b', 'c']) script.append(id);
  return { script, cursor, ...(await replaysOf(script)) };
}

async function replaysOf(script: ScriptedLog) {
  const listener = await listenFromNow(script);
  const recent = createRecentEvents(createRecentBudget(10_000, 10_000));
  const replays = createReplays({
    bus: script.bus,
    stream: 'stream',
    generationKey: 'generation',
    topicLog: listener.log,
    recent,
    age: { emptySince: () => Number.POSITIVE_INFINITY },
    reread: readStorage,
    origin: () => undefined,
    isOfSnapshots: false,
  });
  return { listener, recent, replay: replays.after, since: replays.since };
}

/** A fail-over that the process has not noticed yet. */
function goAnotherWay(script: ScriptedLog, listener: LogListener): void {
  listener.log.pause();
  script.loseTail(2);
  for (const id of ['other b', 'other c', 'other d']) script.append(id);
}

test('events in the log before the newest event are replayed', async () => {
  const { replay, cursor } = await useReplays();
  const { after, events } = await replay(cursor);
  expect([after, events(3).map(({ event }) => event?.data.id)]).toEqual([1, ['b', 'c']]);
});

/** The client comes back, and the topic is opened again. */
async function comeBack(script: ScriptedLog, cursor: string): Promise<readonly (string | undefined)[]> {
  const { replay, listener } = await replaysOf(script);
  return (await replay(cursor)).events(listener.log.last.offset).map(({ event }) => event?.data.id);
}

describe('a client whose good cursor does not fit a topic that has not noticed its loss comes back, and resumes', () => {
  test('if the log has another history than the process knows', async () => {
    const { script, listener, replay, cursor } = await useReplays();
    goAnotherWay(script, listener);
    await expect(replay(cursor)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(listener.lost).toEqual(['CURSOR_EXPIRED']);
    expect(await comeBack(script, cursor)).toEqual(['other b', 'other c', 'other d']);
  });

  test('if events in memory are of the other history', async () => {
    const { script, listener, recent, replay, cursor } = await useReplays();
    const newest = listener.log.newest ?? expect.fail();
    recent.append(newest, 100);
    goAnotherWay(script, listener);
    await expect(replay(cursor)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await comeBack(script, cursor)).toEqual(['other b', 'other c', 'other d']);
  });

  test('if what the process missed was deleted for its age, but not what the client missed', async () => {
    const { script, listener, replay } = await useReplays();
    for (const id of ['d', 'e']) script.append(id);
    const { cursor } = (await listenFromNow(script)).log;
    script.append('f');
    script.sweep(4);
    await expect(replay(cursor)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(listener.lost).toEqual(['CURSOR_EXPIRED']);
    expect(await comeBack(script, cursor)).toEqual(['f']);
  });

  test('if the log began again', async () => {
    const { script, listener, replay } = await useReplays();
    script.flush();
    script.append('g');
    const { cursor } = (await listenFromNow(script)).log;
    script.append('h');
    await expect(replay(cursor)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(listener.lost).toEqual(['CURSOR_EXPIRED']);
    expect(await comeBack(script, cursor)).toEqual(['h']);
  });
});

/** Cursors that no server has written: of the newest event, of one that is not there yet, and of another log. */
const FORGED = (
  [
    ['1000', 3],
    ['1000', 9],
    ['1', 3],
  ] as const
).map(([epoch, offset]) => writeCursor({ epoch, offset, seal: '0123456789abcdef' }));

describe.each(FORGED)('while the log cannot be read, a forged cursor', (forged) => {
  test('holds up no message of the topic, and no good cursor', async () => {
    const { script, listener, recent, replay, cursor } = await useReplays();
    recent.hold();
    await replay(cursor); // what it needs is in memory from now on
    const letRead = script.holdReads();
    const refused = expect(replay(forged)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await new Promise((resolve) => setImmediate(resolve)); // by then it waits
    listener.receive(script.append('d'));
    expect(listener.delivered).toEqual(['4 d']);
    expect((await replay(cursor)).after).toBe(1);
    script.failReads(1);
    letRead();
    await refused;
    expect(listener.lost).toEqual([]);
  });

  test('is not refused for good', async () => {
    const { script, listener, replay, cursor } = await useReplays();
    await replay(cursor);
    script.failReads(1);
    await expect(replay(forged)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(replay(forged)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
    expect(listener.lost).toEqual([]);
  });
});

test('a cursor of an event that this process has not received yet is good', async () => {
  const { script, listener, replay } = await useReplays();
  script.append('d');
  const { cursor } = (await listenFromNow(script)).log;
  script.append('e');
  const { after } = await replay(cursor);
  expect([after, listener.delivered]).toEqual([4, ['4 d', '5 e']]);
});

test('clients that come together with cursors that lead nowhere cost one look at the end of the log', async () => {
  const { script, listener, replay } = await useReplays();
  const { looks } = script;
  const refusals = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) => replay(FORGED[at % 3] ?? '')),
  );
  for (const refusal of refusals)
    expect(refusal).toMatchObject({ status: 'rejected', reason: { code: 'CURSOR_EXPIRED' } });
  expect(script.looks - looks).toBe(1);
  expect(listener.lost).toEqual([]);
});
