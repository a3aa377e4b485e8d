/** A server below a base path, and URLs that end with a slash. */
import { createClient } from 'graphql-ws';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { useApp } from '../support/app.ts';
import { useRawConnection } from '../support/raw.ts';
import { people } from '../support/tokens.ts';

const VIEWER = { data: { viewer: { id: '17' } } };

async function query(url: string): Promise<unknown> {
  const authorization = `Bearer ${await people.head()}`;
  const headers = { 'content-type': 'application/json', authorization };
  const body = JSON.stringify({ query: '{ viewer { id } }' });
  return (await fetch(url, { method: 'POST', headers, body })).json();
}

async function stream(url: string): Promise<string> {
  const authorization = `Bearer ${await people.head()}`;
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', authorization };
  const body = JSON.stringify({ query: '{ viewer { id } }' });
  return (await fetch(url, { method: 'POST', headers, body })).text();
}

async function ask(url: string): Promise<unknown> {
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${await people.head()}` },
  });
  onTestFinished(() => client.dispose());
  for await (const result of client.iterate({ query: '{ viewer { id } }' })) return result;
  return undefined;
}

describe.each(['', '/live', '/a/b-c.d'])('Below "%s"', (basePath) => {
  test.each(['/graphql', '/graphql/', '/graphql?x=1', '/graphql/?x=/1'])(
    '%s is the API over HTTP, SSE and WebSocket',
    async (path) => {
      const app = await useApp({ BASE_PATH: basePath });
      const url = app.url + basePath + path;
      expect(await query(url)).toEqual(VIEWER);
      expect(await stream(url)).toContain(JSON.stringify(VIEWER));
      expect(await ask(url)).toEqual(VIEWER);
    },
  );

  test('probes are there, and at the root as well', async () => {
    const app = await useApp({ BASE_PATH: basePath });
    for (const probe of ['/health', '/ready', '/metrics', '/ready/', '/ready?x']) {
      expect((await fetch(app.url + basePath + probe)).status).toBe(200);
      expect((await fetch(app.url + probe)).status).toBe(200);
    }
  });
});

describe('With a base path', () => {
  test('the API is nowhere else, and the 404 says where it is', async () => {
    const app = await useApp({ BASE_PATH: '/live' });
    for (const path of ['/graphql', '/', '/liver/graphql', '/live/live/graphql', '/live/', '/LIVE/graphql']) {
      const response = await fetch(app.url + path);
      expect([response.status, await response.json()]).toEqual([
        404,
        { status: 'not found', graphql: '/live/graphql' },
      ]);
    }
    await expect(ask(`${app.url}/graphql`)).rejects.toThrow();
  });

  test('a program’s own pages are below it, and their URLs come without it', async () => {
    const app = await useApp(
      { BASE_PATH: '/live' },
      { otherwise: ({ url }, response) => void response.end(url) },
    );
    expect(await (await fetch(`${app.url}/live/pages/?a=1`)).text()).toBe('/pages/?a=1');
    expect(await (await fetch(`${app.url}/live/`)).text()).toBe('/');
    expect((await fetch(`${app.url}/pages/`)).status).toBe(404);
    const folder = await fetch(`${app.url}/live?a=1`, { redirect: 'manual' });
    expect([folder.status, folder.headers.get('location')]).toEqual([308, '/live/?a=1']);
  });
});

test('An idle connection is kept as long as the setting says', async () => {
  const app = await useApp({ KEEP_ALIVE_SECONDS: '1' });
  const connection = await useRawConnection(app);
  const closed = new Promise((resolve) => connection.socket.once('close', resolve));
  connection.send('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await connection.receives('Keep-Alive: timeout=1\r\n');
  await closed;
  const patient = await useRawConnection(await useApp());
  patient.send('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await patient.receives('Keep-Alive: timeout=75\r\n');
});
