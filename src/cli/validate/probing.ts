/** Publishes probe events, and knows what each operation should get of them. */
import type { Bench } from './bench.ts';
import type { Operation } from './operation.ts';
import { isDue, type Reading, type Slot } from './oracle.ts';
import type { Probe, Variant } from './probe.ts';
import type { ProbePublisher } from './publishing.ts';
import { probeIdsOf } from './received.ts';

/** How often an event is published until all operations are known to be open, if the patience lasts that long. */
const MAX_ROUNDS = 40;
const ROUND_MS = 250;

/** An operation that should get events. */
export interface Follower {
  readonly due: Reading;
  readonly operation: Operation;
}

/** Everywhere that probe events may go. */
export function slotsOf({ domain, people }: Pick<Bench, 'domain' | 'people'>): readonly Slot[] {
  const { probeUnits, probesTogether, viewers } = people;
  const users = [...new Set(viewers.map(({ userId }) => userId))];
  return [...domain.kinds.values()].flatMap((kind): Slot[] => [
    ...probeUnits.map((unitId) => ({ kind, channel: { kind: kind.kind, unitId }, unitId })),
    ...(kind.hasUserTopics ? users : []).flatMap((userId) =>
      probeUnits.map((unitId) => ({ kind, channel: { kind: kind.kind, userId }, unitId })),
    ),
    ...(kind.hasTogether && probesTogether
      ? [{ kind, channel: { kind: kind.kind, all: 'together' as const }, unitId: null }]
      : []),
  ]);
}

/** Publishes an event to each of some slots. */
export async function publishTo(
  { probes, published }: Pick<Bench, 'probes' | 'published'>,
  publisher: ProbePublisher,
  slots: readonly Slot[],
  variant: Variant,
): Promise<readonly Probe[]> {
  const made = slots.map(({ kind, channel, unitId }) => probes.make(kind, channel, unitId, variant));
  published.push(...made);
  await publisher.publish(made);
  return made;
}

/**
 * Publishes until each operation has received something: a server does not acknowledge a subscription. An operation of which nothing
 * arrives in all rounds is left to be judged.
 */
export async function untilOpen(
  bench: Bench,
  publisher: ProbePublisher,
  slots: readonly Slot[],
  followers: readonly Follower[],
): Promise<void> {
  const waiting = (): readonly Follower[] =>
    followers.filter(
      ({ operation }) => operation.end === undefined && probeIdsOf(bench, operation).length === 0,
    );
  const rounds = Math.min(MAX_ROUNDS, Math.ceil(bench.wire.patienceMs / ROUND_MS));
  for (let round = 0; round < rounds; round += 1) {
    const left = waiting();
    if (left.length === 0) return;
    await publishTo(
      bench,
      publisher,
      slots.filter((slot) => left.some(({ due }) => due.reads(slot))),
      'own',
    );
    await bench.wire.news.until(() => waiting().length === 0, ROUND_MS);
  }
}

/** Waits until each operation has the last event that it should get, or has ended. */
export function untilLast(bench: Bench, followers: readonly Follower[]): Promise<boolean> {
  const { wire, published } = bench;
  const lasts = followers.map(({ due, operation }) => ({
    operation,
    last: published.findLast((probe) => isDue(due, probe))?.id,
  }));
  return wire.news.until(
    () =>
      lasts.every(
        ({ operation, last }) =>
          last === undefined || operation.end !== undefined || probeIdsOf(bench, operation).includes(last),
      ),
    wire.patienceMs,
  );
}
