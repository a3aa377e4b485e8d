/** Appending, on both buses. The memory bus must do the same as contract/append-event.lua does in Redis. */
import { describe, expect, test } from 'vitest';
import { parseEnvelope } from '../../src/bus/envelope.ts';
import { formatPosition } from '../../src/bus/position.ts';
import {
  ALL_STREAM,
  append,
  BUSES,
  contentOf,
  KEEP,
  listen,
  names,
  numbers,
  OTHER_UNIT,
  UNIT,
  UNIT_STREAM,
} from '../support/buses.ts';

const CHANNEL = 'dms:storage:unit:5';

describe.each(BUSES)('appending to the bus %s', (_name, useBuses) => {
  const useBus = async () => {
    const [bus] = await useBuses(1);
    if (bus === undefined) throw new Error('no bus');
    return bus;
  };

  test('counts 1, 2, 3 … in one epoch, and returns the positions', async () => {
    const bus = await useBus();
    const positions = [await append(bus, 'a'), await append(bus, 'b'), await append(bus, 'c')];
    expect(positions.map((position) => position?.offset)).toEqual([1, 2, 3]);
    const epochs = new Set(positions.map((position) => position?.epoch));
    expect([...epochs]).toEqual([expect.stringMatching(/^\d{13}$/)]);
    expect((await bus.readLast(UNIT_STREAM))?.position).toEqual(positions[2]);
  });

  test('drops a second event with the same id, and does not publish it', async () => {
    const bus = await useBus();
    const received = await listen(bus, { channel: CHANNEL });
    await append(bus, 'a');
    expect(await append(bus, 'a')).toBeUndefined();
    expect((await append(bus, 'b'))?.offset).toBe(2);
    const ids = [await received.next(), await received.next()].map(
      ({ payload }) => JSON.parse(String(parseEnvelope(payload)?.event)).id,
    );
    expect(ids).toEqual(['a', 'b']);
    expect(await contentOf(bus, UNIT_STREAM)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(await contentOf(bus, ALL_STREAM)).toHaveLength(2);
  });

  test('accepts the same id on another topic', async () => {
    const bus = await useBus();
    await append(bus, 'a', UNIT);
    expect((await append(bus, 'a', OTHER_UNIT))?.offset).toBe(1);
  });

  test('adds an event to the log of its unit and to the log of all units, each with its own position', async () => {
    const bus = await useBus();
    const received = await listen(bus, { pattern: 'dms:storage:unit:*' });
    await append(bus, 'a', UNIT);
    await append(bus, 'b', OTHER_UNIT);
    await append(bus, 'c', UNIT);
    const envelopes = [await received.next(), await received.next(), await received.next()].map(
      ({ payload }) => parseEnvelope(payload),
    );
    expect(envelopes.map((envelope) => [envelope?.inTopic.offset, envelope?.inAll?.offset])).toEqual([
      [1, 1],
      [1, 2],
      [2, 3],
    ]);
    expect(await contentOf(bus, UNIT_STREAM)).toEqual([
      [1, 'a'],
      [2, 'c'],
    ]);
    expect(await contentOf(bus, ALL_STREAM)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    const inAll = await bus.readLast(ALL_STREAM);
    expect(inAll).toMatchObject({ channel: CHANNEL, position: envelopes[2]?.inAll });
  });

  test.each([
    ['a user’s topic', { kind: 'sendback', userId: '17' }],
    ['a unit’s KPIs', { kind: 'kpis', unitId: '5' }],
    ['the KPIs of all units together', { kind: 'kpis', all: 'together' }],
  ] as const)('adds an event of %s to its own log only', async (_what, channel) => {
    const bus = await useBus();
    const keys = names.logKeysOf(channel);
    const received = await listen(bus, { channel: keys.channel });
    expect((await append(bus, 'a', channel))?.offset).toBe(1);
    expect(parseEnvelope((await received.next()).payload)).toMatchObject({ inAll: undefined });
    expect(keys.allStream).toBeUndefined();
    expect(await bus.readLast(names.streamOf({ kind: channel.kind, all: 'units' }))).toBeUndefined();
  });

  test.each([
    ['unicode', '{"id":"a","é":"日本語 🗄️ \\u00e9 \\ud83d"}'],
    ['large and precise numbers', '{"id":"a","n":12345678901234567890,"x":1.10,"e":1E400}'],
    ['an order of keys that JSON.parse would change', '{"b":1,"2":1,"id":"a","1":1,"b":2}'],
    ['white space, line feeds and the mark', ' {\n"id" : "a",\r\n\t"@1-1 -" : "\\n"} \n'],
    ['64 KiB', `{"id":"a","x":"${'x'.repeat(65_000)}"}`],
  ])('leaves the event untouched: %s', async (_what, event) => {
    const bus = await useBus();
    const received = await listen(bus, { channel: CHANNEL });
    const position = await bus.append(names.logKeysOf(UNIT), 'a', event, KEEP);
    const bytes = Buffer.from(event);
    const envelope = parseEnvelope((await received.next()).payload);
    expect(envelope?.inTopic).toEqual(position);
    expect(envelope?.event.equals(bytes)).toBe(true);
    for (const stream of [UNIT_STREAM, ALL_STREAM])
      expect((await bus.readLast(stream))?.event.equals(bytes)).toBe(true);
  });

  test('many events at once, from several connections, leave no hole, and each repetition is dropped', async () => {
    const buses = await useBuses(4);
    const [bus] = buses;
    if (bus === undefined) throw new Error('no bus');
    const received = await listen(bus, { channel: CHANNEL });
    const answers = await Promise.all(
      numbers(1, 200).flatMap((id) => buses.map((one) => append(one, id, UNIT))),
    );
    const positions = answers.filter((position) => position !== undefined).map(formatPosition);
    expect(new Set(positions).size).toBe(200);
    const content = await contentOf(bus, UNIT_STREAM);
    expect(content.map(([offset]) => offset)).toEqual(numbers(1, 200).map(Number));
    expect(new Set(content.map(([, id]) => id)).size).toBe(200);

    const taken = [];
    for (let count = 0; count < 200; count += 1) taken.push(parseEnvelope((await received.next()).payload));
    expect(taken.map((envelope) => envelope?.inTopic.offset)).toEqual(numbers(1, 200).map(Number));
    expect(taken.map((envelope) => JSON.parse(String(envelope?.event)).id)).toEqual(
      content.map(([, id]) => id),
    );
    expect(received.length).toBe(0);
  });
});
