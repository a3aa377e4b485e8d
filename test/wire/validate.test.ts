/** `dms-live validate` against a real server and a real Redis: the authorization matrix of the whole product, from outside. */
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type App, startApp } from '../../src/app.ts';
import { readInstallation } from '../../src/cli/validate/installation.ts';
import { revokeByCommand } from '../../src/cli/validate/publishing.ts';
import type { Report } from '../../src/cli/validate/report.ts';
import { createTokenMint } from '../../src/cli/validate/tokens.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/log.ts';
import { MUTANTS } from '../mutations/mutants.ts';
import { manifestOf, useFolder as useManifests } from '../support/manifests.ts';
import { untilReady } from '../support/readiness.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { runCommand, USERS, useFolder, VALIDATED, validate } from '../support/validation.ts';

let redis: TestRedis;
let settings: Record<string, string>;

beforeAll(async () => {
  redis = await startRedis();
  settings = { ...VALIDATED, REDIS_URL: redis.url };
});

afterAll(() => redis.stop());

/** A server that passes is waited for, also on a slow machine. */
const PATIENT = ['--patience', '60s', '--prompt', '30s'];

async function useServer(changes: Record<string, string> = {}): Promise<App> {
  await redis.client.flushall(); // of a user who was revoked in this very second no new token is good, either
  const config = readConfig({ ...settings, ...changes }, { needsRedis: true });
  const app = await startApp(config, createLogger('silent'));
  onTestFinished(() => app.close());
  await untilReady(app);
  return app;
}

test('a server that does what is promised passes, and the report is signed and has no token', async () => {
  const app = await useServer();
  const folder = await useFolder();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const [key, pub] = [join(folder, 'key.pem'), join(folder, 'pub.pem')];
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(pub, publicKey.export({ type: 'spki', format: 'pem' }));
  const { code, text, errors, failed, notRun, report, out } = await validate(app.url, settings, [
    '--redis',
    ...PATIENT,
    '--sign-key',
    key,
  ]);
  expect({ code, errors, failed }).toEqual({ code: 0, errors: '', failed: [] });
  // Drills that were not allowed.
  expect(notRun).toEqual(['SES-6', 'LIM-2', 'LIM-3', 'LIM-4', 'LIM-5', 'FLT-1']);
  expect(text).toMatch(/not shown: it is a drill: --drills limits/);
  expect(report.run.viewers.map(({ name }) => name)).toEqual(USERS.viewers.map(({ name }) => name));

  const [json, page] = await Promise.all([readFile(`${out}.json`, 'utf8'), readFile(`${out}.html`, 'utf8')]);
  for (const written of [json, page, text]) {
    expect(written.includes(VALIDATED['JWT_SECRET'] ?? 'there is one')).toBe(false);
    expect(/eyJ[\w-]{20,}\.eyJ/.test(written)).toBe(false);
  }
  expect(/<script|<link|<img|(?:src|href)="(?!#)|url\(/.test(page)).toBe(false);

  const verify = (file: string) => runCommand(['validate', '--verify', file, '--key', pub], {});
  const refused = { code: 1, text: expect.stringContaining('NOT') };
  expect((await verify(`${out}.json`)).code).toBe(0);
  expect((await verify(`${out}.html`)).code).toBe(0);
  await writeFile(`${out}.html`, page.replace('not run', 'passed'));
  expect(await verify(`${out}.json`)).toMatchObject(refused);
  expect(await verify(`${out}.html`)).toMatchObject(refused);
  await writeFile(`${out}.html`, page);
  await writeFile(`${out}.json`, json.replace('"passed": 1', '"passed": 2'));
  expect(await verify(`${out}.json`)).toMatchObject(refused);
});

/** What a report says that it could not show of a requirement. */
const notShown = ({ requirements }: Report, id: string): string =>
  requirements.flatMap((one) => (one.id === id ? one.notShown : [])).join('; ');

test('every guard that a trial of the validation removes is in the built server, once', async () => {
  for (const { id, file, from } of MUTANTS) {
    const text = await readFile(new URL(`../../dist/${file}`, import.meta.url), 'utf8');
    expect([id, text.split(from).length]).toEqual([id, 2]);
  }
});

test('a server with holes turns lines red', async () => {
  const holes = {
    ADMIN_ROLES: 'System Admin, Section Head',
    CORS_ORIGINS: '*',
    TOKEN_LEEWAY_SECONDS: '300',
  };
  const reds = ['AUT-3', 'AUT-5', 'ISO-1', 'ISO-2', 'SES-1', 'BND-1'];
  const app = await useServer(holes);
  const users = { ...USERS, viewers: USERS.viewers.slice(0, 1), probeUnits: ['T1', 'T2'] };
  const args = ['--redis', '--patience', '1s', '--only', reds.join()];
  const { code, failed, report } = await validate(app.url, settings, args, users);
  expect({ code, failed }).toEqual({ code: 1, failed: reds });
  expect(notShown(report, 'ISO-1')).toContain('the same rights share nothing');
});

test('where nothing may be published, what is seen is not shown, and refusals are', async () => {
  const app = await useServer();
  const { code, failed, notRun } = await validate(app.url, settings, ['--only', 'ISO,RES']);
  expect({ code, failed }).toEqual({ code: 0, failed: [] });
  for (const id of ['ISO-1', 'ISO-4', 'ISO-6', 'ISO-9', 'ISO-10', 'ISO-11', 'RES-1'])
    expect(notRun).toContain(id);
  for (const id of ['ISO-2', 'ISO-3', 'ISO-5', 'ISO-8']) expect(notRun).not.toContain(id);
});

test('what cannot be validated is said at once, and nothing of it passes', async () => {
  const manifest = useManifests({ 'one.json': manifestOf('{ __typename }') });
  const app = await useServer({ TRUSTED_DOCUMENTS: manifest });
  const nothing = { code: 1, passed: 0, failed: [] };
  for (const [url, reason] of [
    [app.url, 'the server runs trusted documents only'],
    [`${app.url}/elsewhere`, 'is no GraphQL API: it answers with the status 404'],
    ['http://127.0.0.1:9', 'does not answer'],
  ] as const) {
    const { code, failed, report, text } = await validate(url, settings, []);
    expect({ code, failed, passed: report.counts.pass }).toEqual(nothing);
    expect(text).toContain(`The run was broken off: `);
    expect(report.run.aborted).toContain(reason);
  }
});

test('what is said of a command that fails has nothing of it: it gets into the report, and may have a password', async () => {
  const revoker = revokeByCommand('PASSWORD=hush exit 3');
  const failed = revoker.revoke({ action: 'REVOKED', whose: 'user', id: '9' });
  await expect(failed).rejects.toThrow(/^the program of --revoke-command ended with 3$/);
});

test('no answer may contain a token that was made for a trial', () => {
  const made: string[] = [];
  const form = readInstallation(settings).known.tokenForm;
  const mint = createTokenMint('a secret', form, (token) => made.push(token));
  const bearer = { userId: '1', unitId: null, role: undefined };
  expect([mint.make(bearer), mint.makeBy('HS512', bearer)]).toEqual(made);
});

test('the matrix follows another schema', async () => {
  const schema = {
    SCHEMA: fileURLToPath(new URL('help-desk.graphql', import.meta.url)),
    TOPIC_PREFIX: 'desk',
  };
  const app = await useServer(schema);
  const environment = { ...settings, ...schema };
  const { failed, report } = await validate(app.url, environment, ['--redis', '--only', 'ISO', ...PATIENT]);
  expect(failed).toEqual([]);
  expect(notShown(report, 'ISO-1')).toBe('');
  const isShown = (id: string): boolean => report.requirements.some((one) => one.id === id && one.passed > 0);
  for (const id of ['ISO-1', 'ISO-2', 'ISO-6', 'ISO-7', 'ISO-8', 'ISO-10', 'ISO-12'])
    expect([id, isShown(id)]).toEqual([id, true]);
});

describe('the command line', () => {
  test.each([
    ['no address', ['--users', 'x'], 'Give --url and --users.'],
    [
      'an unknown drill',
      ['--url', 'http://x', '--users', 'x', '--drills', 'war'],
      '--drills: war is none of',
    ],
    ['users that are not there', ['--url', 'http://x', '--users', '/nowhere'], '--users: ENOENT'],
    [
      'an unknown requirement',
      ['--url', 'http://x', '--users', 'x', '--only', 'XYZ'],
      '--only: there is no XYZ',
    ],
    ['a signature without a key', ['--verify', 'x'], '--verify needs --key.'],
  ])('%s is refused', async (_what, args, message) => {
    expect(await runCommand(['validate', ...args], VALIDATED)).toMatchObject({
      code: 2,
      errors: expect.stringContaining(message),
    });
  });

  test('evidence is not overwritten', async () => {
    const folder = await useFolder();
    const out = join(folder, 'report');
    await writeFile(`${out}.json`, '');
    const args = ['--url', 'http://x', '--users', join(folder, 'users.json'), '--out', out];
    expect((await runCommand(['validate', ...args], VALIDATED)).errors).toContain('not overwritten');
  });
});
