import { readFile } from 'node:fs/promises';

const ROOT = new URL('../../../', import.meta.url);

/** The versions that this repository has tried. */
async function readVersions(): Promise<Record<string, string>> {
  const manifests = ['package.json', 'client/package.json', 'client/demo/package.json'];
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
  'graphql',
  'graphql-ws',
  'react',
  'react-dom',
  'typescript',
  'urql',
  'vite',
  'ws',
];

/** The files of a small app as its developer would write them, by path; the package comes from a file beside them. */
export async function writeFreshApp(packed: string): Promise<Record<string, string>> {
  const versions = await readVersions();
  const tried = INSTALLED.map((name) => [name, versions[name]]);
  const manifest = {
    name: 'fresh-app',
    private: true,
    type: 'module',
    dependencies: { 'dms-live-react': `file:${packed}`, ...Object.fromEntries(tried) },
  };
  return {
    'package.json': JSON.stringify(manifest),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        lib: ['es2023', 'dom', 'dom.iterable'],
        module: 'esnext',
        moduleResolution: 'bundler',
        jsx: 'react-jsx',
        strict: true,
        skipLibCheck: false,
        types: [],
      },
      include: ['src'],
    }),
    'index.html': `<!doctype html><html lang="en"><title>Fresh</title><link rel="icon" href="data:," />
<div id="root"></div><script type="module" src="/src/main.tsx"></script></html>`,
    'src/main.tsx': MAIN,
    'src/only-client.ts': `import { createLiveClient } from 'dms-live-react';
createLiveClient({ url: '/graphql', getToken: () => '' }).reconnect();`,
    'src/node.mjs': NODE,
  };
}

const MAIN = `import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createLiveClient, LiveIndicator, LiveProvider, StorageUpdatedDocument, useLive } from 'dms-live-react';

declare global {
  interface Window {
    getToken(): Promise<string>;
  }
}

const client = createLiveClient({ url: '/graphql', getToken: () => window.getToken() });

function Events() {
  const [ids, setIds] = useState<string[]>([]);
  useLive(StorageUpdatedDocument, {}, { event: ({ storageUpdated }) => setIds((known) => [...known, storageUpdated.id]) });
  return <ul>{ids.map((id) => <li key={id}>{id}</li>)}</ul>;
}

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <LiveProvider client={client}>
        <LiveIndicator />
        <Events />
      </LiveProvider>
    </StrictMode>,
  );
}
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
