import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { examplesFor } from '../../demo/server/src/examples.ts';
import { PACES } from '../../demo/server/src/pace.ts';
import { seededRandom } from '../../demo/server/src/random.ts';
import { createSimulatedDms, type Message, type SimulatedDms } from '../../demo/server/src/simulated-dms.ts';
import { STAFF } from '../../demo/server/src/users.ts';
import type { LiveEvent } from '../../src/events/kinds.ts';
import type { EventName, EventOf } from '../../src/generated/events.ts';
import { readMessage } from '../../src/topics/read-message.ts';
import { DOMAIN } from '../support/domain.ts';

const STEP_MS = 250;

interface Run {
  readonly dms: SimulatedDms;
  readonly steps: readonly (readonly Message[])[];
  readonly mostRows: number;
}

function run(seed: number, steps: number): Run {
  let clock = Date.parse('2026-11-22T09:30:00Z');
  const dms = createSimulatedDms({ random: seededRandom(seed), now: () => clock, eventIdPrefix: 'test' });
  let mostRows = 0;
  const published: Message[][] = [dms.snapshots()];
  for (let i = 0; i < steps; i++) {
    clock += STEP_MS;
    published.push(dms.step(PACES.busy));
    mostRows = Math.max(
      mostRows,
      dms.records.requests.size,
      dms.records.crates.size,
      dms.records.locations.size,
    );
  }
  return { dms, steps: published, mostRows };
}

/** Reads a message as a server does: from its bytes, checked against the contract. */
function receive({ topic, event }: Message): LiveEvent {
  const { event: received, rejection } = readMessage(DOMAIN.kinds, topic, Buffer.from(JSON.stringify(event)));
  if (received === undefined) throw new Error(`${rejection.reason}: ${rejection.detail}`);
  return received;
}

function ofKind<Kind extends EventName>(events: readonly LiveEvent[], kind: Kind): EventOf<Kind>[] {
  return events.flatMap((event) => (event.kind === kind ? [event.data as unknown as EventOf<Kind>] : []));
}

type Request = EventOf<'request'>['request'];

/** The legal statuses of a request before each action, and the status after it. */
const LEGAL: Record<string, { readonly from: readonly string[]; readonly to: string }> = {
  APPROVED: { from: ['PENDING'], to: 'APPROVED' },
  REJECTED: { from: ['PENDING'], to: 'REJECTED' },
  SENT_BACK: { from: ['PENDING'], to: 'SENT_BACK' },
  UPDATED: { from: ['SENT_BACK'], to: 'PENDING' },
  STORAGE_ALLOCATED: { from: ['APPROVED'], to: 'APPROVED' },
  ISSUED: { from: ['APPROVED'], to: 'ISSUED' },
  RETURNED: { from: ['ISSUED'], to: 'RETURNED' },
  COMPLETED: { from: ['APPROVED', 'RETURNED'], to: 'COMPLETED' },
};

const ONLY_FOR: Record<string, string> = {
  STORAGE_ALLOCATED: 'STORAGE',
  ISSUED: 'WITHDRAWAL',
  RETURNED: 'WITHDRAWAL',
};

function checkStep(action: string, before: Request, after: Request): void {
  const what = `${action} of ${before.requestType} ${before.status} → ${after.status}`;
  if (action === 'MOVED_OUT' || action === 'MOVED_IN') {
    expect(after.status, what).toBe(before.status);
    return;
  }
  expect(LEGAL[action]?.from, what).toContain(before.status);
  expect(after.status, what).toBe(LEGAL[action]?.to);
  expect(after.requestType, what).toBe(ONLY_FOR[action] ?? before.requestType);
  if (action !== 'COMPLETED') return;
  expect(before.allocationDate !== null, what).toBe(before.requestType === 'STORAGE');
  expect(before.status === 'RETURNED', what).toBe(before.requestType === 'WITHDRAWAL');
}

describe('The simulated DMS', () => {
  const STEPS = 6000;
  const { dms, steps, mostRows } = run(1, STEPS);
  const messages = steps.flat();
  const events = messages.map(receive); // throws for a message that breaks the contract

  test('makes events of every kind and every action', () => {
    const actions = (kind: 'request' | 'crate' | 'sendback' | 'storage') =>
      new Set(ofKind(events, kind).map(({ action }) => action));
    expect(actions('request').size).toBe(11);
    expect(actions('crate').size).toBe(7);
    expect(actions('sendback').size).toBe(2);
    expect(actions('storage').size).toBe(4);
    expect(ofKind(events, 'audit').length).toBeGreaterThan(STEPS);
    expect(ofKind(events, 'kpis').length).toBeGreaterThan(STEPS);
  });

  test('does something at every step', () => {
    expect(steps.filter((published) => published.length === 0)).toEqual([]);
  });

  test('gives each event of a topic its own id', () => {
    const names = messages.map(({ topic, event }) => JSON.stringify([topic, event.id]));
    expect(new Set(names).size).toBe(names.length);
  });

  test('takes every request through legal steps, to its end', () => {
    const known = new Map<string, Request>();
    let created = 0;
    for (const published of steps) {
      for (const { action, request } of ofKind(published.map(receive), 'request')) {
        const before = known.get(request.id);
        if (action === 'CREATED') {
          expect(before).toBeUndefined();
          expect(request.status).toBe('PENDING');
          created += 1;
        } else {
          if (before === undefined) throw new Error(`request ${request.id} was never made, or is over`);
          checkStep(action, before, request);
        }
        if (request.status === 'COMPLETED' || request.status === 'REJECTED') known.delete(request.id);
        else known.set(request.id, request);
      }
    }
    expect(created).toBeGreaterThan(STEPS / 20);
    // The requests that are still open are young.
    const under = [...known.values()].map(({ createdAt }) => Date.parse(createdAt ?? ''));
    expect(Math.min(...under)).toBeGreaterThan(Date.parse('2026-11-22T09:30:00Z') + (STEPS - 1200) * STEP_MS);
  });

  test('publishes a move to the old unit with the old data, and to the new unit', () => {
    const moves = steps.flatMap((published) => {
      const crates = ofKind(published.map(receive), 'crate').filter(({ action }) =>
        action.startsWith('MOVED'),
      );
      return crates.length > 0 ? [crates] : [];
    });
    expect(moves.length).toBeGreaterThan(10);
    for (const [out, into] of moves) {
      expect([out?.action, into?.action]).toEqual(['MOVED_OUT', 'MOVED_IN']);
      expect(into?.crate.id).toBe(out?.crate.id);
      expect(into?.crate.unitId).not.toBe(out?.crate.unitId);
    }
  });

  test('publishes a send-back to its unit and to the creator of the request', () => {
    const topics = messages.filter(({ topic }) => topic.kind === 'sendback').map(({ topic }) => topic);
    const toUsers = topics.filter((topic) => 'userId' in topic).map(({ userId }) => userId);
    expect(toUsers.length).toBe(topics.length / 2);
    expect(toUsers.filter((id) => id === STAFF['1'].sectionHead.id).length).toBeGreaterThan(100);
  });

  test('counts correctly', () => {
    const newest = ofKind(events, 'kpis')
      .filter(({ unitId }) => unitId === null)
      .at(-1);
    const pending = [...dms.records.requests.values()].filter(({ status }) => status === 'PENDING').length;
    expect(newest?.pendingApprovals).toBe(pending);
    const crates = newest?.cratesByStatus?.reduce((sum, { count }) => sum + count, 0);
    expect(crates).toBe(dms.records.crates.size);
    expect(Math.max(...ofKind(events, 'kpis').map((kpis) => kpis.overdueWithdrawals ?? 0))).toBeGreaterThan(
      0,
    );
  });

  test('keeps its memory small in a long run', () => {
    expect(mostRows).toBeLessThan(100);
  });

  test.each(['1', '2'])('keeps the waits in unit %s short for every kind of event', (unitId) => {
    for (const kind of ['request', 'crate', 'sendback', 'storage', 'audit']) {
      const stepsOfKind = steps.flatMap((published, step) =>
        published.some(({ topic }) => topic.kind === kind && 'unitId' in topic && topic.unitId === unitId)
          ? [step]
          : [],
      );
      const waits = stepsOfKind.slice(1).map((step, i) => step - (stepsOfKind[i] ?? 0));
      const sum = (lengths: readonly number[]): number =>
        lengths.reduce((total, length) => total + length, 0);
      // The mean wait of a client that comes at a random time: it meets long gaps more often than short ones.
      const mean = sum(waits.map((wait) => wait ** 2)) / sum(waits) / 2;
      expect(mean * STEP_MS, kind).toBeLessThan(2000);
      expect(Math.max(...waits) * STEP_MS, kind).toBeLessThan(10_000);
    }
  });

  test('repeats itself with the same seed', () => {
    expect(run(7, 300).steps).toEqual(run(7, 300).steps);
    expect(run(7, 300).steps).not.toEqual(run(8, 300).steps);
  });
});

test.each([
  { isAuditor: true, hasUnit: false },
  { isAuditor: false, hasUnit: true },
])('The example operations fit the schema: %o', (reader) => {
  const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
  const faults = examplesFor(reader).flatMap(({ query }) => validate(schema, parse(query)));
  expect(faults).toEqual([]);
});
