/** Whether lines of the security log are as they were written: by their chain of hashes, and by anchors that are kept elsewhere. */
import { type Chain, createChain } from '../../record/chain.ts';
import { counted, type Finding, fault, ok, warning, writeFindings } from '../finding.ts';
import type { Anchors } from './anchors.ts';
import { type ChainOfProcess, followChain } from './chain-of-process.ts';
import type { FoundLine } from './read-lines.ts';

export interface VerifyQuestion {
  readonly lines: AsyncIterable<FoundLine>;
  /** `undefined`: there are none. */
  readonly anchors: Anchors | undefined;
  /** `SECURITY_LOG_KEY`; `undefined`: lines are chained without one. */
  readonly key: string | undefined;
}

export interface Verified {
  readonly processes: readonly Finding[];
  readonly conclusion: string;
  /** Whether something is missing or altered. */
  readonly isBroken: boolean;
}

/** How many findings are named; the others are counted. */
const MAX_NAMED = 100;

export async function verifyLines({ lines, anchors, key }: VerifyQuestion): Promise<Verified> {
  const findings = createFindings();
  const { report } = findings;
  const chain = createChain(key);
  const processes = new Map<string, ChainOfProcess>();
  let count = 0;
  for await (const { file, number, text, line } of lines) {
    count += 1;
    if (line === undefined) {
      report(fault(`${file}:${number}`, 'it cannot be read: cut off, altered, or of another version'));
      continue;
    }
    const { process } = line;
    const known =
      processes.get(process) ??
      followChain({ process, chain, anchors: anchors && (anchors.get(process) ?? []), report });
    processes.set(process, known);
    reportKey(line.event === 'log.opened' ? line.chain : undefined, chain, process, report);
    known.add({ file, number, text, line });
  }
  for (const process of processes.values()) process.finish();
  reportMissing(anchors, processes, report);
  const conclusion = conclude({ ...findings, count, processes: processes.size }, anchors !== undefined);
  return { processes: findings.named(), conclusion, isBroken: findings.isBroken() };
}

/** An altered log could say that it has no key; and with another key every line looks altered. */
function reportKey(
  said: Chain['kind'] | undefined,
  { kind }: Chain,
  process: string,
  report: (finding: Finding) => void,
): void {
  if (said === undefined || said === kind) return;
  report(
    said === 'sha256'
      ? warning(process, 'its lines are chained without a key, and one is set here', 'leave out the key')
      : warning(
          process,
          'its lines are chained with a key, and none is set here',
          'set SECURITY_LOG_KEY as its server had it',
        ),
  );
}

function reportMissing(
  anchors: Anchors | undefined,
  processes: ReadonlyMap<string, unknown>,
  report: (finding: Finding) => void,
): void {
  for (const [process, anchored] of anchors ?? []) {
    const newest = anchored.at(-1);
    if (newest !== undefined && !processes.has(process))
      report(
        fault(process, `none of its lines is here; it had written ${newest.seq} of them at ${newest.at}`),
      );
  }
}

function createFindings() {
  const named: Finding[] = [];
  let unnamed = 0;
  let isBroken = false;
  return {
    report(finding: Finding): void {
      if (finding.level !== 'note') isBroken = true;
      if (named.length < MAX_NAMED) named.push(finding);
      else unnamed += 1;
    },
    named: (): readonly Finding[] =>
      unnamed === 0 ? named : [...named, warning('more', `${unnamed} findings more are not named here`)],
    isBroken: () => isBroken,
  };
}

function conclude(
  { count, processes, isBroken }: { count: number; processes: number; isBroken: () => boolean },
  isAnchored: boolean,
): string {
  const of = `${counted(count, 'line')} of ${counted(processes, 'process')}`;
  if (count === 0) return 'There is no line of the security log.';
  if (isBroken()) return `Of ${of} something is missing, or was altered.`;
  return isAnchored
    ? `${of}: as they were written, up to the last anchor of each process.`
    : `${of}: whole by themselves. Without anchors nobody sees whether the end, or all lines of a process, were cut off.`;
}

export function* writeVerified({ processes, conclusion }: Verified): Generator<string> {
  yield* writeFindings('Chain', processes.length === 0 ? [ok('lines', 'nothing is wrong')] : processes);
  yield `Conclusion: ${conclusion}`;
}
