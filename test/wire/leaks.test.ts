import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { App } from '../../src/app.ts';
import type { Bus, ChannelName } from '../../src/bus/bus.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { useApp } from '../support/app.ts';
import { graphqlUrl, socketUrl, useSignedInRawClient, useStream } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { type TestRedis, until, useRedis } from '../support/redis.ts';
import { request, useRawSocket } from '../support/strangers.ts';
import { people } from '../support/tokens.ts';

const SUBSCRIPTIONS = [
  'subscription { requestUpdated { id } }',
  'subscription { crateUpdated { id } }',
  'subscription { sendBackCreated(mine: true) { id } }',
  'subscription { storageUpdated { id } }',
  'subscription { dashboardKpis { id } }',
];

/** The resources that the process and Redis hold for the server. */
async function holdings(app: App, redis: TestRedis) {
  const channels = await redis.client.pubsub('CHANNELS');
  return {
    ...app.stats(),
    channels: channels.toSorted(),
    patterns: Number(await redis.client.pubsub('NUMPAT')),
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
  };
}

/** A client that connects, subscribes to everything, and leaves: with a close, or with a cut connection. */
async function visit(app: App, token: string, visitor: number): Promise<void> {
  const socket = new WebSocket(socketUrl(app), 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await once(socket, 'message');
  for (const [index, query] of SUBSCRIPTIONS.entries()) {
    socket.send(JSON.stringify({ type: 'subscribe', id: `${index}`, payload: { query } }));
  }
  if (visitor % 3 === 0) socket.send(JSON.stringify({ type: 'complete', id: '0' }));
  if (visitor % 2 === 0) {
    socket.send(JSON.stringify({ type: 'ping' }));
    await once(socket, 'message'); // the server has read all of it
  }
  if (visitor % 5 === 0) socket.terminate();
  else socket.close();
  await once(socket, 'close');
}

test('after 1,000 clients came, subscribed and went, everything is as before', async () => {
  const redis = await useRedis();
  const app = await useApp({ REDIS_URL: redis.url });
  const tokens = await Promise.all([people.head(), people.stranger(), people.admin()]);
  // The channels for sessions, for the figures of all units, for operators' questions, and for the server's own use.
  await until(async () => (await redis.client.pubsub('CHANNELS')).length === 4);
  await until(async () => Number(await redis.client.pubsub('NUMPAT')) === 1);
  await visit(app, tokens[0], 0); // creates everything that is created once and kept
  await until(() => app.stats().connections === 0);
  const before = await holdings(app, redis);

  for (let round = 0; round < 20; round += 1) {
    await Promise.all(
      Array.from({ length: 50 }, (_, visitor) => visit(app, tokens[visitor % 3] ?? '', round * 50 + visitor)),
    );
    await redis.client.publish('dms:request:unit:5', JSON.stringify(messages.request()));
  }

  await until(() => app.stats().connections === 0);
  await until(async () => (await redis.client.pubsub('CHANNELS')).length === 4);
  await until(
    () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length <= before.timers,
  );
  expect(await holdings(app, redis)).toEqual(before);
});

test('event streams that clients break off leave nothing open', async () => {
  const app = await useApp();
  const token = await people.head();
  const before = app.stats();
  for (let round = 0; round < 20; round += 1) {
    const stream = await useStream(app, SUBSCRIPTIONS[0] ?? '', token);
    expect(app.stats()).toMatchObject({ sessions: before.sessions + 1, openTopics: before.openTopics + 1 });
    stream.close();
    await until(() => app.stats().sessions === before.sessions);
  }
  await until(() => app.stats().openTopics === before.openTopics);
  expect(app.stats()).toEqual(before);
});

test('requests that wait for a stream on the same connection end with the connection', async () => {
  const app = await useApp();
  const before = app.stats();
  const headers = { Host: 'x', Authorization: `Bearer ${await people.head()}` };
  const body = JSON.stringify([{ query: SUBSCRIPTIONS[0], extensions: { operationId: '1' } }]);
  const many = request(
    'POST',
    { ...headers, Accept: 'text/event-stream; operations=many', 'Content-Length': `${body.length}` },
    body,
  );
  const raw = useRawSocket(app);
  raw.socket.write(many + many);
  await until(() => app.stats().subscriptions === 2);
  raw.socket.destroy();
  await until(() => app.stats().sessions === 0);
  expect(app.stats()).toEqual(before);
});

/** A bus whose subscriptions to requests never become ready. */
function createSlowBus(): Bus {
  const bus = createMemoryBus();
  const isSlow = (name: ChannelName): boolean => name.channel?.includes(':request:') ?? false;
  return {
    ...bus,
    subscribe: (name, onMessage) => ({
      ...bus.subscribe(name, onMessage),
      ...(isSlow(name) && { ready: new Promise(() => undefined) }),
    }),
  };
}

test('an operation that is completed while it is being opened leaves nothing open, and its id is free', async () => {
  const app = await useApp({ MAX_SUBSCRIPTIONS_PER_USER: '1' }, { bus: createSlowBus() });
  const client = await useSignedInRawClient(app, await people.head());
  const before = app.stats();
  for (let round = 0; round < 3; round += 1) {
    client.send({ type: 'subscribe', id: '1', payload: { query: SUBSCRIPTIONS[0] } });
    await until(() => app.stats().openTopics === before.openTopics + 1);
    client.send({ type: 'complete', id: '1' });
    await until(() => app.stats().subscriptions === 0);
    expect(app.stats()).toEqual(before);
  }
});

test('clients that leave while their subscription is being opened leave nothing open', async () => {
  const app = await useApp({}, { bus: createSlowBus() });
  const token = await people.head();
  const before = app.stats();

  const aborter = new AbortController();
  const request = fetch(graphqlUrl(app), {
    method: 'POST',
    signal: aborter.signal,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query: SUBSCRIPTIONS[0] }),
  });
  const client = await useSignedInRawClient(app, token);
  client.send({ type: 'subscribe', id: '1', payload: { query: SUBSCRIPTIONS[0] } });
  await until(() => app.stats().sessions === 2 && app.stats().openTopics === before.openTopics + 1);
  client.socket.terminate();
  aborter.abort();

  await expect(request).rejects.toThrow('aborted');
  await until(() => app.stats().openTopics === before.openTopics);
  expect(app.stats()).toEqual(before);
});
