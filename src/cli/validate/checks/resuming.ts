/** Cursors: one's own, another's, made-up ones, and the past. */
import { type Bench, NO_MINT, NOT_PUBLISHED, probedViewers } from '../bench.ts';
import { type Case, casesOf } from '../cases.ts';
import { describeOutcome, errorsOf, type Operation } from '../operation.ts';
import { isDue, type Slot } from '../oracle.ts';
import type { Viewer } from '../people.ts';
import { publishTo, untilOpen } from '../probing.ts';
import type { ProbePublisher } from '../publishing.ts';
import { eventsOf, judgeEvents, probeIdsOf } from '../received.ts';
import type { RequirementId } from '../requirements.ts';
import type { Transport, TransportName } from '../wire.ts';
import { STREAMING } from './following.ts';

/** One viewer who follows the own unit, and has come so far. */
interface Reader {
  readonly viewer: Viewer;
  readonly one: Case;
  readonly slot: Slot;
  /** The position of an event that this viewer has received. */
  readonly cursor: string;
  /** The event at that position. */
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
  for (const [transport, open] of STREAMING) {
    await resumeOwn(bench, publisher, reader, [transport, open]);
    await resumeOthers(bench, reader, other, [transport, open]);
    await resumeMadeUp(bench, reader, [transport, open]);
    await resumeMoved(bench, reader, second, [transport, open]);
    await beginInPast(bench, publisher, other, [transport, open]);
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

type Over = readonly [TransportName, Transport];

async function resumeOwn(
  bench: Bench,
  publisher: ProbePublisher,
  { viewer, one, slot, cursor, lastId }: Reader,
  [transport, open]: Over,
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

interface Attempt {
  readonly what: string;
  readonly viewer: Viewer;
  readonly token: string;
  readonly request: Case['request'];
  readonly codes: readonly string[];
}

/** Each must be refused before any event. */
async function expectRefused(
  { wire, findings }: Bench,
  id: RequirementId,
  [transport, open]: Over,
  attempts: readonly Attempt[],
): Promise<void> {
  for (const token of new Set(attempts.map((attempt) => attempt.token))) {
    const some = attempts.filter((attempt) => attempt.token === token);
    const run = await open(
      wire,
      token,
      some.map(({ request }) => request),
    );
    const isAnswered = ({ answers, end }: Operation): boolean => answers.length > 0 || end !== undefined;
    await wire.news.until(() => run.operations.every(isAnswered), wire.patienceMs);
    some.forEach(({ what, viewer, codes }, index) => {
      const operation = run.operations[index];
      const [code = ''] = operation === undefined ? [] : errorsOf(operation).map((error) => error.code);
      findings.add(id, {
        what,
        viewer: viewer.name,
        transport,
        expected: `${codes.join(' or ')}, before any event`,
        got: operation === undefined ? 'nothing' : describeOutcome(operation),
        isGood: codes.includes(code) && operation !== undefined && eventsOf(operation).length === 0,
      });
    });
    run.close();
  }
}

const after = ({ request }: Case, cursor: string): Case['request'] => ({
  ...request,
  extensions: { after: cursor },
});

function resumeOthers(bench: Bench, reader: Reader, other: Reader, over: Over): Promise<void> {
  const { viewer, one } = other;
  const elsewhere = casesOf(bench, reader.viewer).find(
    ({ requirement, kind, due }) =>
      requirement === 'ISO-1' && due.codes === undefined && !kind.isNewestOnly && kind !== reader.one.kind,
  );
  const codes = ['CURSOR_EXPIRED'];
  return expectRefused(bench, 'RES-2', over, [
    {
      what: `${one.field} after a cursor of the unit ${reader.viewer.unitId}`,
      viewer,
      token: viewer.token,
      request: after(one, reader.cursor),
      codes,
    },
    ...(elsewhere === undefined
      ? []
      : [
          {
            what: `${elsewhere.field} after a cursor of ${reader.one.field}`,
            viewer: reader.viewer,
            token: reader.viewer.token,
            request: after(elsewhere, reader.cursor),
            codes,
          },
        ]),
  ]);
}

function resumeMadeUp(bench: Bench, { viewer, one, cursor }: Reader, over: Over): Promise<void> {
  const text = Buffer.from(cursor, 'base64url').toString();
  const write = (changed: string): string => Buffer.from(changed).toString('base64url');
  const [epoch = '', offset = '', seal = ''] = text.split('-');
  const flipped = seal.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
  const forged: readonly (readonly [string, string])[] = [
    ['garbage', 'garbage'],
    ['no seal', write(`${epoch}-${offset}`)],
    ['another seal', write(`${epoch}-${offset}-${flipped}`)],
    [
      'an earlier position',
      write(`${epoch}-${Math.max(1, Number(offset) - 1)}-${seal.split('').toReversed().join('')}`),
    ],
    ['the beginning', write(`${epoch}-0-${seal}`)],
    ['a position ahead of the log', write(`${epoch}-${Number(offset) + 1_000_000}-${seal}`)],
    ['another epoch', write(`${Number(epoch) - 1000}-${offset}-${seal}`)],
  ];
  const attempts = forged.map(([what, made]) => ({
    what: `${one.field} after a cursor that was made up: ${what}`,
    viewer,
    token: viewer.token,
    request: after(one, made),
    codes: ['CURSOR_EXPIRED'],
  }));
  return expectRefused(bench, 'RES-3', over, attempts);
}

/** The same user comes back with a token for another unit. */
async function resumeMoved(bench: Bench, reader: Reader, second: Viewer, over: Over): Promise<void> {
  const { mint, findings } = bench;
  if (mint === undefined) {
    findings.notShown('RES-4', NO_MINT);
    return;
  }
  const { viewer, one, cursor } = reader;
  const token = mint.make({ ...viewer, unitId: second.unitId });
  const old = {
    ...after(one, cursor),
    query: one.request.query.replace(one.field, `${one.field}(unitId: "${viewer.unitId}")`),
  };
  await expectRefused(bench, 'RES-4', over, [
    {
      what: `${one.field} of the new unit, after a cursor of the old one`,
      viewer,
      token,
      request: after(one, cursor),
      codes: ['CURSOR_EXPIRED'],
    },
    {
      what: `${one.field} of the old unit, after its cursor`,
      viewer,
      token,
      request: old,
      codes: ['FORBIDDEN'],
    },
  ]);
}

/** How far back a subscription begins, in milliseconds. */
const PAST_MS = 30_000;

async function beginInPast(
  bench: Bench,
  publisher: ProbePublisher,
  { viewer, one, slot }: Reader,
  [transport, open]: Over,
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
