/** Reading the end of a log: what is opened is closed again, however it ends. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { LiveError } from '../../src/errors.ts';
import { writeCursor } from '../../src/topics/cursor.ts';
import type { Hub } from '../../src/topics/hub.ts';
import { readWindow } from '../../src/topics/log-window.ts';

/** A log of four events, of which a window begins after the second. */
const LOG = [1, 2, 3, 4].map((offset) => ({ offset }));
const CURSOR = writeCursor({ epoch: '7', offset: 4, seal: '0123456789abcdef' });

/** A topic, and what is done to it. */
function useTopic(past: (replay: object) => Promise<unknown>, isLost = false) {
  const done: string[] = [];
  const hub = {
    open(_topic: unknown, listener: { onLost(error: LiveError): void }) {
      if (isLost) listener.onLost(new LiveError('CURSOR_EXPIRED', 'gone'));
      return {
        ready: Promise.resolve(),
        start: { cursor: CURSOR },
        past: () => past(replay),
        close: () => done.push('closed'),
      };
    },
  } as unknown as Pick<Hub, 'open'>; // all that is asked of it
  const release = (): void => void done.push('released');
  const events = (until: number, from: number) =>
    LOG.filter(({ offset }) => offset > from && offset <= until);
  const replay = { after: 2, cursor: '', ms: 60, now: 0, events, release };
  const { signal } = new AbortController();
  const read = (ms = 60) => readWindow(hub, { kind: 'request', unitId: '5' }, ms, signal);
  return { done, replay, read };
}

test('a topic is closed and its events are released, also where it was lost', async () => {
  for (const isLost of [false, true]) {
    const topic = useTopic(async (replay) => replay, isLost);
    if (isLost) await expect(topic.read()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    else expect(await topic.read()).toMatchObject({ knownMs: 60 });
    expect(topic.done).toEqual(['released', 'closed']);
  }
});

test('where Redis went away in the middle there is no answer, rather than a part of one', async () => {
  const topic = useTopic(async (replay) => ({ ...replay, ms: 5, isInterrupted: true }));
  await expect(topic.read()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(topic.done).toEqual(['released', 'closed']);
});

test('a window has what happened in it, and besides what is known of the time before', async () => {
  const topic = useTopic(async (replay) => replay);
  const [one, two, three, four] = LOG;
  expect(await topic.read()).toMatchObject({
    events: [three, four],
    before: [one, two],
    first: { epoch: '7', offset: 2 },
    last: { epoch: '7', offset: 4 },
  });
  expect(await topic.read(61)).toMatchObject({ events: LOG, before: [], first: { offset: 0 } });
});

test('a log that Redis does not answer for holds up nobody for ever', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let arrive = (_replay: unknown): void => undefined;
  const topic = useTopic(
    () =>
      new Promise((resolve) => {
        arrive = resolve;
      }),
  );
  const refused = expect(topic.read()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await vi.advanceTimersByTimeAsync(5000);
  await refused;
  expect(topic.done).toEqual(['closed']);
  arrive(topic.replay);
  await vi.advanceTimersByTimeAsync(0);
  expect(topic.done).toEqual(['closed', 'released']);
});
