/** Cursors: what was missed comes after one's own, other cursors are refused, and a subscription may begin in the past. */
import { type Bench, NOT_PUBLISHED, probedViewers } from '../bench.ts';
import { casesOf } from '../cases.ts';
import { isDue, type Slot } from '../oracle.ts';
import type { Viewer } from '../people.ts';
import { publishTo, untilOpen } from '../probing.ts';
import type { ProbePublisher } from '../publishing.ts';
import { judgeEvents, probeIdsOf } from '../received.ts';
import type { NamedTransport } from '../wire.ts';
import { STREAMING } from './following.ts';
import { type Follower, resumeMadeUp, resumeMoved, resumeOthers } from './refused-cursors.ts';

/** A follower, with what is needed to publish to it. */
interface Reader extends Follower {
  readonly slot: Slot;
  /** The event at the position of the cursor. */
  readonly lastId: string | undefined;
}

export async function examineResuming(bench: Bench): Promise<void> {
  const { publisher, findings } = bench;
  const ids = ['RES-1', 'RES-2', 'RES-3', 'RES-4', 'RES-5'] as const;
  const viewers = probedViewers(bench).filter(({ classes }) => !classes.includes('ADMIN'));
  const [first] = viewers;
  const second = viewers.find(({ unitId }) => unitId !== first?.unitId);
  if (publisher === undefined || first === undefined || second === undefined) {
    const reason =
      publisher === undefined ? NOT_PUBLISHED : 'it needs two viewers, each of a probe unit of its own';
    for (const id of ids) findings.notShown(id, reason);
    return;
  }
  const reader = await followFor(bench, publisher, first);
  const other = await followFor(bench, publisher, second);
  if (reader === undefined || other === undefined) {
    for (const id of ids) findings.notShown(id, 'no cursor came with any event');
    return;
  }
  for (const over of STREAMING) {
    await resumeOwn(bench, publisher, reader, over);
    await resumeOthers(bench, reader, other, over);
    await resumeMadeUp(bench, reader, over);
    await resumeMoved(bench, reader, second, over);
    await beginInPast(bench, publisher, other, over);
  }
}

/** Follows a field of which each event counts, until an event has come with its cursor. */
async function followFor(
  bench: Bench,
  publisher: ProbePublisher,
  viewer: Viewer & { readonly unitId: string },
): Promise<Reader | undefined> {
  const one = casesOf(bench, viewer).find(
    ({ requirement, kind, due }) => requirement === 'ISO-1' && !kind.isNewestOnly && due.codes === undefined,
  );
  if (one === undefined || one.due.codes !== undefined) return undefined;
  const { kind } = one;
  const slot = { kind, channel: { kind: kind.kind, unitId: viewer.unitId }, unitId: viewer.unitId };
  const [, open] = STREAMING[0] ?? [];
  const run = await open?.(bench.wire, viewer.token, [one.request]);
  const [operation] = run?.operations ?? [];
  if (operation === undefined) return undefined;
  await untilOpen(bench, publisher, [slot], [{ due: one.due, operation }]);
  run?.close();
  const { cursor } = operation;
  const lastId = probeIdsOf(bench, operation).at(-1);
  return cursor === undefined ? undefined : { viewer, one, slot, cursor, lastId };
}

async function resumeOwn(
  bench: Bench,
  publisher: ProbePublisher,
  { viewer, one, slot, cursor, lastId }: Reader,
  [transport, open]: NamedTransport,
): Promise<void> {
  await publishTo(bench, publisher, [slot], 'mixed');
  const [last] = await publishTo(bench, publisher, [slot], 'own');
  const run = await open(bench.wire, viewer.token, [{ ...one.request, extensions: { after: cursor } }]);
  const [operation] = run.operations;
  if (operation === undefined || one.due.codes !== undefined) return;
  const until = (id: string | undefined): Promise<boolean> =>
    bench.wire.news.until(
      () => probeIdsOf(bench, operation).includes(id ?? '') || operation.end !== undefined,
      bench.wire.patienceMs,
    );
  await until(last?.id);
  const [live] = await publishTo(bench, publisher, [slot], 'own');
  await until(live?.id);
  const { faults } = judgeEvents(bench, { due: one.due, operation, viewer, isOwn: false });
  const ids = probeIdsOf(bench, operation);
  const { due } = one;
  const missed = bench.published.filter((probe) => isDue(due, probe)).map(({ id }) => id);
  const isWhole = ids[0] === missed[missed.indexOf(lastId ?? '') + 1];
  bench.findings.add('RES-1', {
    what: `${one.field} after a cursor`,
    viewer: viewer.name,
    transport,
    expected: 'what was missed, each once and in order, and then what happens',
    got: faults.length > 0 ? faults.join('; ') : isWhole ? `${ids.length} events` : 'not from the cursor on',
    isGood: faults.length === 0 && isWhole && operation.end === undefined,
  });
  run.close();
}

/** How far back a subscription begins, in milliseconds. */
const PAST_MS = 30_000;

async function beginInPast(
  bench: Bench,
  publisher: ProbePublisher,
  { viewer, one, slot }: Reader,
  [transport, open]: NamedTransport,
): Promise<void> {
  const run = await open(bench.wire, viewer.token, [{ ...one.request, extensions: { pastMs: PAST_MS } }]);
  const [operation] = run.operations;
  if (operation === undefined || one.due.codes !== undefined) return;
  await untilOpen(bench, publisher, [slot], [{ due: one.due, operation }]);
  const [last] = await publishTo(bench, publisher, [slot], 'own');
  await bench.wire.news.until(
    () => probeIdsOf(bench, operation).includes(last?.id ?? '') || operation.end !== undefined,
    bench.wire.patienceMs,
  );
  const { faults, count } = judgeEvents(bench, { due: one.due, operation, viewer, isOwn: false });
  bench.findings.add('RES-5', {
    what: `${one.field}, begun ${PAST_MS / 1000} s ago`,
    viewer: viewer.name,
    transport,
    expected: 'events of the own unit, each once and in order',
    got: faults.length > 0 ? faults.join('; ') : `${count} events`,
    isGood: faults.length === 0 && operation.end === undefined,
  });
  run.close();
}
