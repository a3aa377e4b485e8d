import { expect, test } from 'vitest';
import { limitConcurrency } from '../../src/auth/concurrency-limit.ts';

const patient = (): AbortSignal => new AbortController().signal;

/** A task that starts and ends when the test says so. */
function createTask() {
  let begin = (): void => undefined;
  let finish: { resolve(value: string): void; reject(error: Error): void } | undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  return {
    begun,
    isBegun: () => finish !== undefined,
    succeed: () => finish?.resolve('done'),
    fail: () => finish?.reject(new Error('failed')),
    run: () =>
      new Promise<string>((resolve, reject) => {
        finish = { resolve, reject };
        begin();
      }),
  };
}

const createTasks = (count: number) => Array.from({ length: count }, createTask);

test('a limited number of tasks run at a time, the others in their order', async () => {
  const inTurn = limitConcurrency(2);
  const tasks = createTasks(4);
  const [a, b, c, d] = tasks;
  const results = tasks.map((task) => inTurn(task.run, patient()));
  await Promise.all([a?.begun, b?.begun]);
  expect(tasks.map((task) => task.isBegun())).toEqual([true, true, false, false]);
  b?.succeed();
  await c?.begun;
  expect(d?.isBegun()).toBe(false);
  a?.fail();
  await d?.begun;
  c?.succeed();
  d?.succeed();
  expect((await Promise.allSettled(results)).map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
});

test('a task that gives up while it waits never runs and frees its slot', async () => {
  const inTurn = limitConcurrency(1);
  const [first, second, third] = createTasks(3);
  if (first === undefined || second === undefined || third === undefined) throw new Error('too few');
  const impatient = new AbortController();
  const one = inTurn(first.run, patient());
  const two = inTurn(second.run, impatient.signal);
  const three = inTurn(third.run, patient());
  await first.begun;
  impatient.abort(new Error('too late'));
  await expect(two).rejects.toThrow('too late');
  first.succeed();
  await third.begun;
  third.succeed();
  expect(await Promise.all([one, three])).toEqual(['done', 'done']);
  expect(second.isBegun()).toBe(false);
  const next = createTask();
  const four = inTurn(next.run, patient());
  await next.begun;
  next.succeed();
  expect(await four).toBe('done');
});
