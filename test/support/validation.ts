/** Runs `dms-live validate` for tests. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { Report } from '../../src/cli/validate/report.ts';
import { SECRET } from './tokens.ts';

/** Settings of a server that is validated, and of the command. */
export const VALIDATED: Readonly<Record<string, string>> = {
  JWT_SECRET: SECRET,
  JWT_ISSUER: 'https://dms.example',
  JWT_AUDIENCE: 'dms-live',
  PORT: '0',
  GRAPHIQL: 'false',
  SHUTDOWN_SECONDS: '0',
  SECURITY_LOG: 'off',
  TOKEN_LEEWAY_SECONDS: '0',
  AUDIT_ROLES: 'System Admin, QC',
  PRESENCE: 'true',
  TRUSTED_PROXIES: 'none',
};

/** At least one viewer for each rule: two of a unit, the same rights in another, each role class, no unit. */
export const USERS = {
  probeUnits: ['T1', 'T2'],
  probeAllUnits: true,
  viewers: [
    { name: 'a head of T1', user: '9001', unit: 'T1', role: 'Section Head' },
    { name: 'another of T1', user: '9002', unit: 'T1', role: 'Section Head', mayBeRevoked: true },
    { name: 'a head of T2', user: '9006', unit: 'T2', role: 'Section Head' },
    { name: 'an auditor of T2', user: '9003', unit: 'T2', role: 'QC', classes: ['AUDITOR'] },
    { name: 'an admin', user: '9004', unit: 'T3', role: 'System Admin', classes: ['ADMIN', 'AUDITOR'] },
    { name: 'nobody', user: '9005', unit: null, role: 'Section Head' },
  ],
};

export async function useFolder(users: object = USERS): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-validate-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'users.json'), JSON.stringify(users));
  await writeFile(join(folder, 'secret'), SECRET);
  return folder;
}

export async function runCommand(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await runCommandLine(args, {
    environment: { ...environment },
    out: (line) => void lines.push(line),
    error: (line) => void errors.push(line),
  });
  return { code, text: lines.join('\n'), errors: errors.join('\n') };
}

/** Validates a server, and reads the report. */
export async function validate(
  url: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
  users: object = USERS,
) {
  const folder = await useFolder(users);
  const out = join(folder, 'report');
  const files = ['--users', join(folder, 'users.json'), '--out', out];
  const ended = await runCommand(
    ['validate', '--url', `${url}/graphql`, '--secret-file', join(folder, 'secret'), ...files, ...args],
    environment,
  );
  const report: Report = JSON.parse(await readFile(`${out}.json`, 'utf8'));
  const withResult = (result: string): readonly string[] =>
    report.requirements.filter((one) => one.result === result).map(({ id }) => id);
  return { ...ended, folder, out, report, failed: withResult('fail'), notRun: withResult('not run') };
}
