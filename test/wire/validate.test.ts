/** `dms-live validate` against a real server and a real Redis. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/log.ts';
import { untilReady } from '../support/readiness.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { SECRET } from '../support/tokens.ts';

let redis: TestRedis;
let settings: Record<string, string>;

beforeAll(async () => {
  redis = await startRedis();
  settings = {
    REDIS_URL: redis.url,
    JWT_SECRET: SECRET,
    PORT: '0',
    GRAPHIQL: 'false',
    SHUTDOWN_SECONDS: '0',
    SECURITY_LOG: 'off',
    TOKEN_LEEWAY_SECONDS: '0',
    AUDIT_ROLES: 'System Admin, QC',
    TRUSTED_PROXIES: 'none',
  };
});

afterAll(() => redis.stop());

const VIEWERS = [
  { name: 'a head of T1', user: '9001', unit: 'T1', role: 'Section Head' },
  { name: 'another of T1', user: '9002', unit: 'T1', role: 'Section Head', mayBeRevoked: true },
  { name: 'a head of T2', user: '9003', unit: 'T2', role: 'Section Head' },
  { name: 'an auditor of T2', user: '9004', unit: 'T2', role: 'QC', classes: ['AUDITOR'] },
  { name: 'an admin', user: '9005', unit: 'T3', role: 'System Admin', classes: ['ADMIN', 'AUDITOR'] },
  { name: 'nobody', user: '9006', unit: null, role: 'Section Head' },
];
const USERS = { probeUnits: ['T1', 'T2'], probeAllUnits: true, viewers: VIEWERS };

async function useServer(changes: Record<string, string> = {}): Promise<App> {
  const config = readConfig({ ...settings, ...changes }, { needsRedis: true });
  const app = await startApp(config, createLogger('silent'));
  onTestFinished(() => app.close());
  await untilReady(app);
  return app;
}

async function useFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dms-live-validate-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'users.json'), JSON.stringify(USERS));
  await writeFile(join(folder, 'secret'), SECRET);
  return folder;
}

async function run(args: readonly string[]) {
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await runCommandLine(args, {
    environment: { ...settings },
    out: (line) => void lines.push(line),
    error: (line) => void errors.push(line),
  });
  return { code, text: lines.join('\n'), errors: errors.join('\n') };
}

async function validate(app: App, more: readonly string[] = []) {
  const folder = await useFolder();
  const out = join(folder, 'report');
  const files = [
    '--users',
    join(folder, 'users.json'),
    '--secret-file',
    join(folder, 'secret'),
    '--out',
    out,
  ];
  const result = await run(['validate', '--url', `${app.url}/graphql`, ...files, ...more]);
  return { ...result, folder, report: JSON.parse(await readFile(`${out}.json`, 'utf8')) };
}

test('a server that does what is promised passes', async () => {
  const app = await useServer();
  const { code } = await validate(app, ['--redis']);
  expect(code).toBe(0);
});
