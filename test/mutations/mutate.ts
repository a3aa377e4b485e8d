/** Removes each guard of the server in turn, validates it, and expects red lines. `MUTANTS=nested,filters` runs some. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { useProgram } from '../support/process.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { VALIDATED, validate } from '../support/validation.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { publishResults, readResults } from './results.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A small limit, so that its drill is short. */
const LIMITS = { MAX_CONNECTIONS_PER_USER: '60' };

const asked = process.env['MUTANTS']?.split(',');
const mutants = MUTANTS.filter(({ id }) => asked === undefined || asked.includes(id));

let redis: TestRedis;
/** The server as TypeScript builds it, file by file, beside links to what it needs. */
let copy: string;

beforeAll(async () => {
  redis = await startRedis();
  copy = await mkdtemp(join(tmpdir(), 'dms-live-mutant-'));
  // Not `dist`, whose programs are bundled.
  const options = ['-p', 'tsconfig.build.json', '--outDir', join(copy, 'dist')];
  await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), options, { cwd: ROOT });
  for (const name of ['node_modules', 'contract', 'schema.graphql', 'package.json'])
    await symlink(join(ROOT, name), join(copy, name));
});

afterAll(async () => {
  await redis.stop();
  await rm(copy, { recursive: true });
});

async function mutate({ file, from, to }: Pick<Mutant, 'file' | 'from' | 'to'>): Promise<void> {
  const path = join(copy, 'dist', file);
  const text = await readFile(path, 'utf8');
  expect(text.split(from), `${file} has this passage once`).toHaveLength(2);
  await writeFile(
    path,
    text.replace(from, () => to),
  );
  onTestFinished(() => writeFile(path, text));
}

async function validateCopy(reds: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  await redis.client.flushall();
  // Where messages of revocation are not tried, the record may be read so often that its drill is short.
  const often = { REVOCATION_CHECK_SECONDS: reds.includes('SES-6') ? '1' : '30' };
  const environment = { ...VALIDATED, ...LIMITS, ...often, ...settings, REDIS_URL: redis.url };
  const server = useProgram('main.js', environment, join(copy, 'dist'));
  const [, url = ''] = await server.says(/"url":"(http[^"]+)","msg":"listening"/);
  const drills = reds.some((id) => /^LIM|^SES-6/.test(id)) ? ['--drills', 'limits,faults'] : [];
  // A mutant that survives survives everything. Of the others only the groups of their lines are run.
  const groups = [...new Set(reds.map((id) => id.slice(0, 3)))];
  const only = groups.length === 0 ? [] : ['--only', groups.join()];
  const validated = await validate(url, environment, [
    '--redis',
    '--patience',
    '10s',
    '--prompt',
    '10s',
    ...only,
    ...drills,
  ]);
  server.child.kill('SIGKILL');
  await server.exited;
  return validated;
}

test.runIf(asked === undefined)('the server as it is passes', async () => {
  expect((await validateCopy([])).failed).toEqual([]);
});

test.each(mutants)('without “$guard” a line is red', async (mutant) => {
  await mutate(mutant);
  const { failed, report } = await validateCopy(mutant.reds, mutant.settings);
  expect(report.run.aborted).toBe(null);
  await publishResults({ ...(await readResults()), [mutant.id]: failed.join(', ') });
  if (mutant.reds.length === 0) expect(failed).toEqual([]);
  else expect(failed).toEqual(expect.arrayContaining([...mutant.reds]));
});
