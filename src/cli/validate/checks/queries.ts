/** Queries for the newest snapshot, and what refusals say. */
import { getNamedType, isObjectType } from 'graphql';
import { readDirective } from '../../../events/sdl.ts';
import { requiredRole } from '../../../graphql/directives.ts';
import type { Bench } from '../bench.ts';
import { MADE_UP_UNIT } from '../cases.ts';
import { requestOf, selectAll } from '../documents.ts';
import { describeOutcome, errorsOf, type Operation } from '../operation.ts';
import { judge, maySee } from '../oracle.ts';
import { overHttp } from '../over-http.ts';
import { overWebSocket } from '../over-websocket.ts';
import type { Viewer } from '../people.ts';
import { eventsOf } from '../received.ts';
import type { NamedTransport } from '../wire.ts';

const ASKING: readonly NamedTransport[] = [
  ['WebSocket', overWebSocket],
  ['HTTP', overHttp],
];

export async function examineQueries(bench: Bench): Promise<void> {
  const { schema } = bench.domain;
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(
    (field) => readDirective(schema, field, 'newest') !== undefined,
  );
  if (fields.length === 0) bench.findings.notShown('ISO-12', 'the schema has no such query');
  for (const viewer of bench.people.viewers)
    for (const field of fields) for (const asking of ASKING) await askNewest(bench, viewer, field, asking);
}

async function askNewest(
  { wire, domain: { schema, kinds }, people, findings, published }: Bench,
  viewer: Viewer,
  field: Parameters<typeof requestOf>[1],
  [transport, open]: (typeof ASKING)[number],
): Promise<void> {
  const kind = kinds.get(String(readDirective(schema, field, 'newest')?.['of']));
  const type = getNamedType(field.type);
  if (kind === undefined || !isObjectType(type)) return;
  const asked = [null, ...people.probeUnits, MADE_UP_UNIT, '*'];
  const requests = asked.map((unitId) =>
    requestOf('query', field, unitId === null ? {} : { unitId }, selectAll(schema, type, viewer.classes)),
  );
  const run = await open(wire, viewer.token, requests);
  await wire.news.until(() => run.operations.every(({ end }) => end !== undefined), wire.patienceMs);
  run.operations.forEach((operation, index) => {
    const unitId = asked[index] ?? null;
    const { kind: name, hasTogether } = kind;
    const role = requiredRole(schema, field);
    const due = judge(viewer, { kind: name, unitId, isOwn: false, hasTogether, role });
    const about = {
      what: `${field.name}${unitId === null ? '' : ` of the unit ${unitId}`}`,
      viewer: viewer.name,
      transport,
    };
    if (due.codes !== undefined) {
      const [code = ''] = errorsOf(operation).map((error) => error.code);
      const isGood = due.codes.includes(code) && eventsOf(operation).length === 0;
      findings.add('ISO-12', {
        ...about,
        expected: due.codes.join(' or '),
        got: describeOutcome(operation),
        isGood,
      });
      return;
    }
    const newest = published.findLast((probe) => due.reads(probe));
    const [answer] = eventsOf(operation);
    const isWrong =
      operation.answers.length === 0 ||
      errorsOf(operation).length > 0 ||
      (answer !== undefined && !isOfViewer(viewer, answer['unitId'])) ||
      (newest !== undefined && answer?.['id'] !== newest.id);
    findings.add('ISO-12', {
      ...about,
      expected:
        newest === undefined ? 'nothing of another unit' : 'the newest snapshot that was published there',
      got: isWrong ? `${describeOutcome(operation)}, of another unit or not the newest` : 'as expected',
      isGood: !isWrong,
    });
  });
  run.close();
}

const isOfViewer = (viewer: Viewer, unitId: unknown): boolean =>
  unitId === null ? viewer.classes.includes('ADMIN') : maySee(viewer, unitId);

/** A refusal for a unit that exists, and one for a unit that does not, must not differ. */
export async function examineRefusals(bench: Bench): Promise<void> {
  const { wire, people, findings, domain } = bench;
  const [field] = Object.values(domain.schema.getSubscriptionType()?.getFields() ?? {});
  if (field === undefined) return;
  let isTried = false;
  for (const viewer of people.viewers) {
    const other = people.probeUnits.find((unitId) => unitId !== viewer.unitId);
    if (viewer.classes.includes('ADMIN') || other === undefined) continue;
    isTried = true;
    const requests = [other, MADE_UP_UNIT].map((unitId) =>
      requestOf('subscription', field, { unitId }, '{ id }'),
    );
    const run = await overWebSocket(wire, viewer.token, [...requests, { query: '{ viewer { id } }' }]);
    await wire.news.until(
      () => run.operations.every(({ answers, end }) => answers.length > 0 || end !== undefined),
      wire.patienceMs,
    );
    const [real, madeUp, after] = run.operations;
    const said = (operation: Operation | undefined): string =>
      operation === undefined
        ? ''
        : errorsOf(operation)
            .map(({ code, message }) => `${code}: ${message}`)
            .join();
    const about = { viewer: viewer.name, transport: 'WebSocket' };
    findings.add('ISO-13', {
      ...about,
      what: `${field.name} of the unit ${other}, and of one that does not exist`,
      expected: 'the same refusal',
      got: said(real) === said(madeUp) ? said(real) : `${said(real)}; ${said(madeUp)}`,
      isGood: said(real) !== '' && said(real) === said(madeUp) && !said(real).includes(other),
    });
    findings.add('ISO-13', {
      ...about,
      what: 'a query after both refusals',
      expected: 'an answer',
      got: after === undefined ? 'nothing' : describeOutcome(after),
      isGood: after !== undefined && eventsOf(after).length === 1,
    });
    run.close();
  }
  if (!isTried) findings.notShown('ISO-13', 'it needs a viewer of one unit, and a probe unit of another');
}
