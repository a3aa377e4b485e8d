/** The operator's own fault, while events go on and clients resume. */
import { messageOf } from '../../../errors.ts';
import { type Bench, NOT_PUBLISHED, probedViewers } from '../bench.ts';
import { type Case, casesOf } from '../cases.ts';
import { errorsOf, type OperationRequest } from '../operation.ts';
import { isDue, type Reading } from '../oracle.ts';
import { publishTo } from '../probing.ts';
import { runCommand } from '../publishing.ts';
import { probeIdsOf } from '../received.ts';
import type { Transport, TransportName } from '../wire.ts';
import { STREAMING } from './following.ts';

/** How long a fault and what follows it may take, in milliseconds. */
const RECOVERY_MS = 60_000;
const PAUSE_MS = 250;
/** How long after one event the next one is published, in milliseconds. */
const BETWEEN_MS = 20;

/** What a client got that follows, and resumes after each end. */
interface Follower {
  readonly transport: TransportName;
  /** The ids of events in order, and CURSOR_EXPIRED where the server said that something is lost. */
  readonly got: string[];
  hasEnded: boolean;
}

interface State {
  isOver: boolean;
}

/** Follows until all is over. */
async function follow(
  bench: Bench,
  follower: Follower,
  { open, token, request, state }: Following,
): Promise<void> {
  const { news } = bench.wire;
  let cursor: string | undefined;
  while (!state.isOver) {
    const extensions = cursor === undefined ? {} : { extensions: { after: cursor } };
    const run = await open(bench.wire, token, [{ ...request, ...extensions }]);
    const [operation] = run.operations;
    if (operation === undefined) return;
    let seen = 0;
    await news.until(() => {
      const all = probeIdsOf(bench, operation);
      follower.got.push(...all.slice(seen));
      seen = all.length;
      return state.isOver || operation.end !== undefined;
    }, RECOVERY_MS);
    cursor = operation.cursor ?? cursor;
    follower.hasEnded ||= operation.end !== undefined;
    // Then nothing is lost in silence, and the client begins again.
    if (errorsOf(operation).some(({ code }) => code === EXPIRED)) {
      follower.got.push(EXPIRED);
      cursor = undefined;
    }
    run.close();
    await news.until(() => state.isOver, PAUSE_MS);
  }
}

interface Following {
  readonly open: Transport;
  readonly token: string;
  readonly request: OperationRequest;
  readonly state: State;
}

const EXPIRED = 'CURSOR_EXPIRED';

export async function examineFaults(bench: Bench): Promise<void> {
  const { publisher, findings, faultCommand, drills, wire } = bench;
  const viewer = probedViewers(bench).find(({ classes }) => !classes.includes('ADMIN'));
  const one = viewer && casesOf(bench, viewer).find(isPlain);
  const isAllowed = drills.includes('faults') && faultCommand !== undefined;
  if (
    !isAllowed ||
    publisher === undefined ||
    viewer === undefined ||
    one?.due.codes !== undefined ||
    one === undefined
  ) {
    const reason = 'it is a drill: --drills faults --fault-command COMMAND';
    findings.notShown('FLT-1', publisher === undefined ? NOT_PUBLISHED : reason);
    return;
  }
  const { due, kind, request } = one;
  const slot = { kind, channel: { kind: kind.kind, unitId: viewer.unitId }, unitId: viewer.unitId };
  const state: State = { isOver: false };
  const publish = async (): Promise<string | undefined> => {
    try {
      const [probe] = await publishTo(bench, publisher, [slot], 'own');
      return probe?.id;
    } catch {
      bench.published.pop(); // Redis is away: nobody knows whether it has taken this one
      return undefined;
    }
  };
  const followers = STREAMING.map(([transport]): Follower => ({ transport, got: [], hasEnded: false }));
  const following = STREAMING.map(([, open], index) => {
    const follower = followers[index];
    return follower && follow(bench, follower, { open, token: viewer.token, request, state });
  });
  let isPublishing = true;
  const steady = (async () => {
    while (isPublishing) {
      await publish();
      await wire.news.until(() => !isPublishing, BETWEEN_MS);
    }
  })();
  await wire.news.until(() => followers.every(({ got }) => got.length > 3), wire.patienceMs);
  const fault = await runCommand('fault-command', faultCommand, []).then(() => undefined, messageOf);
  isPublishing = false;
  await steady; // one after the other, so that their order is known
  const last = await publish();
  await wire.news.until(() => followers.every(({ got }) => got.includes(last ?? '')), RECOVERY_MS);
  state.isOver = true;
  wire.news.changed();
  await Promise.all(following);
  for (const follower of followers) {
    const verdict = judgeFollower(bench, due, follower, last);
    findings.add('FLT-1', {
      what: `${faultCommand}${follower.hasEnded ? ', which ended connections' : ''}`,
      viewer: viewer.name,
      transport: follower.transport,
      expected: `each event once and in order, or ${EXPIRED}`,
      got: fault ?? verdict.says,
      isGood: fault === undefined && verdict.isGood,
    });
  }
}

const isPlain = ({ requirement, kind, due }: Case): boolean =>
  requirement === 'ISO-1' && !kind.isNewestOnly && due.codes === undefined;

/** Compares what was published from the first event that a client got to the last one. */
function judgeFollower(bench: Bench, due: Reading, { got }: Follower, last: string | undefined) {
  const published = bench.published.filter((event) => isDue(due, event)).map(({ id }) => id);
  const [start, end] = [published.indexOf(got[0] ?? ''), published.indexOf(last ?? '')];
  const expected = start < 0 ? [] : published.slice(start, end + 1);
  const events = got.filter((id) => published.includes(id));
  const missing = expected.filter((id) => !events.includes(id)).length;
  const positions = events.map((id) => published.indexOf(id));
  const isInOrder = positions.every(
    (position, index) => index === 0 || position > (positions[index - 1] ?? -1),
  );
  const isSaid = got.includes(EXPIRED);
  return {
    says: `${events.length} events, ${missing} missing${isInOrder ? '' : ', in another order or twice'}${isSaid ? `, ${EXPIRED}` : ''}`,
    isGood: expected.length > 0 && isInOrder && (missing === 0 || isSaid),
  };
}
