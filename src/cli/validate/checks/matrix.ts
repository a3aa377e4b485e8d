/** Who sees what: all viewers follow all fields over all transports, while marked events go to each unit. */
import { type Bench, NOT_PUBLISHED } from '../bench.ts';
import { type Case, casesOf } from '../cases.ts';
import { describeOutcome, errorsOf, isRefused, type Operation } from '../operation.ts';
import type { People, Viewer } from '../people.ts';
import { hasHiddenParts } from '../probe.ts';
import { type Follower, publishTo, slotsOf, untilLast, untilOpen } from '../probing.ts';
import type { ProbePublisher } from '../publishing.ts';
import { eventsOf, findDifferences, judgeEvents } from '../received.ts';
import { chunksOf, type Run, type TransportName } from '../wire.ts';
import { STREAMING } from './following.ts';

/** A case, tried over a transport. */
interface Trial {
  readonly one: Case;
  readonly transport: TransportName;
  readonly operation: Operation;
}

/** How long what is to be refused may take after the last event of all others, in milliseconds. */
const LATE_MS = 500;

/** How many event streams are opened at once. */
const STREAMS_AT_ONCE = 8;

export async function examineMatrix(bench: Bench): Promise<void> {
  const { wire, people, publisher, findings } = bench;
  const { trials, close } = await openTrials(bench);
  try {
    if (publisher === undefined) {
      await wire.news.until(() => trials.every(isSettled), wire.patienceMs);
      for (const id of ['ISO-1', 'ISO-4', 'ISO-6', 'ISO-7', 'ISO-9', 'ISO-10'] as const)
        findings.notShown(id, NOT_PUBLISHED);
    } else {
      await publishProbes(bench, publisher, trials);
      if (!hasTwins(people)) findings.notShown('ISO-1', NO_TWINS);
    }
    for (const trial of trials) judgeTrial(bench, trial);
  } finally {
    close();
  }
}

const NO_TWINS =
  'that viewers of two units with the same rights share nothing: the file of users has none whose units are both probeUnits';

/** Whether two viewers ask for the same, by the same rights, and must not get the same. */
function hasTwins({ viewers, probeUnits }: People): boolean {
  const isProbed = ({ unitId }: Viewer): boolean => unitId !== null && probeUnits.includes(unitId);
  const rightsOf = ({ classes }: Viewer): string => classes.toSorted().join();
  return viewers.some((one) =>
    viewers.some(
      (other) =>
        isProbed(one) && isProbed(other) && one.unitId !== other.unitId && rightsOf(one) === rightsOf(other),
    ),
  );
}

/** Opens everything before anything is published, so that viewers whose rights differ share what the server shares. */
async function openTrials(bench: Bench): Promise<{ readonly trials: readonly Trial[]; close(): void }> {
  const { wire, people, known } = bench;
  const { maxSubscriptionsPerConnection: most } = known.limits;
  const opened: { readonly run: Run; readonly transport: TransportName; readonly some: readonly Case[] }[] =
    [];
  // One after the other: a crowd of strangers at once would try limits, and slow servers.
  for (const viewer of people.viewers) {
    const cases = casesOf(bench, viewer);
    for (const [transport, open] of STREAMING) {
      const tried = cases.filter(({ isForAll }) => isForAll || transport === 'WebSocket');
      for (const some of chunksOf(tried, Math.min(transport === 'SSE' ? STREAMS_AT_ONCE : 50, most))) {
        const requests = some.map(({ request }) => request);
        opened.push({ run: await open(wire, viewer.token, requests), transport, some });
      }
    }
  }
  const trials = opened.flatMap(({ run, transport, some }) =>
    some.flatMap((one, index): Trial[] => {
      const operation = run.operations[index];
      return operation === undefined ? [] : [{ one, transport, operation }];
    }),
  );
  return {
    trials,
    close() {
      for (const { run } of opened) run.close();
    },
  };
}

const isSettled = ({ one, operation }: Trial): boolean =>
  one.due.codes === undefined || isRefused(operation) || eventsOf(operation).length > 0;

async function publishProbes(
  bench: Bench,
  publisher: ProbePublisher,
  trials: readonly Trial[],
): Promise<void> {
  const slots = slotsOf(bench);
  const followers = trials.flatMap(({ one: { due }, operation }): Follower[] =>
    due.codes === undefined && slots.some(due.reads) ? [{ due, operation }] : [],
  );
  await untilOpen(bench, publisher, slots, followers);
  await publishTo(bench, publisher, slots, 'mixed');
  await publishTo(bench, publisher, slots, 'own');
  await publishTo(bench, publisher, slots, 'own');
  await untilLast(bench, followers);
  await bench.wire.news.until(() => trials.every(isSettled), LATE_MS);
}

function judgeTrial(bench: Bench, { one, transport, operation }: Trial): void {
  const { findings, publisher } = bench;
  const { requirement, viewer, what, request, due } = one;
  const about = { what, viewer: viewer.name, transport, sent: describeRequest(request) };
  if (due.codes !== undefined) {
    const [code] = errorsOf(operation).map((error) => error.code);
    const isGood = code !== undefined && due.codes.includes(code) && eventsOf(operation).length === 0;
    const expected = `${due.codes.join(' or ')}, and no event`;
    findings.add(requirement, { ...about, expected, got: describeOutcome(operation), isGood });
    return;
  }
  const codes = errorsOf(operation).map(({ code }) => code);
  if (codes.length > 0 || operation.end !== undefined) {
    findings.add(requirement, {
      ...about,
      expected: 'events',
      got: describeOutcome(operation),
      isGood: false,
    });
    return;
  }
  const isShown = publisher !== undefined && slotsOf(bench).some(due.reads);
  const { count, strange, faults } = judgeEvents(bench, { ...one, due, operation });
  if (faults.length === 0 && !isShown) {
    if (publisher === undefined) return; // said once for all
    findings.notShown(
      requirement,
      `${viewer.name}: nothing may be published where ${what} reads: its unit is none of probeUnits, or see probeAllUnits`,
    );
    return;
  }
  const ours = `${count - strange} events, all due${strange > 0 ? `, and ${strange} by others, of units that the viewer may see` : ''}`;
  findings.add(requirement, {
    ...about,
    expected: 'each due event once and in order, and no other',
    got: faults.length === 0 ? ours : [...new Set(faults)].join('; '),
    isGood: faults.length === 0,
  });
  if (one.isWhole) judgeContent(bench, { one, transport, operation });
}

/** Compares the events field by field. */
function judgeContent(bench: Bench, { one, transport, operation }: Trial): void {
  const { viewer, what, kind } = one;
  const { domain, findings } = bench;
  const compared = findDifferences(bench, operation, viewer);
  for (const variant of ['own', 'mixed'] as const) {
    const some = compared.filter(({ probe }) => probe.variant === variant);
    if (some.length === 0) continue;
    const isHiding = variant === 'mixed' && hasHiddenParts(domain.schema, kind);
    const wrong = [...new Set(some.flatMap(({ where }) => where ?? []))];
    findings.add(isHiding ? 'ISO-10' : 'ISO-9', {
      what: `the content of ${what}`,
      viewer: viewer.name,
      transport,
      expected: isHiding
        ? 'what belongs to units that the viewer may not see is null or left out, all else is as it was sent'
        : 'every field as it was sent',
      got: wrong.length === 0 ? `${some.length} events, equal` : `differs at ${wrong.join(', ')}`,
      isGood: wrong.length === 0,
    });
  }
}

const MAX_LENGTH = 160;

/** A request as the report shows it. */
export function describeRequest({ query, variables }: Case['request']): string {
  const text = query.length > MAX_LENGTH ? `${query.slice(0, MAX_LENGTH)}…` : query;
  return variables === undefined ? text : `${text} ${JSON.stringify(variables)}`;
}
