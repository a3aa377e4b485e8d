import { serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { createFrame } from '../src/batch.ts';
import { toBytes } from '../src/bytes.ts';

/** Cut out of a text with a wide character: V8 keeps two bytes for each of its characters, though none needs them. */
const WIDE_WORD = '… IN_PROGRESS_OF_APPROVAL …'.slice(2, -2);

/** How many bytes V8 keeps for each character. Its serialiser writes a string as it is kept: `"` stands for one byte, `c` for two. */
function widthOf(text: string): 1 | 2 {
  return serialize(text)[2] === '"'.charCodeAt(0) ? 1 : 2;
}

describe('bytes', () => {
  test('take one byte for each character, although a word was cut out of a text with wide characters', () => {
    expect(widthOf(WIDE_WORD)).toBe(2); // else this test shows nothing
    expect(widthOf(toBytes(WIDE_WORD))).toBe(1);
    expect(toBytes(WIDE_WORD)).toBe('IN_PROGRESS_OF_APPROVAL');
  });

  test('of a result take one byte for each character, whatever its words were cut out of', () => {
    const { json } = createFrame({ data: { status: WIDE_WORD, id: '1' } }, undefined);
    expect(widthOf(json)).toBe(1);
    expect(json).toBe('{"data":{"status":"IN_PROGRESS_OF_APPROVAL","id":"1"}}');
  });

  test('are UTF-8, with one character for each byte', () => {
    for (const text of ['', 'Łucja: 1 €', '€'.repeat(21_845), '€'.repeat(21_846), 'x'.repeat(70_000)])
      expect(toBytes(text) === Buffer.from(text).toString('latin1')).toBe(true);
  });
});
