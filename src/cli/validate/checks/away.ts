/** Queries for what happened meanwhile, after events were published to all units. */
import { isRecord } from '../../../events/paths.ts';
import { foldedKinds, whileAwayTypes } from '../../../events/while-away.ts';
import { type Bench, NOT_PUBLISHED } from '../bench.ts';
import { MADE_UP_UNIT } from '../cases.ts';
import { describeOutcome, errorsOf, type Operation, type OperationRequest } from '../operation.ts';
import { judge, type Reading } from '../oracle.ts';
import { overHttp } from '../over-http.ts';
import type { Viewer } from '../people.ts';
import { publishTo, slotsOf } from '../probing.ts';

const HOUR_MS = 3_600_000;

export async function examineAway(bench: Bench): Promise<void> {
  const { domain, findings, publisher, people } = bench;
  const [types] = whileAwayTypes(domain.schema);
  if (types === undefined || publisher === undefined) {
    findings.notShown('ISO-15', types === undefined ? 'the schema has no such query' : NOT_PUBLISHED);
    return;
  }
  const folded = foldedKinds(domain.schema, types.line, domain.kinds).map(({ kind }) => kind.kind);
  const slots = slotsOf(bench).filter(({ kind }) => folded.includes(kind.kind));
  await publishTo(bench, publisher, slots, 'own');
  for (const viewer of people.viewers) await ask(bench, viewer, types.field.name, folded);
}

async function ask(bench: Bench, viewer: Viewer, field: string, kinds: readonly string[]): Promise<void> {
  const { wire, people, findings } = bench;
  const units = [null, ...people.probeUnits, MADE_UP_UNIT, '*'];
  const requests = units.map(
    (unitId): OperationRequest => ({
      query: `query ($unitId: ID) { ${field}(unitId: $unitId, sinceMs: ${HOUR_MS}, first: 500, includeOwn: true) { lines { eventIds } } }`,
      variables: unitId === null ? {} : { unitId },
    }),
  );
  const run = await overHttp(wire, viewer.token, requests);
  await wire.news.until(() => run.operations.every(({ end }) => end !== undefined), wire.patienceMs);
  run.operations.forEach((operation, index) => {
    const unitId = units[index] ?? null;
    const due = kinds.flatMap((kind) =>
      [false, true].map((isOwn) =>
        judge(viewer, { kind, unitId, isOwn, hasTogether: false, role: undefined }),
      ),
    );
    const codes = due.flatMap((one) => one.codes ?? []);
    const reads = due.filter((one): one is Reading => one.codes === undefined);
    const verdict =
      codes.length > 0 ? judgeRefused(operation, codes) : judgeLines(bench, operation, field, reads);
    findings.add('ISO-15', {
      what: `${field}${unitId === null ? '' : ` of the unit ${unitId}`}`,
      viewer: viewer.name,
      transport: 'HTTP',
      expected:
        codes.length > 0
          ? [...new Set(codes)].join(' or ')
          : 'what was published for this viewer, and nothing else',
      ...verdict,
    });
  });
  run.close();
}

const judgeRefused = (operation: Operation, codes: readonly string[]) => ({
  got: describeOutcome(operation),
  isGood: errorsOf(operation).some(({ code }) => codes.includes(code)),
});

/** Each line is about events that are due, and the last event of each topic is in one. */
function judgeLines(
  { published, probes }: Bench,
  operation: Operation,
  field: string,
  due: readonly Reading[],
) {
  const got = new Set(idsIn(operation, field).filter(probes.isProbe));
  const isDue = (probe: (typeof published)[number]): boolean => due.some((one) => one.reads(probe));
  const leaked = published.filter((probe) => got.has(probe.id) && !isDue(probe));
  const missing = due
    .map((one) => published.findLast((probe) => one.reads(probe)))
    .filter((last) => last !== undefined && !got.has(last.id));
  const isAnswered = operation.answers.length > 0 && errorsOf(operation).length === 0;
  const says =
    leaked.length > 0
      ? `${leaked.length} events that are not due, of the units ${[...new Set(leaked.map(({ unitId }) => unitId))].join()}`
      : missing.length > 0
        ? `${missing.length} events are missing`
        : 'as expected';
  return {
    got: isAnswered ? says : describeOutcome(operation),
    isGood: isAnswered && leaked.length === 0 && missing.length === 0,
  };
}

function idsIn({ answers }: Operation, field: string): readonly unknown[] {
  const answer = answers.at(-1)?.data?.[field];
  const lines = isRecord(answer) && Array.isArray(answer['lines']) ? answer['lines'] : [];
  return lines
    .filter(isRecord)
    .flatMap(({ eventIds }): unknown[] => (Array.isArray(eventIds) ? eventIds : []));
}
