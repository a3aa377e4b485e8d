/** Processes that show each other's faces: what one that dies leaves, and what happens while the bus is away. The clock is the test's. */
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Bus, Notes } from '../../src/bus/bus.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { createMemoryNotes } from '../../src/bus/memory-notes.ts';
import { createLogger } from '../../src/log.ts';
import type { Hub } from '../../src/topics/hub.ts';
import type { Face } from '../../src/topics/presence/faces.ts';
import { keepPresence, type Presence } from '../../src/topics/presence/presence.ts';
import { names } from '../support/topics.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const REQUESTS = { kind: 'request', unitId: '5' };
const LOST = { userId: '17', tokenId: 'his', expiresAt: Number.POSITIVE_INFINITY };

const face = (objectId: string, doing: Face['doing'] = 'LOOKING'): Face => ({
  objectId,
  userId: LOST.userId,
  name: null,
  role: null,
  doing,
  action: null,
  since: Date.now(),
});

/** Nothing happens to objects. */
const hub: Pick<Hub, 'open'> = {
  open: () => ({
    ready: Promise.resolve(),
    newest: undefined,
    start: undefined,
    replay: () => Promise.reject(new Error('there is nothing')),
    past: () => undefined,
    close: () => undefined,
  }),
};

function useProcess(bus: Bus): Presence {
  const presence = keepPresence({ bus, names, hub, log: createLogger('silent') });
  onTestFinished(presence.close);
  return presence;
}

/** A bus that reaches nobody any more once it is cut, as if its process were killed. */
function useBusOfKilled(bus: Bus) {
  const notes = bus.notes ?? createMemoryNotes();
  let isCut = false;
  const unlessCut = <Answer>(call: () => Promise<Answer>): Promise<Answer> =>
    isCut ? Promise.reject(new Error('killed')) : call();
  return {
    bus: {
      ...bus,
      publish: (...message: Parameters<Bus['publish']>) => unlessCut(() => bus.publish(...message)),
      notes: {
        put: (...note: Parameters<Notes['put']>) => unlessCut(() => notes.put(...note)),
        all: notes.all,
      },
    },
    kill: () => {
      isCut = true;
    },
  };
}

/** Watches the requests of unit 5. Returns how to ask who is shown. */
async function watch(presence: Presence): Promise<() => readonly string[]> {
  const watching = presence.watch('request', () => undefined);
  await vi.advanceTimersByTimeAsync(1000);
  return () => watching.of('5').map(({ objectId, doing }) => `${objectId} ${doing}`);
}

test('what a process that was killed showed is gone after 15 seconds, and what the others show is not', async () => {
  const bus = createMemoryBus();
  const killed = useBusOfKilled(bus);
  const [one, other] = [useProcess(killed.bus), useProcess(bus)];
  const shown = await watch(other);
  one.announce(REQUESTS, face('1'), 'a session');
  other.announce(REQUESTS, face('2'), 'a session');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(shown()).toEqual(['1 LOOKING', '2 LOOKING']);
  killed.kill();
  await vi.advanceTimersByTimeAsync(9000);
  expect(shown()).toEqual(['1 LOOKING', '2 LOOKING']);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(shown()).toEqual(['2 LOOKING']);
});

test('a face at two processes is one, and who acts at one of them acts', async () => {
  const bus = createMemoryBus();
  const [one, other] = [useProcess(bus), useProcess(bus)];
  const shown = await watch(other);
  const leave = one.announce(REQUESTS, face('1', 'ACTING'), 'a session');
  other.announce(REQUESTS, face('1'), 'a session');
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown()).toEqual(['1 ACTING']);
  leave();
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown()).toEqual(['1 LOOKING']);
});

test('a lost connection leaves its face for 15 seconds, and not longer than its token was good', async () => {
  const presence = useProcess(createMemoryBus());
  const shown = await watch(presence);
  presence.announce(REQUESTS, face('1'), 'a session')(LOST);
  presence.announce(REQUESTS, face('2'), 'a session')({ ...LOST, expiresAt: Date.now() + 3000 });
  await vi.advanceTimersByTimeAsync(2900);
  expect(shown()).toEqual(['1 LOOKING', '2 LOOKING']);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(shown()).toEqual(['1 LOOKING']);
  await vi.advanceTimersByTimeAsync(200);
  expect(shown()).toEqual([]);
  presence.announce(REQUESTS, face('3'), 'a session')(LOST);
  presence.announce(REQUESTS, face('3'), 'the next session')(); // the user was back, and left
  await vi.advanceTimersByTimeAsync(100);
  expect(shown()).toEqual([]);
});

test('a lost connection leaves no face where another session shows its user, as when a stream takes the place of another', async () => {
  const presence = useProcess(createMemoryBus());
  const shown = await watch(presence);
  const looking = presence.announce(REQUESTS, face('1'), 'a stream');
  const acting = presence.announce(REQUESTS, face('1', 'ACTING'), 'a stream');
  const next = presence.announce(REQUESTS, face('1'), 'the next stream');
  acting(LOST);
  looking(LOST);
  await vi.advanceTimersByTimeAsync(100);
  expect(shown()).toEqual(['1 LOOKING']);
  const actingNext = presence.announce(REQUESTS, face('1', 'ACTING'), 'the next stream');
  actingNext(LOST);
  next(LOST);
  await vi.advanceTimersByTimeAsync(14_000);
  expect(shown()).toEqual(['1 ACTING']);
});

test('a user who lost the connection to one process is shown as another one knows it, and not at all after leaving there', async () => {
  const bus = createMemoryBus();
  const [one, other, third] = [useProcess(bus), useProcess(bus), useProcess(bus)];
  const all = [await watch(one), await watch(other), await watch(third)];
  one.announce(REQUESTS, face('1', 'ACTING'), 'a session')(LOST);
  await vi.advanceTimersByTimeAsync(1000);
  const leave = other.announce(REQUESTS, face('1'), 'a session');
  await vi.advanceTimersByTimeAsync(1000);
  for (const shown of all) expect(shown()).toEqual(['1 LOOKING']);
  leave();
  await vi.advanceTimersByTimeAsync(1000);
  for (const shown of all) expect(shown()).toEqual([]);
  third.announce(REQUESTS, face('1'), 'a session')(LOST); // the last news are that the connection was lost
  await vi.advanceTimersByTimeAsync(1000);
  for (const shown of all) expect(shown()).toEqual(['1 LOOKING']);
  await vi.advanceTimersByTimeAsync(15_000);
  for (const shown of all) expect(shown()).toEqual([]);
});

test('of two connections that were lost the last one counts, and of those that were lost together the one that acted', async () => {
  const bus = createMemoryBus();
  const [one, other] = [useProcess(bus), useProcess(bus)];
  const shown = await watch(one);
  const acting = ['1', '2'].map((id) => one.announce(REQUESTS, face(id, 'ACTING'), 'a session'));
  const looking = ['1', '2'].map((id) => other.announce(REQUESTS, face(id), 'a session'));
  acting[0]?.(LOST);
  await vi.advanceTimersByTimeAsync(5000);
  acting[1]?.(LOST);
  for (const leave of looking) leave(LOST);
  await vi.advanceTimersByTimeAsync(1000);
  expect(shown()).toEqual(['1 LOOKING', '2 ACTING']);
});

test('a process that stops takes away whom it has not lost, leaves the others for what is left of 15 seconds, and writes no more', async () => {
  const bus = createMemoryBus();
  const [one, other] = [useProcess(bus), useProcess(bus)];
  const shown = await watch(other);
  const [leave, lose] = ['1', '2'].map((id) => one.announce(REQUESTS, face(id), 'a session'));
  await vi.advanceTimersByTimeAsync(1000);
  lose?.(LOST);
  await vi.advanceTimersByTimeAsync(4000);
  leave?.();
  await one.close();
  await vi.advanceTimersByTimeAsync(500);
  expect(shown()).toEqual(['2 LOOKING']);
  await vi.advanceTimersByTimeAsync(10_400);
  expect(shown()).toEqual(['2 LOOKING']);
  await vi.advanceTimersByTimeAsync(200);
  expect(shown()).toEqual([]);
});

test('of a crowd 500 are shown: who acts, and somebody at each object; who watches one object sees all at it, also from afar', async () => {
  const bus = createMemoryBus();
  const [one, other] = [useProcess(bus), useProcess(bus)];
  const watching = other.watch('request', () => undefined);
  await vi.advanceTimersByTimeAsync(1000);
  const somebody = (index: number, objectId: string) => ({ ...face(objectId), userId: `${index}` });
  for (let index = 0; index < 2000; index += 1)
    one.announce(REQUESTS, somebody(index, '1'), `session ${index}`);
  await vi.advanceTimersByTimeAsync(10);
  one.announce(REQUESTS, somebody(5000, 'late'), 'late');
  one.announce(REQUESTS, { ...somebody(5001, '1'), doing: 'ACTING' }, 'acts');
  await vi.advanceTimersByTimeAsync(1000);
  const shown = watching.of('5');
  expect(shown).toHaveLength(500);
  expect(shown.slice(-2).map(({ userId }) => userId)).toEqual(['5000', '5001']);
  expect(watching.of('5', 'late').map(({ userId }) => userId)).toEqual(['5000']);
  expect(watching.of('5', '1')).toHaveLength(500);
});

test('2,000 who come and go leave no timer, no listener, and no note that lasts', async () => {
  const bus = createMemoryBus();
  const subscribed = vi.spyOn(bus, 'subscribe');
  const written = vi.fn();
  const notes = createMemoryNotes();
  const counting: Notes = {
    put: (board, some, ms) => {
      written(some);
      return notes.put(board, some, ms);
    },
    all: notes.all,
  };
  const presence = useProcess({ ...bus, notes: counting });
  for (let index = 0; index < 2000; index += 1) {
    const leave = presence.announce(REQUESTS, face(`${index}`), 'a session');
    const watching = presence.watch('request', () => undefined);
    if (index % 40 === 0) await vi.advanceTimersByTimeAsync(1);
    watching.close();
    leave(index % 2 === 0 ? LOST : undefined);
  }
  await vi.advanceTimersByTimeAsync(1500);
  expect(vi.getTimerCount()).toBeLessThan(64 + 10);
  const texts = written.mock.calls.flatMap(([some]) => [...some.values()]);
  expect(Math.max(...texts.map((text: string) => text.length))).toBeLessThan(60_000);
  expect(written.mock.calls.length).toBeLessThan(10);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(subscribed.mock.calls.length).toBeGreaterThan(0);
  expect((await notes.all(names.presenceBoard('request'))).size).toBe(0);
  const [shown] = [await watch(presence)];
  expect(shown()).toEqual([]);
});

test('64 faces of a user stay at a time after their connections are gone', async () => {
  const presence = useProcess(createMemoryBus());
  const shown = await watch(presence);
  for (const round of ['a', 'b'])
    for (let index = 0; index < 70; index += 1)
      presence.announce(REQUESTS, face(`${round}${index}`), round)(LOST);
  await vi.advanceTimersByTimeAsync(100);
  expect(shown()).toHaveLength(64);
  await vi.advanceTimersByTimeAsync(15_000);
  presence.announce(REQUESTS, face('1'), 'c')(LOST);
  await vi.advanceTimersByTimeAsync(100);
  expect(shown()).toEqual(['1 LOOKING']);
});

test('a note that no server would write is none: it ends no process', async () => {
  const bus = createMemoryBus();
  const shown = await watch(useProcess(bus));
  const notes = [9e15, -1, '1', null].map((since, index) => ({ ...face(`${index}`), since }));
  const texts = notes.map((note) => JSON.stringify({ faces: [note], left: [] }));
  for (const text of [...texts, '{', '7', '[null]', '{"faces":[null],"left":[]}'])
    await bus.notes?.put(names.presenceBoard('request'), new Map([[`5:${text}`, text]]), 60_000);
  await vi.advanceTimersByTimeAsync(6000);
  expect(shown()).toEqual([]);
});

test.each([
  ['refuses', () => Promise.reject(new Error('away'))],
  ['does not answer', (back: Promise<never>) => back],
])(
  'while the bus %s, a process shows its own faces, asks seldom, and forgets those of others',
  async (_how, answer) => {
    const bus = createMemoryBus();
    let isAway = false;
    let asked = 0;
    let giveUp = (_error: Error): void => undefined;
    const back = new Promise<never>((_resolve, reject) => {
      giveUp = reject;
    });
    back.catch(() => undefined);
    const notes: Notes = createMemoryNotes();
    const faulty: Notes = {
      put: (...note) => (isAway ? answer(back) : notes.put(...note)),
      all(board) {
        asked += 1;
        return isAway ? answer(back) : notes.all(board);
      },
    };
    const [one, other] = [useProcess({ ...bus, notes }), useProcess({ ...bus, notes: faulty })];
    const shown = await watch(other);
    one.announce(REQUESTS, face('1'), 'a session');
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown()).toEqual(['1 LOOKING']);
    isAway = true;
    asked = 0;
    other.announce(REQUESTS, face('2'), 'a session');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(shown()).toEqual(['2 LOOKING']);
    expect(asked).toBeLessThanOrEqual(7);
    isAway = false;
    giveUp(new Error('away'));
    await vi.advanceTimersByTimeAsync(6000);
    expect(shown()).toEqual(['1 LOOKING', '2 LOOKING']);
  },
);

test('nothing runs while nobody is there and nobody watches', async () => {
  const presence = useProcess(createMemoryBus());
  const leave = presence.announce(REQUESTS, face('1'), 'a session');
  const watching = presence.watch('request', () => undefined);
  await vi.advanceTimersByTimeAsync(1000);
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  watching.close();
  leave();
  await vi.advanceTimersByTimeAsync(21_000); // until nobody has to know any more who has left
  expect(vi.getTimerCount()).toBe(0);
});

test('nothing runs after the end, also if Redis refuses what is under way', async () => {
  let refuse = (_error: Error): void => undefined;
  const put = () =>
    new Promise<never>((_resolve, reject) => {
      refuse = reject;
    });
  const presence = useProcess({ ...createMemoryBus(), notes: { ...createMemoryNotes(), put } });
  const leave = presence.announce(REQUESTS, face('1'), 'a session');
  const isClosed = presence.close();
  leave(LOST);
  refuse(new Error('away'));
  await vi.advanceTimersByTimeAsync(1000);
  await isClosed;
  expect(vi.getTimerCount()).toBe(0);
});
