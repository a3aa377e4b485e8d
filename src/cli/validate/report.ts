import type { Finding, Result } from './findings.ts';

/** What a report says of the run itself. */
export interface RunFacts {
  readonly url: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Marks all that this run has published. */
  readonly mark: string;
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of what decided the run: the schema, the users without their tokens, the settings without secrets. */
  readonly digests: Readonly<Record<string, string>>;
  /** How the run was allowed to act. */
  readonly allowed: readonly string[];
  readonly viewers: readonly {
    readonly name: string;
    readonly user: string;
    readonly unit: string | null;
    readonly role: string | null;
    readonly classes: readonly string[];
    /** Of the token: a hash of its `jti`, as the security log has it. */
    readonly jti: string | null;
  }[];
  readonly probeUnits: readonly string[];
  readonly published: number;
  readonly received: { readonly messages: number; readonly characters: number };
  /** What ended the run before its end, if anything did. */
  readonly aborted: string | null;
}

export interface Report {
  readonly format: 'dms-live validation report';
  readonly version: 1;
  readonly result: Result;
  readonly counts: Readonly<Record<Result, number>>;
  readonly run: RunFacts;
  readonly requirements: readonly Finding[];
}

export function createReport(run: RunFacts, requirements: readonly Finding[]): Report {
  const count = (result: Result): number => requirements.filter((one) => one.result === result).length;
  const counts = { pass: count('pass'), fail: count('fail'), 'not run': count('not run') };
  const isWhole = run.aborted === null && counts.fail === 0;
  return {
    format: 'dms-live validation report',
    version: 1,
    result: !isWhole ? 'fail' : counts.pass === 0 ? 'not run' : 'pass',
    counts,
    run,
    requirements,
  };
}

/** The report for a terminal. */
export function* writeReport({ requirements, counts, run }: Report): Generator<string> {
  for (const { id, text, result, passed, failed, notShown, evidence } of requirements) {
    yield `${result.padEnd(8)}${id.padEnd(7)}${text} ${passed + failed > 0 ? `(${passed} of ${passed + failed})` : ''}`.trimEnd();
    for (const reason of notShown) yield `${' '.repeat(15)}not shown: ${reason}`;
    for (const one of evidence.filter(({ isGood }) => !isGood).slice(0, 3)) {
      const where = [one.viewer, one.transport].filter((part) => part !== undefined).join(', ');
      yield `${' '.repeat(15)}→ ${one.what}${where === '' ? '' : ` (${where})`}: ${one.got}; expected: ${one.expected}`;
    }
  }
  yield '';
  if (run.aborted !== null) yield `The run was broken off: ${run.aborted}`;
  yield `${counts.pass} passed, ${counts.fail} failed, ${counts['not run']} not run`;
}
