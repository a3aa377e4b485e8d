/**
 * The published package: packed, installed by npm into a fresh Vite app, type-checked, built, and run in Chromium against the
 * real server.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RequestHandler, sendJson } from '../../src/transport/responses.ts';
import { useChromium } from '../browser/browser.ts';
import { useApp } from '../support/app.ts';
import { graphqlUrl } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { publish } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';
import { writeFreshApp } from './support/fresh-app.ts';

const CLIENT = fileURLToPath(new URL('../../client', import.meta.url));
const INSTALLING_MS = 240_000;
const chromium = useChromium();
const run = promisify(execFile);
let folder = '';
let packed: string[] = [];

/** Runs npm or an installed program in the fresh app. If it fails, the error contains its output. */
async function npm(...command: string[]): Promise<void> {
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile('npm', command, { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error?.code, output: stdout + stderr }),
    );
  });
  if (code !== undefined) throw new Error(`npm ${command.join(' ')} failed:\n${output}`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dms-live-app-'));
  // The package is built already, as for all tests.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: CLIENT,
  });
  const [pack]: { filename: string; files: { path: string }[] }[] = JSON.parse(stdout);
  if (pack === undefined) throw new Error('nothing was packed');
  packed = pack.files.map(({ path }) => path);
  for (const name of ['src', 'before']) await mkdir(join(folder, name));
  const files = await writeFreshApp(pack.filename);
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
  await npm('install', '--prefer-offline', '--no-audit', '--no-fund');
}, INSTALLING_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('only built files, their types and the readme are published', () => {
  expect(packed.filter((path) => !path.startsWith('dist/')).toSorted()).toEqual([
    'README.md',
    'package.json',
  ]);
  const kinds = new Set(
    packed.filter((path) => path.startsWith('dist/')).map((path) => path.replace(/^[^.]+/, '')),
  );
  expect([...kinds].toSorted()).toEqual(['.d.ts', '.js', '.json']);
});

test('an app that follows the README type-checks, builds and receives events', {
  timeout: 120_000,
}, async () => {
  await npm('exec', '--', 'tsc');
  await npm('exec', '--', 'vite', 'build');
  const requests = [{ id: 1, status: 'Pending' }];
  let fetches = 0;
  const files = await serveFiles(join(folder, 'dist'));
  const app = await useApp(
    {},
    {
      async otherwise(request, response) {
        if (request.url?.startsWith('/api/') !== true) return files(request, response);
        if (request.method === 'GET') {
          fetches += 1;
          sendJson(response, 200, { count: 1, results: requests });
        } else {
          await approve(2);
          sendJson(response, 200, {});
        }
      },
    },
  );
  const approve = (id: number) =>
    publish(app, `approved ${id}`, {
      channel: { kind: 'request', unitId: '5' },
      event: messages.request({ id, status: 'Approved' }, { action: 'APPROVED' }),
    });
  const token = await people.head();
  const page = await chromium.open(app.url, '/', {
    async prepare(prepared) {
      await prepared.addInitScript((access) => localStorage.setItem('access', access), token);
    },
  });
  await page.getByRole('status').getByText('Live').waitFor();
  await page.getByText('Request 1: Pending').waitFor();
  await expect.poll(() => page.locator('section').getAttribute('aria-busy')).toBe('false');
  const before = fetches;
  await approve(1); // by a colleague
  await page.getByText('Request 1: Approved').waitFor();
  expect(fetches).toBe(before);
  requests.push({ id: 2, status: 'Approved' });
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('Request 2: Approved').waitFor();
});

test('an app that uses only the client bundles neither TanStack Query nor React', async () => {
  const entry = join(folder, 'src/only-client.ts');
  const result = await build({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    build: { write: false, rolldownOptions: { input: entry } },
  });
  if (!('output' in result)) throw new Error('Vite has built something else');
  const modules = result.output.flatMap((part) =>
    part.type === 'chunk'
      ? Object.entries(part.modules).filter(([, { renderedLength }]) => renderedLength > 0)
      : [],
  );
  const packages = new Set(
    modules
      .map(([id]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1])
      .filter((name) => name !== undefined),
  );
  expect([...packages].toSorted()).toEqual([
    '@0no-co/graphql.web',
    '@urql/core',
    'dms-live-react',
    'graphql-ws',
    'wonka',
  ]);
});

test('an app of TypeScript 5.4 with `moduleResolution: node` type-checks', { timeout: 120_000 }, async () => {
  await npm('exec', '--', 'node', 'node_modules/typescript-5.4/bin/tsc', '-p', 'tsconfig.node.json');
});

test('a screen is tested in Jest, by the fake client', { timeout: 120_000 }, async () => {
  await npm('exec', '--', 'jest');
});

test.each(['by-import.mjs', 'by-require.cjs'])(
  'a server may create the client of the page: %s',
  async (file) => {
    const { stdout } = await run('node', [`src/${file}`], { cwd: folder });
    expect(stdout).toBe('idle idle\n');
  },
);

test('in plain Node the client follows, closes, and does not keep the process alive', async () => {
  const app = await useApp();
  const environment = { ...process.env, URL_OF_GRAPHQL: graphqlUrl(app), TOKEN: await people.head() };
  for (const transport of ['websocket', 'sse']) {
    const { stdout } = await run('node', ['src/node.mjs', transport], { cwd: folder, env: environment });
    expect(stdout).toBe(`live by ${transport}\nended by itself\n`);
  }
});

/** Serves a folder like any web server. */
async function serveFiles(root: string): Promise<RequestHandler> {
  const paths = await readdir(root, { recursive: true });
  return async (request, response) => {
    const path = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1);
    if (!paths.includes(path)) {
      response.writeHead(404).end();
      return;
    }
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(200, { 'content-type': type }).end(await readFile(join(root, path)));
  };
}
