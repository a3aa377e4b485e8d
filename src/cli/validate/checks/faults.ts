/** The operator's own fault, while events go on and clients resume. */
import { messageOf } from '../../../errors.ts';
import { type Bench, NOT_PUBLISHED, probedViewers } from '../bench.ts';
import { casesOf } from '../cases.ts';
import { errorsOf } from '../operation.ts';
import { isDue } from '../oracle.ts';
import { publishTo, untilOpen } from '../probing.ts';
import { runCommand } from '../publishing.ts';
import { probeIdsOf } from '../received.ts';
import { STREAMING } from './following.ts';

/** How long a fault and what follows it may take, in milliseconds. */
const RECOVERY_MS = 60_000;
const PAUSE_MS = 250;

export async function examineFaults(bench: Bench): Promise<void> {
  const { publisher, findings, faultCommand, drills } = bench;
  const viewer = probedViewers(bench).find(({ classes }) => !classes.includes('ADMIN'));
  if (
    !drills.includes('faults') ||
    faultCommand === undefined ||
    publisher === undefined ||
    viewer === undefined
  ) {
    const reason = 'it is a drill: --drills faults --fault-command COMMAND';
    findings.notShown('FLT-1', publisher === undefined ? NOT_PUBLISHED : reason);
    return;
  }
  const one = casesOf(bench, viewer).find(
    ({ requirement, kind, due }) => requirement === 'ISO-1' && !kind.isNewestOnly && due.codes === undefined,
  );
  if (one === undefined || one.due.codes !== undefined) return;
  const { due, kind, request } = one;
  const slot = { kind, channel: { kind: kind.kind, unitId: viewer.unitId }, unitId: viewer.unitId };
  const ids = new Map<string, string[]>();
  const ended = new Set<string>();
  let isOver = false;

  /** Follows, and resumes after each end, until all is over. */
  async function follow([transport, open]: (typeof STREAMING)[number]): Promise<void> {
    let cursor: string | undefined;
    const got: string[] = [];
    ids.set(transport, got);
    while (!isOver) {
      const extensions = cursor === undefined ? {} : { extensions: { after: cursor } };
      const run = await open(bench.wire, viewer?.token, [{ ...request, ...extensions }]);
      const [operation] = run.operations;
      if (operation === undefined) return;
      let seen = 0;
      const take = (): void => {
        const all = probeIdsOf(bench, operation);
        got.push(...all.slice(seen));
        seen = all.length;
      };
      await bench.wire.news.until(() => {
        take();
        return isOver || operation.end !== undefined;
      }, RECOVERY_MS);
      cursor = operation.cursor ?? cursor;
      if (operation.end !== undefined) ended.add(transport);
      // The server says that something is lost: then it is not lost in silence, and the client begins again.
      if (errorsOf(operation).some(({ code }) => code === 'CURSOR_EXPIRED')) {
        got.push('CURSOR_EXPIRED');
        cursor = undefined;
      }
      run.close();
      if (!isOver) await bench.wire.news.until(() => isOver, PAUSE_MS);
    }
  }

  const probe = await STREAMING[0]?.[1](bench.wire, viewer.token, [request]);
  const [first] = probe?.operations ?? [];
  if (first !== undefined) await untilOpen(bench, publisher, [slot], [{ due, operation: first }]);
  probe?.close();
  const following = STREAMING.map(follow);
  const from = bench.published.length;
  const steady = (async () => {
    while (!isOver) {
      await publishTo(bench, publisher, [slot], 'own').catch(() => bench.published.pop());
      await bench.wire.news.until(() => isOver, 20);
    }
  })();
  let fault: string | undefined;
  await bench.wire.news.until(() => [...ids.values()].every((got) => got.length > 3), bench.wire.patienceMs);
  await runCommand(faultCommand, []).catch((error: unknown) => {
    fault = messageOf(error);
  });
  const [last] = await publishTo(bench, publisher, [slot], 'own').catch(() => []);
  await bench.wire.news.until(
    () => [...ids.values()].every((got) => got.includes(last?.id ?? '')),
    RECOVERY_MS,
  );
  isOver = true;
  bench.wire.news.changed();
  await Promise.all([...following, steady]);
  const published = bench.published
    .slice(from)
    .filter((event) => isDue(due, event))
    .map(({ id }) => id);
  for (const [transport, got] of ids) {
    const start = published.indexOf(got[0] ?? '');
    const end = published.indexOf(last?.id ?? '');
    const expected = published.slice(start, end + 1);
    const missing = expected.filter((id) => !got.includes(id)).length;
    const twice = got.length - new Set(got).size;
    const isSaid = got.includes('CURSOR_EXPIRED');
    findings.add('FLT-1', {
      what: `${faultCommand}${ended.has(transport) ? ', which ended connections' : ''}`,
      viewer: viewer.name,
      transport,
      expected: 'each event once, or CURSOR_EXPIRED',
      got:
        fault ??
        `${expected.length} events, ${missing} missing, ${twice} twice${isSaid ? ', CURSOR_EXPIRED' : ''}`,
      isGood: fault === undefined && start >= 0 && end >= 0 && twice === 0 && (missing === 0 || isSaid),
    });
  }
}
