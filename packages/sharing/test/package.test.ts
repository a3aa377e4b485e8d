/** What is published: packed, installed by npm into an empty folder, and the example run there. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What the example needs besides the package, in the versions of this project. */
const NEEDED = ['graphql', 'graphql-yoga', 'graphql-ws', 'ws'];
const INSTALLING_MS = 240_000;
const run = promisify(execFile);
let folder = '';
let packed: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yoga-shared-subscriptions-'));
  // Built already, as for all tests.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: PACKAGE,
  });
  const [pack]: { filename: string; files: { path: string }[] }[] = JSON.parse(stdout);
  if (pack === undefined) throw new Error('nothing was packed');
  packed = pack.files.map(({ path }) => path);
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  );
  const versions = Object.fromEntries(NEEDED.map((name) => [name, dependencies[name]]));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      private: true,
      dependencies: { ...versions, 'yoga-shared-subscriptions': `file:${pack.filename}` },
    }),
  );
  await cp(join(PACKAGE, 'example'), folder, { recursive: true });
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
}, INSTALLING_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('only what is built, its types and its readme are published', () => {
  const others = packed.filter((path) => !/^dist\/[a-z-]+\.(js|d\.ts)$/.test(path));
  expect(others.toSorted()).toEqual(['README.md', 'package.json']);
});

test('the example runs, and a team shares one execution over WebSocket and SSE', async () => {
  const url = await startExample();
  const [one, two] = [watch(url, 'red'), watch(url, 'red')];
  const other = watch(url, 'blue');
  const events = await fetch(`${url}?query=${encodeURIComponent(WATCH)}`, {
    headers: { accept: 'text/event-stream', 'x-team': 'red' },
  });
  const reader = events.body?.getReader();
  onTestFinished(() => reader?.cancel());
  await reader?.read();
  for (const { next } of [one, two, other]) await next();
  expect(await ask(url, '{ audiences }')).toEqual({ data: { audiences: 2 } });
  const [first, second] = [await one.next(), await two.next()];
  expect([first, second].map(teamIn)).toEqual(['red', 'red']);
  expect(teamIn(await other.next())).toBe('blue');
});

const WATCH = 'subscription { price(symbol: "GRPH") { team cents } }';

async function startExample(): Promise<string> {
  const server = spawn(process.execPath, ['server.mjs'], { cwd: folder, env: { ...process.env, PORT: '0' } });
  onTestFinished(async () => {
    server.kill();
    await once(server, 'close');
  });
  server.stderr.pipe(process.stderr);
  for await (const line of createInterface(server.stdout)) {
    const [url] = /http:\S+/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('the example ended');
}

function watch(url: string, team: string): { next(): Promise<unknown> } {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { 'x-team': team },
  });
  onTestFinished(() => client.dispose());
  const results = client.iterate({ query: WATCH });
  return { next: async () => (await results.next()).value };
}

function teamIn(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result)).data.price.team;
}

async function ask(url: string, query: string): Promise<unknown> {
  const response = await fetch(`${url}?query=${encodeURIComponent(query)}`);
  return response.json();
}
