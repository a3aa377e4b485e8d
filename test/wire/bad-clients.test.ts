/** Mistakes that a client can make over a WebSocket. The client gets a clear answer, and no other client notices. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { socketUrl, subscribed, useClient, useRawClient, useSignedInRawClient } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { people } from '../support/tokens.ts';

const STORAGE = 'subscription { storageUpdated { id } }';

/** Runs a harmful action beside a good client. The good client must get its events before and after it. */
async function beside(harm: (app: App) => Promise<unknown>): Promise<void> {
  const app = await useApp();
  const good = await subscribed(useClient(app, await people.head()), STORAGE);
  for (const id of ['before', 'after']) {
    await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id })));
    expect(await good.data()).toEqual({ storageUpdated: { id } });
    if (id === 'before') await harm(app);
  }
}

const subscribe = (query: unknown, more: object = {}, id = 'a') => ({
  id,
  type: 'subscribe',
  payload: { query, ...more },
});

describe('a message that breaks the protocol closes the socket with 4400', () => {
  test.each<[string, unknown]>([
    ['not JSON', 'hello'],
    ['an empty one', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['a number', '5'],
    ['no type', {}],
    ['an unknown type', { type: 'start', id: 'a' }],
    ['a type that every object has', { type: 'constructor' }],
    ['subscribe without id', { type: 'subscribe', payload: { query: STORAGE } }],
    ['subscribe with an empty id', subscribe(STORAGE, {}, '')],
    ['subscribe with a number for id', { ...subscribe(STORAGE), id: 5 }],
    ['subscribe without payload', { type: 'subscribe', id: 'a' }],
    ['subscribe without query', { type: 'subscribe', id: 'a', payload: {} }],
    ['subscribe with a number for query', subscribe(5)],
    ['subscribe with text for variables', subscribe(STORAGE, { variables: 'x' })],
    ['subscribe with a number for operationName', subscribe(STORAGE, { operationName: 5 })],
    ['complete without id', { type: 'complete' }],
    ['connection_ack', { type: 'connection_ack' }],
    ['next', { type: 'next', id: 'a', payload: {} }],
    ['error', { type: 'error', id: 'a', payload: [{ message: 'x' }] }],
    ['ping with a number', { type: 'ping', payload: 5 }],
    ['ping nested without end', `{"type":"ping","payload":{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`],
    ['a binary frame', Buffer.from(JSON.stringify({ type: 'ping' }))],
    ['a deeply nested one', '['.repeat(30_000) + ']'.repeat(30_000)],
  ])('%s', (_what, message) =>
    beside(async (app) => {
      const client = await useSignedInRawClient(app, await people.head());
      client.send(message);
      expect((await client.closed).code).toBe(4400);
    }),
  );
});

describe('the handshake', () => {
  test.each<[string, string[]]>([
    ['another subprotocol', ['graphql-ws']],
    ['no subprotocol', []],
  ])('%s is closed with 4406', (_what, protocols) =>
    beside(async (app) => {
      const client = await useRawClient(app, protocols);
      expect((await client.closed).code).toBe(4406);
    }),
  );

  test('the right subprotocol is chosen among several', async () => {
    const app = await useApp();
    const client = await useRawClient(app, ['graphql-ws', 'graphql-transport-ws']);
    expect(client.socket.protocol).toBe('graphql-transport-ws');
  });

  test('no connection_init within three seconds is closed with 4408', () =>
    beside(async (app) => {
      const client = await useRawClient(app);
      expect((await client.closed).code).toBe(4408);
    }));

  test('a second connection_init is closed with 4429, also while the first is being checked', () =>
    beside(async (app) => {
      const init = { type: 'connection_init', payload: { authorization: `Bearer ${await people.head()}` } };
      const late = await useSignedInRawClient(app, await people.head());
      late.send(init);
      expect((await late.closed).code).toBe(4429);
      const early = await useRawClient(app);
      early.send(init);
      early.send(init);
      expect((await early.closed).code).toBe(4429);
    }));

  test('subscribing before the acknowledgement is closed with 4401', () =>
    beside(async (app) => {
      const unannounced = await useRawClient(app);
      unannounced.send(subscribe(STORAGE));
      expect((await unannounced.closed).code).toBe(4401);
      const hasty = await useRawClient(app);
      hasty.send({ type: 'connection_init', payload: { authorization: `Bearer ${await people.head()}` } });
      hasty.send(subscribe(STORAGE));
      expect((await hasty.closed).code).toBe(4401);
    }));

  test.each<[string, unknown]>([
    ['no payload', undefined],
    ['no authorization', {}],
    ['a number', { authorization: 5 }],
    ['null', { authorization: null }],
    ['a list', { authorization: ['Bearer x'] }],
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['an empty one', { authorization: '' }],
    ['a bare scheme', { authorization: 'Bearer ' }],
    ['no token at all', { authorization: 'Bearer a.b.c' }],
    ['a payload that is a list', ['x']],
  ])('%s for authorization is closed with 4401 or 4400', (_what, payload) =>
    beside(async (app) => {
      const client = await useRawClient(app);
      client.send({ type: 'connection_init', payload });
      expect((await client.closed).code).toBe(Array.isArray(payload) ? 4400 : 4401);
    }),
  );
});

describe('the upgrade', () => {
  async function upgrade(app: App, headers: Record<string, string>, path = ''): Promise<number> {
    const socket = new WebSocket(socketUrl(app) + path, 'graphql-transport-ws', { headers });
    socket.on('error', () => undefined);
    const opened = once(socket, 'open').then(() => 101);
    const refused = once(socket, 'unexpected-response').then(([, response]) => Number(response.statusCode));
    const status = await Promise.race([opened, refused]);
    socket.terminate();
    return status;
  }

  test('is refused with 403 from a foreign origin, and accepted from its own or a listed one', async () => {
    const app = await useApp({ CORS_ORIGINS: 'https://dms.example.org' });
    const origins: Record<string, number> = {
      [app.url]: 101,
      'https://dms.example.org': 101,
      'https://evil.example': 403,
      'https://dms.example.org.evil.example': 403,
      'https://dms.example.org:8443': 403,
      'http://dms.example.org': 403,
      null: 403,
      'not an origin': 403,
    };
    for (const [origin, status] of Object.entries(origins))
      expect([origin, await upgrade(app, { origin })]).toEqual([origin, status]);
    expect(await upgrade(app, {})).toBe(101);
  });

  test('is accepted from anywhere if CORS_ORIGINS is *', async () => {
    const app = await useApp({ CORS_ORIGINS: '*' });
    expect(await upgrade(app, { origin: 'https://anywhere.example' })).toBe(101);
  });

  test('is refused with 404 on any path but /graphql', async () => {
    const app = await useApp();
    expect(await upgrade(app, {}, '/other')).toBe(404);
    expect(await upgrade(app, {}, '?x=1')).toBe(101);
  });
});

test('a message of 1 MiB is closed with 1009', () =>
  beside(async (app) => {
    const client = await useSignedInRawClient(app, await people.head());
    client.send(subscribe(`${STORAGE} #${'x'.repeat(1024 * 1024)}`));
    expect((await client.closed).code).toBe(1009);
  }));

test('an id in use is closed with 4409, also while the first is being prepared', () =>
  beside(async (app) => {
    const client = await useSignedInRawClient(app, await people.head());
    client.send(subscribe(STORAGE));
    client.send(subscribe('{ viewer { id } }'));
    expect((await client.closed).code).toBe(4409);
  }));

test('an id is free again once either side has completed its operation', async () => {
  const app = await useApp();
  const client = await useSignedInRawClient(app, await people.head());
  for (const _round of [1, 2]) {
    client.send(subscribe('{ viewer { id } }'));
    expect(await client.next()).toMatchObject({ id: 'a', type: 'next' });
    expect(await client.next()).toEqual({ id: 'a', type: 'complete' });
    client.send(subscribe(STORAGE));
    client.send({ id: 'a', type: 'complete' });
  }
  client.send(subscribe('{ viewer { id } }', {}, 'b'));
  expect(await client.next()).toMatchObject({ id: 'b', type: 'next' });
});

test('an operation that is completed while it is being opened is gone', async () => {
  const app = await useApp();
  const client = await useSignedInRawClient(app, await people.head());
  const before = app.stats().openTopics;
  for (let round = 0; round < 20; round += 1) {
    client.send(subscribe(STORAGE, {}, `s${round}`));
    client.send({ id: `s${round}`, type: 'complete' });
  }
  client.send(subscribe('{ viewer { id } }', {}, 'end'));
  expect(await client.next()).toMatchObject({ id: 'end', type: 'next' });
  expect(app.stats().openTopics).toBe(before);
});

test('completing an unknown operation, pinging and ponging do no harm', async () => {
  const app = await useApp();
  const client = await useSignedInRawClient(app, await people.head());
  client.send({ id: '__proto__', type: 'complete' });
  client.send({ type: 'pong' });
  client.send({ type: 'ping', payload: { a: 1 } });
  expect(await client.next()).toEqual({ type: 'pong', payload: { a: 1 } });
  client.send(subscribe('{ viewer { id } }', {}, '__proto__'));
  expect(await client.next()).toMatchObject({ id: '__proto__', type: 'next' });
});
