/** Events that are pushed: in order, each once, one at a time. */
import { expect, test } from 'vitest';
import { createSourceReader } from '../../src/topics/source-reader.ts';

/** A source, and a receiver that notes what it gets. */
function createScene() {
  const waiting: number[] = [];
  const got: unknown[] = [];
  let closed = 0;
  const reader = createSourceReader(
    () => waiting.shift(),
    () => {
      closed += 1;
    },
  );
  return {
    reader,
    got,
    closed: () => closed,
    add(...events: number[]) {
      waiting.push(...events);
      reader.settle();
    },
    push: (take: (event: number) => void | Promise<void>) =>
      reader.events.pushTo({
        take(event) {
          got.push(event);
          return take(event);
        },
        end: () => got.push('end'),
        fail: (error) => got.push(error),
      }),
  };
}

const nothing = (): void => undefined;

test('a receiver gets what is there, and then each event when it comes', () => {
  const { add, push, got } = createScene();
  add(1, 2);
  push(nothing);
  expect(got).toEqual([1, 2]);
  add(3);
  expect(got).toEqual([1, 2, 3]);
});

test('a receiver that is busy gets the next event when it has done, and an event that comes amid another one after it', async () => {
  const { add, push, got } = createScene();
  let finish = nothing;
  const busy = new Promise<void>((resolve) => {
    finish = resolve;
  });
  push((event) => {
    if (event === 1) add(2);
    return event === 2 ? busy : undefined;
  });
  add(1, 3);
  expect(got).toEqual([1, 3, 2]);
  add(4);
  expect(got).toEqual([1, 3, 2]);
  finish();
  await busy;
  expect(got).toEqual([1, 3, 2, 4]);
});

test('a failure comes after the events that are there, and once', () => {
  const { reader, add, push, got, closed } = createScene();
  add(1);
  const lost = new Error('lost');
  reader.fail(lost);
  push(nothing);
  expect([got, closed()]).toEqual([[1, lost], 1]);
  reader.close();
  reader.fail(new Error('again'));
  expect(got).toEqual([1, lost]);
});

test('a source that is returned pushes no more, even amid its events', async () => {
  const { reader, add, push, got } = createScene();
  push((event) => {
    if (event === 2) void reader.events.return(undefined);
  });
  add(1, 2, 3);
  expect(got).toEqual([1, 2, 'end']);
  push(nothing);
  expect(got).toEqual([1, 2, 'end', 'end']);
});
