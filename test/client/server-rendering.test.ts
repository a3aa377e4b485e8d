/** A server renders the page: it imports the module that makes the client, and nothing is opened there. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createElement, type ReactElement, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  createLiveClient,
  type LiveClient,
  LiveIndicator,
  LiveProvider,
  RequestUpdatedDocument,
  StorageUpdatedDocument,
  useEditing,
  useLive,
  useLiveHold,
  useLiveRequests,
  useLooking,
  usePresence,
  useRecentlyChanged,
  useRequestNotifications,
  useRequestUpdatedSubscription,
  useSendBackNotifications,
  useViewerQuery,
} from '../../client/src/index.ts';

const SOURCES = new URL('../../client/src/', import.meta.url);
const getToken = vi.fn(() => 'token');

/** As README's `live.ts`. */
const create = (): LiveClient => createLiveClient({ url: '/graphql', getToken });

function render(client: LiveClient, children: ReactNode): string {
  const live = createElement(LiveProvider, { client }, children);
  return renderToString(createElement(QueryClientProvider, { client: new QueryClient() }, live));
}

function Screen(): ReactElement {
  const { isUpdating, refusal } = useLiveRequests(5);
  useLive(StorageUpdatedDocument, {}, { event: () => undefined });
  useRequestNotifications(() => undefined);
  useSendBackNotifications(() => undefined);
  useLiveHold();
  useRequestUpdatedSubscription();
  const [{ data }] = useViewerQuery();
  useLooking('request', 1);
  useEditing('request', 1, 'APPROVE');
  const shown = {
    isUpdating,
    refusal,
    data,
    change: useRecentlyChanged(1),
    others: usePresence('request', 1),
  };
  return createElement('p', {}, JSON.stringify(shown), createElement(LiveIndicator));
}

test('all hooks render as idle, and neither ask for a token nor open a connection', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch');
  const opened = vi.fn();
  vi.stubGlobal('WebSocket', opened);
  onTestFinished(() => void vi.unstubAllGlobals());
  const client = create();
  expect(client.status.phase).toBe('idle');
  const html = render(client, createElement(Screen));
  expect(html).toContain('{&quot;isUpdating&quot;:false,&quot;others&quot;:[]}');
  expect(html).toContain('data-phase="idle"');
  await new Promise((resolve) => setImmediate(resolve));
  expect([fetched, opened, getToken].map(({ mock }) => mock.calls)).toEqual([[], [], []]);
  fetched.mockRestore();
});

test('what a browser renders first is what the server has rendered, though the client is connecting by then', () => {
  const client = createLiveClient({
    url: 'http://127.0.0.1:9/graphql',
    getToken: () => new Promise(() => {}),
  });
  onTestFinished(() => client.close());
  client.follow(RequestUpdatedDocument, {}, { event: () => undefined });
  expect(client.status.phase).toBe('connecting');
  expect(render(client, createElement(LiveIndicator))).toContain('data-phase="idle"');
});

test('who follows by a relative url without a page gets an error that says what to do', () => {
  const client = create();
  const follow = () => client.follow(RequestUpdatedDocument, {}, { event: () => undefined });
  expect(follow).toThrow(
    'There is no page that /graphql could be relative to: give an absolute url, https://…',
  );
  client.close();
});

/** Server components may load what has no “use client”: React has neither contexts nor effects there. TanStack Query sees to itself. */
test('what needs a browser’s React begins with “use client”, so that server components may import the package', () => {
  const reached = reachedFrom('index.ts');
  expect(reached).toContain('connection/live-client.ts');
  expect(reached.filter((file) => /from '(react|urql)'/.test(runtimeOf(file)))).toEqual([]);
  const boundaries = sources().filter(isClient);
  expect(boundaries.length).toBeGreaterThan(8);
  // Next.js does not take `export *` there.
  expect(boundaries.filter((file) => /^export \*/m.test(textOf(file)))).toEqual([]);
});

const sources = (): readonly string[] =>
  readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
const textOf = (file: string): string => readFileSync(new URL(file, SOURCES), 'utf8');
const isClient = (file: string): boolean => /^(\/\*.*\*\/\n)?'use client';\n/.test(textOf(file));
/** Types cost nothing. */
const runtimeOf = (file: string): string => textOf(file).replace(/^(import|export) type [^;]*;$/gm, '');

/** The files that a server component loads: imports are not followed beyond “use client”. */
function reachedFrom(file: string, reached = new Set<string>()): readonly string[] {
  if (reached.has(file) || isClient(file)) return [...reached];
  reached.add(file);
  for (const [, path = ''] of runtimeOf(file).matchAll(/from '(\.[^']+)'/g))
    reachedFrom(
      fileURLToPath(new URL(path, new URL(file, SOURCES))).slice(fileURLToPath(SOURCES).length),
      reached,
    );
  return [...reached];
}
