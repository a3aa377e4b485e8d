import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Frame } from 'yoga-shared-subscriptions';
import { createFrame } from '../../packages/sharing/src/batch.ts';
import type { Printed } from '../../src/transport/outbox.ts';
import { encodeNext, nextHead } from '../../src/transport/websocket-frame.ts';
import { addNext } from '../../src/transport/websocket-page.ts';
import { readFrames } from '../support/frames.ts';

const encode = (id: string, frames: readonly Frame[], isCompressed = false): Buffer =>
  Buffer.from(encodeNext(nextHead(id, isCompressed), frames), 'latin1');

/** The bytes that an outbox gets, one frame after another. */
function added(id: string, frames: readonly Frame[], isCompressed = false): Buffer {
  const parts: Buffer[] = [];
  const outbox = {
    add: (bytes: string) => void parts.push(Buffer.from(bytes, 'latin1')),
    addShared: (buffer: Buffer) => void parts.push(buffer),
    addPrinted: (printed: Printed) => {
      expect(printed.print()).toHaveLength(printed.length);
      parts.push(Buffer.from(printed.print()));
    },
  };
  addNext(outbox, nextHead(id, isCompressed), frames);
  return Buffer.concat(parts);
}

const frameOf = (data: Record<string, unknown>) => createFrame({ data }, undefined, (result) => result);

test('results of an operation arrive unchanged, with any id', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(
      anything,
      fc.array(
        fc.record({ text: anything, size: fc.constantFrom(0, 1, 60, 125, 126, 65_400, 65_535, 70_000) }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      (id, results) => {
        const datas = results.map(({ text, size }) => ({ text, filler: 'ü'.repeat(size / 2) }));
        const bytes = encode(id, datas.map(frameOf));
        const expected = datas.map((data) => JSON.stringify({ id, type: 'next', payload: { data } }));
        expect(readFrames(bytes)).toEqual(expected);
        expect(added(id, datas.map(frameOf)).equals(bytes)).toBe(true);
        const compressed = encode(id, datas.map(frameOf), true);
        expect(readFrames(compressed)).toEqual(expected);
        expect(added(id, datas.map(frameOf), true).equals(compressed)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test.each([
  [125, 2],
  [126, 4],
  [65_535, 4],
  [65_536, 10],
])('a payload of %i bytes has a header of %i', (length, header) => {
  const overhead = JSON.stringify({ id: 'a', type: 'next', payload: { data: { x: '' } } }).length;
  const bytes = encode('a', [frameOf({ x: 'x'.repeat(length - overhead) })]);
  expect(bytes).toHaveLength(header + length);
  expect(readFrames(bytes)).toHaveLength(1);
});

test('an id that is longer than a stored block arrives in a compressed message', () => {
  const id = 'ü'.repeat(70_000);
  expect(readFrames(encode(id, [frameOf({ x: 1 })], true))).toEqual([
    JSON.stringify({ id, type: 'next', payload: { data: { x: 1 } } }),
  ]);
});

/** What an outbox gets as a page. */
function printed(id: string, frames: readonly Frame[], isCompressed = false): Printed | undefined {
  let page: Printed | undefined;
  const outbox = {
    add: () => undefined,
    addShared: () => undefined,
    addPrinted: (given: Printed) => {
      page = given;
    },
  };
  addNext(outbox, nextHead(id, isCompressed), frames);
  return page;
}

const results = (count: number, size = 10) =>
  Array.from({ length: count }, (_, at) => frameOf({ at, text: 'x'.repeat(size) }));

test.each([
  ['plain', false],
  ['compressed', true],
])('a page is the same bytes as single messages for each socket, %s', (_name, isCompressed) => {
  const frames = results(20, 130);
  for (const id of ['one', 'two', 'longer than those', 'six', 'ü', 'one']) {
    const single = frames.map((frame) => encode(id, [frame], isCompressed));
    const page = printed(id, frames, isCompressed)?.print();
    expect(page?.equals(Buffer.concat(single))).toBe(true);
  }
});

test('sockets share the buffer of a page, and one that was given away stays as it is', () => {
  const frames = results(4);
  const [one, two] = [printed('one', frames), printed('two', frames)];
  const first = one?.print();
  const expected = encode('one', frames);
  expect(two?.print()).toBe(first);
  const kept = one?.print();
  one?.giveAway();
  const next = two?.print();
  expect(next?.equals(encode('two', frames))).toBe(true);
  expect(two?.print()).toBe(next);
  expect(kept?.equals(expected)).toBe(true);
});

test('few results are no page, nor are large ones, which sockets share without a copy', () => {
  expect(printed('a', results(3))).toBeUndefined();
  expect(printed('a', [...results(4), frameOf({ x: 'x'.repeat(5000) })])).toBeUndefined();
});

test('pages that were not used for long are forgotten, and made again', () => {
  const frames = results(4);
  const first = printed('a', frames)?.print();
  expect(printed('b', frames)?.print()).toBe(first);
  for (let at = 0; at < 256; at += 1) printed('a', results(4));
  const again = printed('a', frames)?.print();
  expect(again).not.toBe(first);
  expect(again?.equals(encode('a', frames))).toBe(true);
});
