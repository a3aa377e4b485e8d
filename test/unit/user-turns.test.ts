import { expect, onTestFinished, test, vi } from 'vitest';
import { createUserTurns, type TurnOwner } from '../../src/auth/user-turns.ts';
import { SessionError } from '../../src/errors.ts';
import { createOneATurn } from '../../src/graphql/one-a-turn.ts';

/** A session of a user, and how to end it. */
function sessionOf(id: string): TurnOwner & { end(): void } {
  let listener: Parameters<TurnOwner['onEnd']>[0] = () => undefined;
  return {
    identity: { viewer: { id } },
    onEnd(added) {
      listener = added;
      return () => undefined;
    },
    end: () => listener(new SessionError('revoked')),
  };
}

/** A task that notes when it runs, and ends when it is released. */
function createTask(running: Set<string>, name: string) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const task = async (): Promise<string> => {
    running.add(name);
    await released;
    running.delete(name);
    return name;
  };
  return { task, release: () => release() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('one task of each user runs at a time, and a few of all together', async () => {
  const turns = createUserTurns({ together: 2, maxWaiting: 5, perMinute: 10 });
  const running = new Set<string>();
  const tasks = ['17 a', '17 b', '23', '40'].map((name) => createTask(running, name));
  const [a, b, other, third] = tasks.map(({ task }, index) =>
    turns.run(sessionOf(['17', '17', '23', '40'][index] ?? ''), task),
  );
  await turn();
  expect([...running]).toEqual(['17 a', '23']);
  for (const { release } of tasks) release();
  expect(await Promise.all([a, b, other, third])).toEqual(['17 a', '17 b', '23', '40']);
});

test('a user who asks more than may wait, or too often, is refused alone', async () => {
  const turns = createUserTurns({ together: 2, maxWaiting: 1, perMinute: 3 });
  const { task, release } = createTask(new Set(), '');
  const head = sessionOf('17');
  const first = [turns.run(head, task), turns.run(head, task)];
  await expect(turns.run(head, task)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  release();
  await Promise.all(first);
  await turns.run(head, task);
  await expect(turns.run(head, task)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  expect(await turns.run(sessionOf('23'), task)).toBe('');
});

test('after a minute a user may ask again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const turns = createUserTurns({ together: 2, maxWaiting: 5, perMinute: 1 });
  const head = sessionOf('17');
  const ask = () => turns.run(head, async () => 'answered');
  expect(await ask()).toBe('answered');
  vi.advanceTimersByTime(59_000);
  await expect(ask()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  vi.advanceTimersByTime(1000);
  expect(await ask()).toBe('answered');
});

test('what waits for a session that has ended is not begun, and what runs is not answered', async () => {
  const turns = createUserTurns({ together: 1, maxWaiting: 5, perMinute: 10 });
  const running = new Set<string>();
  const { task, release } = createTask(running, 'a');
  const session = sessionOf('17');
  const first = turns.run(session, task);
  const other = sessionOf('23');
  const second = turns.run(other, createTask(running, 'b').task);
  await turn();
  session.end();
  other.end();
  release();
  await expect(first).rejects.toMatchObject({ fault: 'revoked' });
  await expect(second).rejects.toMatchObject({ fault: 'revoked' });
  expect([...running]).toEqual([]);
});

test('answers that are ready together are made in turns of the event loop of their own', async () => {
  const ownTurn = createOneATurn();
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const made: (readonly [string, number])[] = [];
  const names = ['first', 'second', 'third'];
  await Promise.all(names.map(async (name) => ownTurn().then(() => made.push([name, turn]))));
  isOver = true;
  expect(made.map(([name]) => name)).toEqual(names);
  expect(new Set(made.map(([, at]) => at)).size).toBe(3);
});
