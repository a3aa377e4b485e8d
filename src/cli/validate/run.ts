import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { ConfigError } from '../../config/config.ts';
import { messageOf } from '../../errors.ts';
import { readDomain } from '../../events/domain.ts';
import { SchemaError } from '../../events/schema-error.ts';
import { createTopicNames } from '../../events/topic-names.ts';
import { shortHash } from '../../record/security-log.ts';
import { type Io, UsageError } from '../command.ts';
import { duration } from '../finding.ts';
import {
  describeRedisFault,
  type Lookout,
  LookoutFault,
  openLookout,
  readLookoutSettings,
} from '../lookout.ts';
import type { Bench, Drill } from './bench.ts';
import { MADE_UP_UNIT } from './cases.ts';
import { CHECKS } from './checks.ts';
import { createFindings, type Findings } from './findings.ts';
import { writeHtml } from './html.ts';
import { type Installation, readInstallation } from './installation.ts';
import { createNews } from './news.ts';
import { findObstacle } from './obstacle.ts';
import { readPeople } from './people.ts';
import { createProbeMaker } from './probe.ts';
import { publishByCommand, publishThroughRedis, revokeByCommand, revokeThroughRedis } from './publishing.ts';
import { createReport, type RunFacts, writeReport } from './report.ts';
import { GROUPS, groupOf, REQUIREMENT_IDS } from './requirements.ts';
import {
  fingerprintOf,
  pageFile,
  readSigningKey,
  sha256,
  signatureFile,
  signBytes,
  writeSigned,
} from './sign.ts';
import { claimsOf, createTokenMint } from './tokens.ts';
import { createTranscript } from './transcript.ts';

export interface ValidationOptions {
  readonly url: URL;
  readonly usersFile: string;
  readonly out: string | undefined;
  readonly signKeyFile: string | undefined;
  readonly secretFile: string | undefined;
  readonly usesRedis: boolean;
  readonly publishCommand: string | undefined;
  readonly revokeCommand: string | undefined;
  readonly drills: readonly Drill[];
  readonly faultCommand: string | undefined;
  /** Groups or ids of requirements; `undefined`: all. */
  readonly only: readonly string[] | undefined;
  readonly patienceMs: number;
  readonly promptMs: number;
}

/** Tries an installation and writes the report. @returns the exit code. */
export async function runValidation(
  options: ValidationOptions,
  { environment, out, error }: Pick<Io, 'environment' | 'out' | 'error'>,
): Promise<number> {
  const startedAt = new Date();
  const name = options.out ?? `validation-${startedAt.toISOString().slice(0, 19).replace(/[:T]/g, '-')}`;
  const files = { report: `${name}.json`, page: pageFile(`${name}.json`) };
  const existing = Object.values(files)
    .flatMap((file) => [file, signatureFile(file)])
    .find((file) => existsSync(file));
  if (existing !== undefined)
    throw new UsageError(`--out: ${existing} is there already. Evidence is not overwritten.`);
  const signingKey = options.signKeyFile === undefined ? undefined : readSigningKey(options.signKeyFile);
  checkOnly(options.only);
  let lookout: Lookout | undefined;
  try {
    const installation = readInstallation(environment);
    lookout = options.usesRedis ? await openLookout(readLookoutSettings(environment)) : undefined;
    const bench = createBench(options, installation, lookout);
    const aborted = await runChecks(bench, options.only, out);
    const facts = factsOf({ bench, options, installation, startedAt, aborted });
    const report = createReport(facts, bench.findings.all());
    for (const line of writeReport(report)) out(line);
    const bytes = Buffer.from(`${JSON.stringify(report, null, 1)}\n`);
    const signature = signingKey && { text: signBytes(bytes, signingKey), key: fingerprintOf(signingKey) };
    const page = Buffer.from(writeHtml(report, { sha256: sha256(bytes), signature }));
    const written = [
      ...writeSigned(files.report, bytes, signingKey),
      ...writeSigned(files.page, page, signingKey),
    ];
    out(`Written: ${written.join(', ')}`);
    return report.result === 'pass' ? 0 : 1;
  } catch (thrown) {
    const isExpected =
      thrown instanceof ConfigError || thrown instanceof SchemaError || thrown instanceof LookoutFault;
    if (!isExpected) throw thrown;
    error(thrown.message);
    return 1;
  } finally {
    lookout?.close();
  }
}

function checkOnly(only: readonly string[] | undefined): void {
  const known: readonly string[] = [...Object.keys(GROUPS), ...REQUIREMENT_IDS];
  const strange = only?.find((part) => !known.includes(part));
  if (strange !== undefined) throw new UsageError(`--only: there is no ${strange}.`);
}

function createBench(
  options: ValidationOptions,
  installation: Installation,
  lookout: Lookout | undefined,
): Bench {
  const { secretFile, publishCommand, revokeCommand } = options;
  const { known, schemaFile, topicPrefix, kept } = installation;
  const secret = secretFile === undefined ? undefined : readSecret(secretFile);
  const transcript = createTranscript();
  const mint =
    secret === undefined ? undefined : createTokenMint(secret, known.tokenForm, transcript.protect);
  const people = readPeople(options.usersFile, mint?.make);
  const domain = readDomain(schemaFile);
  const names = createTopicNames(topicPrefix, domain.kinds);
  for (const { token, spareToken } of people.viewers) {
    transcript.protect(token);
    if (spareToken !== undefined) transcript.protect(spareToken);
  }
  const publisher =
    publishCommand !== undefined
      ? publishByCommand(publishCommand, names)
      : lookout && publishThroughRedis(lookout, kept);
  return {
    wire: { url: options.url, news: createNews(), transcript, patienceMs: options.patienceMs },
    domain,
    names,
    people,
    known,
    findings: createFindings(),
    probes: createProbeMaker(domain.schema, randomBytes(4).toString('hex'), MADE_UP_UNIT),
    published: [],
    publisher: people.probeUnits.length === 0 ? undefined : publisher,
    revoker:
      revokeCommand !== undefined ? revokeByCommand(revokeCommand) : lookout && revokeThroughRedis(lookout),
    mint,
    drills: options.drills,
    faultCommand: options.faultCommand,
    promptMs: options.promptMs,
  };
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`--secret-file: ${messageOf(error)}`);
  }
}

/** Runs the checks one after the other. @returns why it was broken off, if it was. */
async function runChecks(
  bench: Bench,
  only: readonly string[] | undefined,
  out: (line: string) => void,
): Promise<string | null> {
  const isAsked = (id: (typeof REQUIREMENT_IDS)[number]): boolean =>
    only === undefined || only.includes(id) || only.includes(groupOf(id));
  for (const id of REQUIREMENT_IDS)
    if (!isAsked(id)) bench.findings.notShown(id, 'it was not asked for (--only)');
  const findings: Findings = {
    ...bench.findings,
    add: (id, evidence) => isAsked(id) && bench.findings.add(id, evidence),
    notShown: (id, reason) => isAsked(id) && bench.findings.notShown(id, reason),
  };
  const obstacle = await findObstacle(bench.wire);
  if (obstacle !== undefined) return obstacle;
  for (const { requirements, examine } of CHECKS) {
    if (!requirements.some(isAsked)) continue;
    try {
      const from = performance.now();
      await examine({ ...bench, findings });
      out(`${requirements.join(', ')}: tried in ${duration(performance.now() - from)}`);
    } catch (error) {
      return `${requirements.join(', ')}: ${describeRedisFault(error) ?? messageOf(error)}`;
    }
  }
  return null;
}

function factsOf({
  bench,
  options,
  installation,
  startedAt,
  aborted,
}: {
  readonly bench: Bench;
  readonly options: ValidationOptions;
  readonly installation: Installation;
  readonly startedAt: Date;
  readonly aborted: string | null;
}): RunFacts {
  const { people, wire, probes, published, domain } = bench;
  const viewers = people.viewers.map(({ name, userId, unitId, role, classes, token }) => {
    const jti = claimsOf(token)['jti'];
    return {
      name,
      user: userId,
      unit: unitId,
      role: role ?? null,
      classes,
      jti: typeof jti === 'string' ? shortHash(jti) : null,
    };
  });
  return {
    url: options.url.href,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    mark: probes.mark,
    versions: { 'dms-live (this command)': installation.version, 'Node.js': process.version },
    digests: {
      schema: sha256(readFileSync(domain.file)),
      users: sha256(
        JSON.stringify({ ...people, viewers: viewers.map(({ jti: _jti, ...viewer }) => viewer) }),
      ),
      settings: sha256(JSON.stringify(installation.settings)),
    },
    allowed: describeAllowed(options),
    viewers,
    probeUnits: people.probeUnits,
    published: published.length,
    received: { messages: wire.transcript.messages, characters: wire.transcript.characters },
    aborted,
  };
}

const describeAllowed = (options: ValidationOptions): readonly string[] => [
  ...(options.publishCommand !== undefined ? ['to publish by a program'] : []),
  ...(options.revokeCommand !== undefined ? ['to revoke by a program'] : []),
  ...(options.usesRedis ? ['to publish and revoke through Redis'] : []),
  ...(options.secretFile !== undefined ? ['to make tokens'] : []),
  ...options.drills.map((drill) => `drills: ${drill}`),
];
