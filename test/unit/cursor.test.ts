/** How positions and cursors are written, and which other strings are rejected. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  digestOf,
  formatEnvelope,
  isEnvelope,
  parseEnvelope,
  readGeneration,
} from '../../src/bus/envelope.ts';
import { EMPTY_LOG, formatPosition, type LogPosition, parsePosition } from '../../src/bus/position.ts';
import { sealOf } from '../../src/bus/seal.ts';
import { readCursor, writeCursor } from '../../src/topics/cursor.ts';

const position: fc.Arbitrary<LogPosition> = fc.record({
  epoch: fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }).map(String),
  offset: fc.integer({ min: 0, max: 999_999_999_999_999 }),
});
const AT: LogPosition = { epoch: '1795357418354', offset: 42 };

describe('a position', () => {
  test('survives writing and reading', () => {
    fc.assert(
      fc.property(position, (at) => {
        expect(parsePosition(formatPosition(at))).toEqual(at);
      }),
    );
  });

  test.each([
    '',
    '-',
    '1',
    '1-',
    '-1',
    '1-2-3',
    ' 1-2',
    '1-2 ',
    '1-x',
    '1.5-2',
    '１-２',
    '1-1234567890123456',
    '+1-2',
  ])('is not %j', (written) => expect(parsePosition(written)).toBeUndefined());
});

describe('an envelope', () => {
  test('survives writing and reading, with any event', () => {
    fc.assert(
      fc.property(position, fc.option(position, { nil: undefined }), fc.string(), (inTopic, inAll, event) => {
        const written = Buffer.from(formatEnvelope(inTopic, inAll, event));
        expect(isEnvelope(written)).toBe(true);
        expect(parseEnvelope(written)).toEqual({ inTopic, inAll, event: Buffer.from(event) });
        expect(readGeneration(written)).toBeUndefined();
        const withGeneration = Buffer.from(formatEnvelope(inTopic, inAll, event, digestOf(event)));
        expect(parseEnvelope(withGeneration)).toEqual({ inTopic, inAll, event: Buffer.from(event) });
        expect(readGeneration(withGeneration)).toBe(digestOf(event));
      }),
    );
  });

  test('may have parts that this version does not know', () => {
    const written = Buffer.from('@1-2 3-4 0123456789abcdef and more\n{"a": "b c d"}');
    expect(parseEnvelope(written)).toMatchObject({ inAll: { epoch: '3', offset: 4 } });
    expect(readGeneration(written)).toBe('0123456789abcdef');
  });

  test('is short enough for an older server, which reads a first line of 80 bytes', () => {
    const far: LogPosition = { epoch: '1795357418354', offset: 999_999_999_999_999 };
    expect(formatEnvelope(far, far, '', digestOf('')).length).toBeLessThanOrEqual(80);
  });

  test.each([
    '@',
    '@1-1 -',
    '@1-1\n{}',
    '@1-1 \n{}',
    '@ -\n{}',
    '@1-1 x\n{}',
    '@x -\n{}',
    `@1-1 ${' '.repeat(80)}-\n{}`,
  ])('is not %j', (written) => expect(parseEnvelope(Buffer.from(written))).toBeUndefined());

  test('cannot be confused with an event: no JSON starts like an envelope', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(isEnvelope(Buffer.from(json))).toBe(false);
      }),
    );
    expect(isEnvelope(Buffer.alloc(0))).toBe(false);
  });
});

describe('a cursor', () => {
  test('survives writing and reading', () => {
    fc.assert(
      fc.property(position, fc.string(), (at, content) => {
        const cursor = { ...at, seal: sealOf('stream', at, content) };
        expect(readCursor(writeCursor(cursor))).toEqual(cursor);
      }),
    );
  });

  test('may stand in a URL, a header and a line of an event stream', () => {
    fc.assert(
      fc.property(position, fc.string(), (at, content) => {
        expect(writeCursor({ ...at, seal: sealOf('stream', at, content) })).toMatch(/^[\w-]+$/);
      }),
    );
  });

  test('rejects every other string, and reading never throws', () => {
    const garbage = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String());
    fc.assert(
      fc.property(garbage, (written) => {
        expect(readCursor(written)).toBeUndefined();
      }),
    );
    for (const garbage of [
      '',
      'x',
      '!',
      '\n',
      'A'.repeat(1_000_000),
      Buffer.from('1-1-short').toString('base64url'),
    ])
      expect(readCursor(garbage)).toBeUndefined();
  });

  test('has a different seal for each topic, position and event', () => {
    const seals = [
      sealOf('stream', AT, 'event'),
      sealOf('other stream', AT, 'event'),
      sealOf('stream', { ...AT, epoch: '1795357418355' }, 'event'),
      sealOf('stream', { ...AT, offset: 43 }, 'event'),
      sealOf('stream', AT, 'other event'),
      sealOf('stream', EMPTY_LOG, 'event'),
      sealOf('stream\n1', { ...AT, epoch: '795357418354' }, 'event'),
    ];
    expect(new Set(seals).size).toBe(seals.length);
  });

  test('does not reveal the published data', () => {
    const written = writeCursor({ ...AT, seal: sealOf('dms:{storage}:unit:5', AT, '{"secret":1}') });
    expect(Buffer.from(written, 'base64url').toString()).toMatch(/^1795357418354-42-[0-9a-f]{16}$/);
  });
});
