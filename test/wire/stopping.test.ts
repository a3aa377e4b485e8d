/** A stop waits only for requests in progress. It ends long before SHUTDOWN_SECONDS, and no test waits for that. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { graphqlUrl, post, useRawClient } from '../support/clients.ts';
import { until } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

const QUERY = JSON.stringify({ query: '{ viewer { id } }' });
const STORAGE = JSON.stringify({ query: 'subscription { storageUpdated { id } }' });

const usePatientApp = (): Promise<App> => useApp({ SHUTDOWN_SECONDS: '3600' });

/** A TCP connection on which a test can send anything. */
async function useSocket({ url }: App): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined); // the server cuts the connection off
  await once(socket, 'connect');
  return socket;
}

function request(body: string, token: string, accept = 'application/json'): string {
  const headers = [
    'POST /graphql HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Accept: ${accept}`,
    `Authorization: Bearer ${token}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}

test.each<[string, (socket: Socket, token: string, app: App) => unknown]>([
  ['nothing was sent', () => undefined],
  ['half a request line was sent', (socket) => void socket.write('POST /gra')],
  [
    'headers were sent that do not end',
    (socket) => void socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\n'),
  ],
  [
    'a request was answered',
    async (socket, token) => {
      socket.write(request(QUERY, token));
      expect(String(await once(socket, 'data'))).toContain('200 OK');
    },
  ],
  [
    'half a request follows one that was answered',
    async (socket, token) => {
      socket.write(`${request(QUERY, token)}POST /gra`);
      expect(String(await once(socket, 'data'))).toContain('200 OK');
    },
  ],
  [
    'an upgrade was refused',
    async (socket) => {
      socket.write('GET /nope HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      expect(String(await once(socket, 'data'))).toContain('404 Not Found');
    },
  ],
  [
    'an event stream runs',
    async (socket, token, app) => {
      socket.write(request(STORAGE, token, 'text/event-stream'));
      await until(() => app.stats().subscriptions === 1);
    },
  ],
  [
    'an event stream was aborted',
    async (socket, token, app) => {
      socket.write(request(STORAGE, token, 'text/event-stream'));
      await until(() => app.stats().subscriptions === 1);
      socket.resetAndDestroy();
    },
  ],
  [
    'an event stream is not read',
    async (socket, token, app) => {
      socket.pause();
      socket.write(request(STORAGE, token, 'text/event-stream'));
      await until(() => app.stats().subscriptions === 1);
    },
  ],
])('a connection on which %s does not delay the stop', async (_what, begin) => {
  const app = await usePatientApp();
  const token = await people.head();
  const socket = await useSocket(app);
  const closed = once(socket, 'close');
  await begin(socket, token, app);
  expect((await post(app, '{ viewer { id } }', { token })).status).toBe(200); // so the server has accepted the first connection, too
  socket.resume();
  await app.close();
  await closed;
  await expect(fetch(graphqlUrl(app))).rejects.toThrow();
});

test('a connection is closed when its upgrade is refused, even if the client does not close it', async () => {
  const socket = connect({ port: Number(new URL((await usePatientApp()).url).port), allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.write('GET /nope HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  expect(String(await once(socket, 'data'))).toContain('404 Not Found');
  const writing = setInterval(() => socket.write('x'), 10); // the server's reset shows that the connection is gone
  onTestFinished(() => clearInterval(writing));
  await once(socket, 'error');
});

test('a request that is being received is answered, and then its connection is closed', async () => {
  const app = await usePatientApp();
  const token = await people.head();
  const socket = await useSocket(app);
  const whole = request(QUERY, token);
  socket.write(whole.slice(0, -5));
  await until(() => app.stats().sessions === 1);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const closed = once(socket, 'close');
  const stopped = app.close();
  await until(() =>
    fetch(`${app.url}/health`).then(
      () => false,
      () => true,
    ),
  );
  socket.write(whole.slice(-5));
  await Promise.all([stopped, closed]);
  expect(text).toMatch(/200 OK.*"viewer":\{"id":"17"\}/s);
});

test('a server that stops refuses new event streams by 503 and still answers queries', async () => {
  const app = await usePatientApp();
  const token = await people.head();
  const socket = await useSocket(app);
  const whole = request(QUERY, token);
  socket.write(whole.slice(0, -5)); // keeps the server from being gone
  await until(() => app.stats().sessions === 1);
  const client = await useRawClient(app);
  client.socket.pause(); // and so does a client that does not answer the close frame
  const stopped = app.close();
  const stream = await fetch(graphqlUrl(app), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: STORAGE,
  });
  expect(stream.status).toBe(503);
  expect(await stream.json()).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
  expect((await post(app, '{ viewer { id } }', { token })).status).toBe(200);
  client.socket.resume();
  socket.end(whole.slice(-5));
  await stopped;
});
