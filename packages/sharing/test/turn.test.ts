/** How the sockets of a crowd write: together, but not without a break. */
import { expect, test } from 'vitest';
import { createTurn, type Writer } from '../src/turn.ts';

const otherWork = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function createCrowd(size: number) {
  const turn = createTurn((error) => {
    throw error;
  });
  const waiting = new Map<Writer, number>();
  const writes: number[] = [];
  const writers = Array.from({ length: size }, (): Writer => {
    const writer: Writer = {
      flush() {
        writes.push(waiting.get(writer) ?? 0);
        waiting.delete(writer);
      },
    };
    return writer;
  });
  /** What an audience does with a batch. */
  const deliver = (): void => {
    for (const writer of writers) {
      const before = waiting.get(writer);
      waiting.set(writer, (before ?? 0) + 1);
      if (before === undefined) turn.write(writer);
    }
  };
  return { turn, writes, publish: () => turn.gather(deliver) };
}

test('other work gets a turn while a crowd writes, and each socket writes once', async () => {
  const { publish, writes } = createCrowd(600);
  publish();
  const seen: number[] = [];
  for (let at = 0; at < 4; at += 1) {
    await otherWork();
    seen.push(writes.length);
  }
  expect(seen).toEqual([256, 512, 600, 600]);
});

test('a batch that comes meanwhile reaches those that have not written yet in the same write, and the others in the next one', async () => {
  const { publish, writes } = createCrowd(600);
  publish();
  await otherWork();
  publish();
  while (writes.length < 856) await otherWork();
  await otherWork();
  expect(writes).toEqual([...Array(256).fill(1), ...Array(344).fill(2), ...Array(256).fill(1)]);
});

test('a crowd that events come for again and again writes without a break', async () => {
  const { publish, writes } = createCrowd(10_000);
  for (let at = 0; at < 8; at += 1) {
    publish();
    await otherWork();
    expect(writes).toHaveLength((at + 1) * 256);
  }
  publish();
  await otherWork();
  expect(writes).toHaveLength(10_000);
  expect(writes.at(-1)).toBe(9);
});
