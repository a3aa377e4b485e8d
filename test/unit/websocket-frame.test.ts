import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Frame } from 'yoga-shared-subscriptions';
import { createFrame } from '../../packages/sharing/src/batch.ts';
import { addNext, encodeNext, nextHead } from '../../src/transport/websocket-frame.ts';
import { readFrames } from '../support/frames.ts';

const encode = (id: string, frames: readonly Frame[], isCompressed = false): Buffer =>
  Buffer.from(encodeNext(nextHead(id, isCompressed), frames), 'latin1');

/** The bytes that an outbox gets, one frame after another. */
function added(id: string, frames: readonly Frame[], isCompressed = false): Buffer {
  const parts: Buffer[] = [];
  const outbox = {
    add: (bytes: string) => void parts.push(Buffer.from(bytes, 'latin1')),
    addShared: (buffer: Buffer) => void parts.push(buffer),
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
