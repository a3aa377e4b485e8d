import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { type RequestHandler, sendJson } from '../../../src/transport/responses.ts';
import { useChromium } from '../../browser/browser.ts';
import { useApp } from '../../support/app.ts';
import { graphqlUrl } from '../../support/clients.ts';
import { messages } from '../../support/events.ts';
import { publish } from '../../support/resuming.ts';
import { people } from '../../support/tokens.ts';
import { runNpm } from './install.ts';
import type { Packed } from './pack.ts';

const run = promisify(execFile);

/** The tests of the package for React, installed in a folder that has the files of `writeFreshApp`. */
export function testReactPackage(installed: { readonly folder: string; readonly packed: Packed }): void {
  const chromium = useChromium();
  /** Runs npm or an installed program in the fresh app. */
  const npm = (...command: string[]): Promise<string> => runNpm(installed.folder, ...command);

  test('only built files, their types, the readme and the license are published', () => {
    expect(installed.packed.paths.filter((path) => !path.startsWith('dist/')).toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
    ]);
    const kinds = new Set(
      installed.packed.paths
        .filter((path) => path.startsWith('dist/'))
        .map((path) => path.replace(/^[^.]+/, '')),
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
    const files = await serveFiles(join(installed.folder, 'dist'));
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
    const entry = join(installed.folder, 'src/only-client.ts');
    const result = await build({
      root: installed.folder,
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

  test('an app of TypeScript 5.4 with `moduleResolution: node` type-checks', {
    timeout: 120_000,
  }, async () => {
    await npm('exec', '--', 'node', 'node_modules/typescript-5.4/bin/tsc', '-p', 'tsconfig.node.json');
  });

  test('a screen is tested in Jest, by the fake client', { timeout: 120_000 }, async () => {
    await npm('exec', '--', 'jest');
  });

  test.each(['by-import.mjs', 'by-require.cjs'])(
    'a server may create the client of the page: %s',
    async (file) => {
      const { stdout } = await run('node', [`src/${file}`], { cwd: installed.folder });
      expect(stdout).toBe('idle idle\n');
    },
  );

  test('in plain Node the client follows, closes, and does not keep the process alive', async () => {
    const app = await useApp();
    const environment = { ...process.env, URL_OF_GRAPHQL: graphqlUrl(app), TOKEN: await people.head() };
    for (const transport of ['websocket', 'sse']) {
      const { stdout } = await run('node', ['src/node.mjs', transport], {
        cwd: installed.folder,
        env: environment,
      });
      expect(stdout).toBe(`live by ${transport}\nended by itself\n`);
    }
  });
}

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
