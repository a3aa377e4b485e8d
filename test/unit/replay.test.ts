/** A replay follows one history of the log: memory and log must fit together. */
import { expect, test } from 'vitest';
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
  const listener = await listenFromNow(script);
  const recent = createRecentEvents(createRecentBudget(10_000, 10_000));
  const replay = createReplays({
    bus: script.bus,
    stream: 'stream',
    generationKey: 'generation',
    topicLog: listener.log,
    recent,
    reread: readStorage,
  });
  return { script, listener, recent, replay, cursor };
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

test('a log with another history than the process knows is not replayed', async () => {
  const { script, listener, replay, cursor } = await useReplays();
  goAnotherWay(script, listener);
  await expect(replay(cursor)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
});

test('it is not replayed before events in memory either', async () => {
  const { script, listener, recent, replay, cursor } = await useReplays();
  const newest = listener.log.newest ?? expect.fail();
  recent.append(newest, 100);
  goAnotherWay(script, listener);
  await expect(replay(cursor)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
});
