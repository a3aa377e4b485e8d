import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { Packed } from './pack.ts';

/** What the example needs besides the package, in the versions of this project. */
export const NEEDED_BY_EXAMPLE = ['graphql', 'graphql-yoga', 'graphql-ws', 'ws'];

/** The tests of the sharing plugin, installed in a folder that has its example. */
export function testSharingPackage(installed: { readonly folder: string; readonly packed: Packed }): void {
  test('only what is built, its types, its readme and its license are published', () => {
    const others = installed.packed.paths.filter((path) => !/^dist\/[a-z-]+\.(js|d\.ts)$/.test(path));
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  test('the example runs, and a team shares one execution over WebSocket and SSE', async () => {
    const url = await startExample(installed.folder);
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
}

const WATCH = 'subscription { price(symbol: "GRPH") { team cents } }';

async function startExample(folder: string): Promise<string> {
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
