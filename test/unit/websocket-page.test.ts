import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Frame } from 'yoga-shared-subscriptions';
import { createFrame } from '../../packages/sharing/src/batch.ts';
import type { Printed } from '../../src/transport/outbox.ts';
import { nextHead } from '../../src/transport/websocket-frame.ts';
import { addNext, forgetPages } from '../../src/transport/websocket-page.ts';

beforeEach(() => {
  forgetPages(); // those of other tests would be forgotten by a real timer
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

/** Results of 128 KB together, and how often they were written out. */
function createPage() {
  let written = 0;
  const counted = (frame: Frame): Frame => ({
    result: frame.result,
    position: frame.position,
    buffer: frame.buffer,
    asPast: frame,
    get json() {
      written += 1;
      return frame.json;
    },
  });
  const frames = Array.from({ length: 33 }, (_, index) =>
    counted(createFrame({ data: { text: `${index}`.padEnd(3970, '.') } }, undefined)),
  );
  return {
    frames,
    get written() {
      return written;
    },
  };
}

/** Writes them to a socket, by the id of its operation. */
function write(id: string, frames: readonly Frame[]): void {
  const ignore = (): void => undefined;
  const addPrinted = (printed: Printed): void => void printed.print();
  addNext({ add: ignore, addShared: ignore, addPrinted }, nextHead(id, false), frames);
}

test('clients that are a whole log apart share its pages: each is written out once', () => {
  const pages = Array.from({ length: 80 }, () => createPage()); // 10 MB
  for (const { frames } of pages) write('first', frames);
  const before = pages.map(({ written }) => written);
  for (const { frames } of pages) write('other', frames);
  expect(pages.map(({ written }) => written)).toEqual(before);
});

test('of more pages than are kept, those that were used last stay', () => {
  const [used, unused, ...others] = Array.from({ length: 140 }, () => createPage()); // 18 MB
  if (used === undefined || unused === undefined) throw new Error('there are 140');
  write('first', used.frames);
  write('first', unused.frames);
  const before = { used: used.written, unused: unused.written };
  for (const { frames } of others) {
    write('first', frames);
    write('first', used.frames);
  }
  write('first', unused.frames);
  expect(used.written).toBe(before.used);
  expect(unused.written).toBeGreaterThan(before.unused);
});

test('pages are forgotten after a while', () => {
  const page = createPage();
  write('first', page.frames);
  const { written } = page;
  vi.advanceTimersByTime(10_000);
  write('first', page.frames);
  expect(page.written).toBeGreaterThan(written);
});
