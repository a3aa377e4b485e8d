/** The newest KPI snapshot wins, in any order of arrival, on any process, at any time that a viewer connects. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { compareInstants, toUtc } from '../../src/events/instant.ts';
import { createPublisher } from '../../src/topics/publisher.ts';
import { type Alone, createAlone, type Received, settled } from '../support/alone.ts';
import { dmsNames } from '../support/domain.ts';
import { messages } from '../support/events.ts';

const PERSON = { userId: '17', unitId: '5', role: 'Section Head' };
const ADMIN = { userId: '1', unitId: '1', role: 'System Admin' };
const QUERY = 'subscription { dashboardKpis { id computedAt } }';

/** Instants close to each other, in all spellings that are allowed. */
const computedAt = fc.option(
  fc
    .record({
      second: fc.integer({ min: 10, max: 14 }),
      fraction: fc.constantFrom('', '.5', '.50', '.500', '.499999', '.500001', '.5000000001'),
      zone: fc.constantFrom(['10', 'Z'], ['15', '+05:00'], ['08', '-02:00']),
    })
    .map(({ second, fraction, zone: [hour, zone] }) => `2026-11-25T${hour}:00:${second}${fraction}${zone}`),
  { nil: null, freq: 8 },
);

type Step =
  | { readonly publish: string | null; readonly together: boolean }
  | { readonly view: number; readonly together: boolean }
  | { readonly start: true }
  | { readonly settle: true };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ publish: computedAt, together: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ view: fc.nat(3), together: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ start: true } as const) },
  { weight: 2, arbitrary: fc.constant({ settle: true } as const) },
);

interface Snapshot {
  readonly id: string;
  readonly computedAt: string | null;
}

/** The newest snapshot of a sequence: one without a time replaces the one before it. */
function newestOf(published: readonly Snapshot[]): string | undefined {
  let newest: string | undefined;
  let time: string | null = null;
  for (const { id, computedAt: at } of published) {
    if (at !== null && time !== null && compareInstants(at, time) < 0) continue;
    newest = id;
    time = at ?? time;
  }
  return newest;
}

test('no viewer gets an older snapshot after a newer one, and all end with the newest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 40 }), async (steps) => {
      const bus = createMemoryBus();
      const publisher = createPublisher(bus, dmsNames(), { events: 1000, seconds: 60 });
      const processes: Alone[] = [createAlone(bus)];
      const viewers: { readonly received: Received; readonly together: boolean }[] = [];
      const published: Record<'unit' | 'together', Snapshot[]> = { unit: [], together: [] };

      async function run(taken: Step): Promise<void> {
        if ('start' in taken && processes.length < 3) processes.push(createAlone(bus));
        if ('settle' in taken) await settled();
        if ('view' in taken) {
          const process = processes[taken.view % processes.length];
          const received = process?.run(taken.together ? ADMIN : PERSON, { query: QUERY });
          if (received !== undefined) viewers.push({ received, together: taken.together });
        }
        if (!('publish' in taken)) return;
        const list = taken.together ? published.together : published.unit;
        const id = `${taken.together} ${list.length}`;
        list.push({ id, computedAt: taken.publish });
        const unitId = taken.together ? null : 5;
        const event = messages.kpis({ id, unitId, computedAt: taken.publish });
        const channel = taken.together
          ? ({ kind: 'kpis', all: 'together' } as const)
          : ({ kind: 'kpis', unitId: '5' } as const);
        await publisher.publish(channel, event);
      }

      for (const taken of steps) await run(taken);
      await settled();
      for (const { received, together } of viewers) {
        const seen = received.payloads.map((payload) => JSON.parse(payload).data.dashboardKpis);
        const times = seen
          .map((snapshot): string | null => snapshot.computedAt)
          .filter((time) => time !== null);
        for (const [index, time] of times.slice(1).entries())
          expect(compareInstants(time, times[index] ?? '')).toBeGreaterThanOrEqual(0);
        expect(seen.at(-1)?.id).toBe(newestOf(together ? published.together : published.unit));
        expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
      }
      for (const { received } of viewers) received.stop();
      for (const process of processes) process.close();
    }),
    { numRuns: 60 },
  );
});

test('instants are compared as instants, and delivered in UTC with every digit', () => {
  for (const [earlier, later] of [
    ['2026-11-25T10:00:00Z', '2026-11-25T10:00:00.1Z'],
    ['2026-11-25T10:00:00.0999999Z', '2026-11-25T10:00:00.1Z'],
    ['2026-11-25T15:30:00+05:30', '2026-11-25T10:00:00.000001Z'],
    ['2026-11-25T10:00Z', '2026-11-25T10:00:01Z'],
    ['2026-11-25T23:59:59.9Z', '2026-11-25T23:30:00-01:00'],
  ] as const) {
    expect(compareInstants(earlier, later)).toBeLessThan(0);
    expect(compareInstants(later, earlier)).toBeGreaterThan(0);
    expect(compareInstants(toUtc(earlier), toUtc(later))).toBeLessThan(0);
  }
  expect(compareInstants('2026-11-25T10:00:00.50Z', '2026-11-25T15:30:00.5+05:30')).toBe(0);
  expect(toUtc('2026-11-25T15:30:00.1234567+05:30')).toBe('2026-11-25T10:00:00.1234567Z');
  expect(toUtc('2026-11-25T15:30:00+05:30')).toBe('2026-11-25T10:00:00.000Z');
  expect(toUtc('2026-11-25T10:00:00.12Z')).toBe('2026-11-25T10:00:00.12Z');
});
