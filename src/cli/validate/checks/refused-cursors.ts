/** Cursors that must be refused: another viewer's, made-up ones, and those of a unit that the viewer has left. */
import { type Bench, NO_MINT } from '../bench.ts';
import { type Case, casesOf } from '../cases.ts';
import { describeOutcome, errorsOf, type Operation } from '../operation.ts';
import type { Viewer } from '../people.ts';
import { eventsOf } from '../received.ts';
import type { RequirementId } from '../requirements.ts';
import type { NamedTransport } from '../wire.ts';

/** A viewer who has received an event of the own unit. */
export interface Follower {
  readonly viewer: Viewer;
  /** What this viewer follows. */
  readonly one: Case;
  /** The position of that event. */
  readonly cursor: string;
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
  [transport, open]: NamedTransport,
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

export function resumeOthers(
  bench: Bench,
  reader: Follower,
  other: Follower,
  over: NamedTransport,
): Promise<void> {
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

export function resumeMadeUp(
  bench: Bench,
  { viewer, one, cursor }: Follower,
  over: NamedTransport,
): Promise<void> {
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
export async function resumeMoved(
  bench: Bench,
  reader: Follower,
  second: Viewer,
  over: NamedTransport,
): Promise<void> {
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
