import { readFile } from 'node:fs/promises';
import { readReadmeFiles } from './readme.ts';

const ROOT = new URL('../../../', import.meta.url);

/** The versions that this repository uses. */
async function readVersions(): Promise<Record<string, string>> {
  const manifests = ['package.json', 'client/package.json', 'demo/app/package.json'];
  const read = async (path: string): Promise<Record<string, string>> => {
    const { dependencies, devDependencies } = JSON.parse(await readFile(new URL(path, ROOT), 'utf8'));
    return { ...devDependencies, ...dependencies };
  };
  return Object.assign({}, ...(await Promise.all(manifests.map(read))));
}

const INSTALLED = [
  '@tanstack/react-query',
  '@types/react',
  '@types/react-dom',
  'axios',
  'graphql',
  'graphql-ws',
  'react',
  'react-dom',
  'sonner',
  'typescript',
  'urql',
  'vite',
  'ws',
];

/** What only some apps have: an old TypeScript, and a test runner that uses `require`. */
const OTHER_TOOLS = {
  jest: '30.5.2',
  'jest-environment-jsdom': '30.5.2',
  'typescript-5.4': 'npm:typescript@5.4.5',
};

/**
 * The files of a small app that follows the README exactly, by path. It installs the package from a file.
 * @param more what else its manifest has.
 */
export async function writeFreshApp(
  packed: string,
  more: { readonly dependencies?: Record<string, string>; readonly overrides?: unknown } = {},
): Promise<Record<string, string>> {
  const versions = await readVersions();
  const { before, after } = await readReadmeFiles();
  const manifest = {
    ...more,
    name: 'fresh-app',
    private: true,
    type: 'module',
    dependencies: {
      'dms-live-react': `file:${packed}`,
      ...Object.fromEntries(INSTALLED.map((name) => [name, versions[name]])),
      ...OTHER_TOOLS,
      ...more.dependencies,
    },
  };
  return {
    'package.json': JSON.stringify(manifest),
    'tsconfig.json': JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ['src', 'before'] }),
    'index.html': PAGE,
    ...THERE_BEFORE,
    ...Object.fromEntries(
      Object.entries({ ...THERE_BEFORE, ...before }).map(([path, text]) => [
        path.replace('src/', 'before/'),
        text,
      ]),
    ),
    ...after,
    'src/only-client.ts': ONLY_CLIENT,
    'src/node.mjs': NODE,
    'src/by-import.mjs': `import { createLiveClient } from 'dms-live-react';
import 'dms-live-react/devtools';
import { shareConnection } from 'dms-live-react/tabs';
import { createFakeLiveClient } from 'dms-live-react/testing';
${ON_SERVER}`,
    'src/by-require.cjs': `const { createLiveClient } = require('dms-live-react');
require('dms-live-react/devtools');
const { shareConnection } = require('dms-live-react/tabs');
const { createFakeLiveClient } = require('dms-live-react/testing');
${ON_SERVER}`,
    'tsconfig.node.json': JSON.stringify({
      extends: './tsconfig.json',
      // The types of other libraries need a newer TypeScript.
      compilerOptions: { moduleResolution: 'node', target: 'es2022', skipLibCheck: true },
      include: ['src'],
      exclude: ['src/vite.config.ts'],
    }),
    'jest.config.cjs':
      // Jest allows five seconds, which is little for the first test on a busy machine.
      "module.exports = { testEnvironment: 'jsdom', testMatch: ['**/screen.spec.cjs'], transform: {}, testTimeout: 90_000 };",
    'src/screen.spec.cjs': JEST,
  };
}

/** The options of Vite's template for React and TypeScript. The types of libraries are checked too. */
const COMPILER_OPTIONS = {
  target: 'es2022',
  lib: ['es2023', 'dom', 'dom.iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  jsx: 'react-jsx',
  verbatimModuleSyntax: true,
  strict: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noEmit: true,
  types: [],
};

const PAGE = `<!doctype html><html lang="en"><title>Fresh</title><link rel="icon" href="data:," />
<div id="root"></div><script type="module" src="/src/main.tsx"></script></html>`;

/** The files that the README expects. */
const THERE_BEFORE: Record<string, string> = {
  'src/api.ts': `import axios from 'axios';
export const api = axios.create({ baseURL: '/api' });
`,
  'src/RequestTable.tsx': `export interface RequestRow {
  id: number;
  status: string;
}
interface Props {
  rows: readonly RequestRow[];
  onApprove(id: number, signature: string): Promise<void>;
}
export function RequestTable({ rows, onApprove }: Props) {
  return (
    <ul>
      {rows.map(({ id, status }) => (
        <li key={id}>
          Request {id}: {status} <button onClick={() => onApprove(id, 'demo')}>Approve</button>
        </li>
      ))}
    </ul>
  );
}
`,
  'src/vite-env.d.ts': `/// <reference types="vite/client" />
`,
  'src/App.tsx': `import { Transaction } from './Transaction';
export function App() {
  return <Transaction type="all" status="all" unitId={5} />;
}
`,
};

const ONLY_CLIENT = `import { createLiveClient } from 'dms-live-react';
createLiveClient({ url: '/graphql', getToken: () => '' }).reconnect();
`;

/** As a server imports the README's `live.ts`. */
const ON_SERVER = `const live = createLiveClient({ url: '/graphql', getToken: () => '', shareConnection });
console.log(live.status.phase, createFakeLiveClient().status.phase);
`;

const JEST = `const { QueryClient, QueryClientProvider, useQuery } = require('@tanstack/react-query');
const { LiveIndicator, LiveProvider, RequestUpdatedDocument, useLiveRequests } = require('dms-live-react');
const { createFakeLiveClient } = require('dms-live-react/testing');
const { act, createElement } = require('react');
const { createRoot } = require('react-dom/client');

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

/** What the DMS answers: the hook fetches once more when it begins to follow, which may be after the event. */
let inDatabase = 'Pending';

function Screen() {
  useLiveRequests(5);
  const { data = [] } = useQuery({
    queryKey: ['requests', 'all', 'all', 5],
    queryFn: async () => [{ id: 7, status: inDatabase }],
  });
  return createElement('p', {}, data.map(({ status }) => status).join(), ' ', createElement(LiveIndicator));
}

test('a screen shows what the fake client delivers', async () => {
  const live = createFakeLiveClient();
  const queryClient = new QueryClient();
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  const shows = async (text) => {
    while (document.body.textContent !== text) await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
  };
  act(() =>
    root.render(
      createElement(QueryClientProvider, { client: queryClient }, createElement(LiveProvider, { client: live }, createElement(Screen))),
    ),
  );
  await shows('Pending Live');
  const request = { id: '7', requestType: 'STORAGE', status: 'APPROVED', unitId: '5' };
  inDatabase = 'Approved';
  act(() => live.emit(RequestUpdatedDocument, { requestUpdated: { action: 'APPROVED', request } }));
  await shows('Approved Live');
  act(() => live.setPhase('offline'));
  await shows('Approved Offline');
  act(() => root.unmount());
  queryClient.clear();
});
`;

const NODE = `import { createLiveClient, StorageUpdatedDocument } from 'dms-live-react';
import { WebSocket } from 'ws';

const { URL_OF_GRAPHQL, TOKEN } = process.env;
const transport = process.argv[2];
const client = createLiveClient({ url: URL_OF_GRAPHQL, getToken: () => TOKEN, transport, webSocketImpl: WebSocket });
client.follow(StorageUpdatedDocument, {}, {
  event() {},
  started() {
    console.log('live by ' + client.status.transport);
    client.close();
    process.on('beforeExit', () => console.log('ended by itself'));
  },
});
`;
