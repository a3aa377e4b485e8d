/** Who is present: who is shown to whom, and what the end of a session leaves. */
import { subscriptionFields, topicRule } from '../../../events/kinds.ts';
import { isRecord } from '../../../events/paths.ts';
import { PRESENCE_FIELDS } from '../../../events/presence-fields.ts';
import { requiredRole } from '../../../graphql/directives.ts';
import { type Bench, NO_MINT } from '../bench.ts';
import { MADE_UP_UNIT } from '../cases.ts';
import { describeOutcome, errorsOf, type Operation, type OperationRequest } from '../operation.ts';
import { judge } from '../oracle.ts';
import { initOf, openSocketClient, overWebSocket } from '../over-websocket.ts';
import { seesAllUnits, type Viewer } from '../people.ts';
import type { Run } from '../wire.ts';
import { STREAMING } from './following.ts';

/** A kind whose objects users may look at, and the role class that its events need. */
interface Kind {
  readonly kind: string;
  readonly role: ReturnType<typeof requiredRole>;
}

/** What a face has to be gone within, in milliseconds: a connection that was lost may leave it for 15 seconds. */
const MOST_MS = 10_000;

export async function examinePresence(bench: Bench): Promise<void> {
  const { findings, known, domain } = bench;
  const fields = domain.schema.getSubscriptionType()?.getFields() ?? {};
  const kinds = kindsOf(bench);
  const plain = kinds.find(({ role }) => role === undefined);
  if (Object.values(PRESENCE_FIELDS).some((name) => fields[name] === undefined) || plain === undefined)
    for (const id of ['ISO-14', 'SES-7'] as const) findings.notShown(id, 'the schema shows nobody');
  else if (!known.presence) {
    findings.notShown('SES-7', 'PRESENCE is off');
    for (const viewer of bench.people.viewers) await expectOff(bench, viewer, plain);
  } else {
    for (const kind of [plain, ...kinds.filter(({ role }) => role !== undefined)]) await tryKind(bench, kind);
    await tryEnd(bench, plain);
  }
}

function kindsOf({ domain: { schema, kinds } }: Bench): readonly Kind[] {
  return subscriptionFields(schema).flatMap((field): Kind[] => {
    const kind = kinds.get(topicRule(schema, field)?.kind ?? '');
    return kind === undefined || kind.isNewestOnly
      ? []
      : [{ kind: kind.kind, role: requiredRole(schema, field) }];
  });
}

const watching = (kind: string, unitId: string | null): OperationRequest => ({
  query: `subscription ($kind: String!, $unitId: ID) { ${PRESENCE_FIELDS.watch}(kind: $kind, unitId: $unitId) { objectId unitId userId } }`,
  variables: { kind, ...(unitId !== null && { unitId }) },
});

const announcing = (kind: string, id: string, unitId: string | null): OperationRequest => ({
  query: `subscription ($kind: String!, $id: ID!, $unitId: ID) { ${PRESENCE_FIELDS.announce}(kind: $kind, id: $id, unitId: $unitId) }`,
  variables: { kind, id, ...(unitId !== null && { unitId }) },
});

async function expectOff(bench: Bench, viewer: Viewer, { kind }: Kind): Promise<void> {
  const requests = [watching(kind, null), announcing(kind, bench.probes.mark, null)];
  const run = await overWebSocket(bench.wire, viewer.token, requests);
  await untilAnswered(bench, [run]);
  for (const operation of run.operations)
    judgeRefusal(bench, operation, ['FORBIDDEN'], viewer, 'PRESENCE is off');
  run.close();
}

function judgeRefusal(
  { findings }: Bench,
  operation: Operation,
  codes: readonly string[],
  viewer: Viewer,
  what: string,
): void {
  const isGood =
    errorsOf(operation).some(({ code }) => codes.includes(code)) &&
    operation.answers.every(({ data }) => data === undefined);
  findings.add('ISO-14', {
    what,
    viewer: viewer.name,
    transport: 'WebSocket',
    sent: operation.request.query,
    expected: codes.join(' or '),
    got: describeOutcome(operation),
    isGood,
  });
}

const untilAnswered = ({ wire }: Bench, runs: readonly Run[]): Promise<boolean> =>
  wire.news.until(
    () => runs.every(({ operations }) => operations.every(({ answers, end }) => answers.length > 0 || end)),
    wire.patienceMs,
  );

/** Everybody is announced everywhere, at an object of one name, and everybody watches everything. */
async function tryKind(bench: Bench, { kind, role }: Kind): Promise<void> {
  const { wire, people, probes } = bench;
  const object = `${probes.mark}-${kind}`;
  const units = [null, ...people.probeUnits, MADE_UP_UNIT, '*'];
  const shown: { readonly unitId: string; readonly userId: string }[] = [];
  const runs: Run[] = [];
  for (const viewer of people.viewers) {
    const run = await overWebSocket(
      wire,
      viewer.token,
      units.map((unitId) => announcing(kind, object, unitId)),
    );
    runs.push(run);
    await untilAnswered(bench, [run]);
    run.operations.forEach((operation, index) => {
      const unitId = units[index] ?? null;
      const due = judge(viewer, { kind, unitId, isOwn: false, hasTogether: false, role });
      const unit = unitId ?? (seesAllUnits(viewer) ? null : viewer.unitId);
      if (due.codes === undefined && unit !== null) shown.push({ unitId: unit, userId: viewer.userId });
      else {
        const what = `is announced at an object of the kind ${kind}${ofUnit(unitId)}`;
        judgeRefusal(bench, operation, due.codes ?? ['BAD_USER_INPUT'], viewer, what);
      }
    });
  }
  for (const viewer of people.viewers)
    await watchAll(bench, viewer, { kind, role }, { object, units, shown });
  for (const run of runs) run.close();
}

interface Everybody {
  readonly object: string;
  readonly units: readonly (string | null)[];
  readonly shown: readonly { readonly unitId: string; readonly userId: string }[];
}

async function watchAll(
  bench: Bench,
  viewer: Viewer,
  { kind, role }: Kind,
  { object, units, shown }: Everybody,
): Promise<void> {
  const { wire, findings } = bench;
  for (const [transport, open] of STREAMING) {
    const run = await open(
      wire,
      viewer.token,
      units.map((unitId) => watching(kind, unitId)),
    );
    const watches = run.operations.map((operation, index) => {
      const unitId = units[index] ?? null;
      const due = judge(viewer, { kind, unitId, isOwn: false, hasTogether: false, role });
      const unit = unitId ?? (seesAllUnits(viewer) ? null : viewer.unitId);
      const expected = new Set(shown.filter((one) => unit === null || one.unitId === unit).map(nameOf));
      return { operation, unitId, due, expected: [...expected].toSorted().join() };
    });
    await wire.news.until(
      () =>
        watches.every(({ operation, due, expected }) =>
          due.codes === undefined ? facesIn(operation, object) === expected : operation.answers.length > 0,
        ),
      wire.patienceMs,
    );
    for (const { operation, unitId, due, expected } of watches) {
      const what = `who is at objects of the kind ${kind}${ofUnit(unitId)}`;
      if (due.codes !== undefined) {
        judgeRefusal(bench, operation, due.codes, viewer, what);
        continue;
      }
      const got = facesIn(operation, object) ?? describeOutcome(operation);
      findings.add('ISO-14', {
        what,
        viewer: viewer.name,
        transport,
        expected: expected || 'nobody',
        got: got || 'nobody',
        isGood: got === expected,
      });
    }
    run.close();
  }
}

const ofUnit = (unitId: string | null): string => (unitId === null ? '' : ` in the unit ${unitId}`);

const nameOf = ({ userId, unitId }: { readonly userId: unknown; readonly unitId: unknown }): string =>
  `${userId} in ${unitId}`;

/** Who is shown at an object, as the newest answer has it; `undefined`: there is no answer. */
function facesIn({ answers }: Operation, object: string): string | undefined {
  const faces = answers.at(-1)?.data?.[PRESENCE_FIELDS.watch];
  if (!Array.isArray(faces)) return undefined;
  return faces
    .filter(isRecord)
    .filter(({ objectId }) => objectId === object)
    .map(({ userId, unitId }) => nameOf({ userId, unitId }))
    .toSorted()
    .join();
}

/** A session that ends because its user's role has changed takes its face with it. */
async function tryEnd(bench: Bench, { kind }: Kind): Promise<void> {
  const { wire, mint, findings, people, probes, promptMs } = bench;
  const viewer = people.viewers.find(({ unitId }) => unitId !== null);
  if (mint === undefined || viewer === undefined) {
    findings.notShown('SES-7', NO_MINT);
    return;
  }
  const object = `${probes.mark}-end`;
  const watch = await overWebSocket(wire, viewer.token, [watching(kind, viewer.unitId)]);
  const [watched] = watch.operations;
  const isShown = (): boolean => watched !== undefined && (facesIn(watched, object) ?? '') !== '';
  const socket = await openSocketClient(wire, initOf(viewer.token));
  socket.run(announcing(kind, object, viewer.unitId));
  const hasCome = await wire.news.until(isShown, wire.patienceMs);
  const from = performance.now();
  const token = mint.make({ ...viewer, role: 'validate: another role' });
  socket.run({
    query: `mutation ($token: String!) { renewSession(token: $token) { id } }`,
    variables: { token },
  });
  const hasGone = await wire.news.until(() => !isShown(), Math.min(promptMs, MOST_MS));
  const ms = Math.round(performance.now() - from);
  findings.add('SES-7', {
    what: 'a session that ended because the role has changed',
    viewer: viewer.name,
    transport: 'WebSocket',
    expected: `shown before, and gone within ${Math.min(promptMs, MOST_MS)} ms`,
    got: hasCome ? (hasGone ? `gone after ${ms} ms` : 'shown still') : 'never shown',
    isGood: hasCome && hasGone,
    ms,
  });
  socket.close();
  watch.close();
}
