/** Which subscribers share an execution, which do not, and the events that they receive: over real sockets. */
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Bus, BusSubscription } from '../../src/bus/bus.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { useApp } from '../support/app.ts';
import { type Data, type RawClient, useSignedInRawClient, useStream } from '../support/clients.ts';
import { entities, messages } from '../support/events.ts';
import { readFrames } from '../support/frames.ts';
import { executions } from '../support/metrics.ts';
import { until } from '../support/redis.ts';
import { people, signToken } from '../support/tokens.ts';

const STORAGE = 'subscription { storageUpdated { id locations { roomName } } }';
const MINE = 'subscription { sendBackCreated(mine: true) { id } }';

const publish = (app: App, topic: string, message: unknown): Promise<void> =>
  app.bus.publish(topic, JSON.stringify(message));
const publishStorage = (app: App, id: string): Promise<void> =>
  publish(app, 'dms:storage:unit:5', messages.storage({}, { id }));

const subscribe = (query: string, id = 'a', more: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...more },
});

const subscribers = (app: App, count: number): Promise<void> =>
  until(() => app.stats().subscriptions === count);

/** Signs each of these people in, and starts each subscription in order. All of them are live when it returns. */
async function useSubscribers(
  app: App,
  asked: readonly { token: string; query?: string; id?: string; variables?: object }[],
): Promise<RawClient[]> {
  const clients = await Promise.all(asked.map(({ token }) => useSignedInRawClient(app, token)));
  for (const [at, { query = STORAGE, id = 'a', variables }] of asked.entries())
    clients[at]?.send(subscribe(query, id, variables && { variables }));
  await subscribers(app, asked.length);
  return clients;
}

/** The number of executions that one event costs. */
async function costOf(app: App, event: () => Promise<void>): Promise<number> {
  const before = await executions(app);
  await event();
  return (await executions(app)) - before;
}

describe('one execution for all subscribers that may see the same', () => {
  test('200 clients of one subscription cost one execution per event, and receive the same', async () => {
    const app = await useApp();
    const tokens = await Promise.all([people.head(), signToken({ user_id: 18, role: 'Store Head' })]);
    const clients = await useSubscribers(
      app,
      Array.from({ length: 200 }, (_, at) => ({ token: tokens[at % 2] ?? '', id: `op ${at % 7}` })),
    );
    expect(app.stats()).toMatchObject({ audiences: 1, subscriptions: 200 });
    const stream = await useStream(app, STORAGE, tokens[0]);
    await subscribers(app, 201);

    const cost = await costOf(app, async () => {
      await publishStorage(app, 'e1');
      for (const [at, client] of clients.entries()) {
        expect(await client.next()).toEqual({
          id: `op ${at % 7}`,
          type: 'next',
          payload: { data: { storageUpdated: { id: 'e1', locations: [{ roomName: 'R1' }] } } },
        });
      }
    });
    expect(cost).toBe(1);
    expect(await stream.next()).toEqual({
      event: 'next',
      data: { data: { storageUpdated: { id: 'e1', locations: [{ roomName: 'R1' }] } } },
    });
  });

  test('a WebSocket operation called “sse” and an event stream each get their own protocol', async () => {
    const app = await useApp();
    const token = await people.head();
    const [client] = await useSubscribers(app, [{ token, id: 'sse' }]);
    const stream = await useStream(app, STORAGE, token);
    await subscribers(app, 2);
    await publishStorage(app, 'e1');
    expect(await client?.next()).toMatchObject({ id: 'sse', type: 'next' });
    expect(await stream.next()).toMatchObject({
      event: 'next',
      data: { data: { storageUpdated: { id: 'e1' } } },
    });
  });

  test.each<[string, readonly { query?: string; variables?: object; claims?: object }[], number]>([
    ['equal variables', [{ variables: { unitId: '5' } }, { variables: { unitId: '5' } }], 1],
    ['different variables', [{ variables: { unitId: '5' } }, { variables: {} }], 2],
    ['different documents', [{}, { query: 'subscription { storageUpdated { id } }' }], 2],
    ['different users of one unit', [{}, { claims: { user_id: 18, role: 'QC' } }], 1],
    ['an administrator', [{}, { claims: { user_id: 1, role: 'System Admin' } }], 2],
    ['an auditor', [{}, { claims: { user_id: 18, role: 'Auditor' } }], 2],
    ['two sockets of one user, for what is addressed to her', [{ query: MINE }, { query: MINE }], 1],
    [
      'two users, for what is addressed to each',
      [{ query: MINE }, { query: MINE, claims: { user_id: 18 } }],
      2,
    ],
    [
      'two users, with mine as a variable',
      ['17', '18'].map((user_id) => ({
        query: 'subscription ($mine: Boolean) { sendBackCreated(mine: $mine) { id } }',
        variables: { mine: true },
        claims: { user_id },
      })),
      2,
    ],
    [
      'two users, with mine as a variable’s default',
      ['17', '18'].map((user_id) => ({
        query: 'subscription ($mine: Boolean = true) { sendBackCreated(mine: $mine) { id } }',
        claims: { user_id },
      })),
      2,
    ],
    [
      'two users who do not ask for their own',
      ['17', '18'].map((user_id) => ({
        query: 'subscription { sendBackCreated(mine: false) { id } }',
        claims: { user_id },
      })),
      1,
    ],
  ])('%s', async (_what, asked, audiences) => {
    const app = await useApp({ AUDIT_ROLES: 'System Admin,Auditor' });
    const query = 'subscription ($unitId: ID) { storageUpdated(unitId: $unitId) { id } }';
    await useSubscribers(
      app,
      await Promise.all(
        asked.map(async ({ claims, ...rest }) => ({ query, ...rest, token: await signToken(claims) })),
      ),
    );
    expect(app.stats()).toMatchObject({ audiences, subscriptions: asked.length });
  });

  test('an event addressed to one user reaches both of her sockets, and nobody else’s', async () => {
    const app = await useApp();
    const tokens = [await people.head(), await people.head(), await signToken({ user_id: 18 })];
    const clients = await useSubscribers(
      app,
      tokens.map((token) => ({ token, query: MINE })),
    );
    await publish(app, 'dms:sendback:user:17', messages.sendback({}, { id: 'for 17' }));
    await publish(app, 'dms:sendback:user:18', messages.sendback({}, { id: 'for 18' }));
    const ids = await Promise.all(
      clients.map(async (client) => (await client.next())['payload'].data.sendBackCreated.id),
    );
    expect(ids).toEqual(['for 17', 'for 17', 'for 18']);
  });
});

describe('joining and leaving', () => {
  test('a client that joins during a burst gets all later events, each once', async () => {
    const app = await useApp();
    const token = await people.head();
    const [first] = await useSubscribers(app, [{ token }]);
    const late = await Promise.all(Array.from({ length: 20 }, () => useSignedInRawClient(app, token)));

    let published = 0;
    const burst = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at += 1) {
        published += 1;
        await publishStorage(app, `${published}`);
      }
    };
    for (const [at, client] of late.entries()) {
      client.send(subscribe(STORAGE));
      while (app.stats().subscriptions < at + 2) {
        await burst(5);
        await nextTurn();
      }
      await burst(5);
    }
    await publishStorage(app, 'end');

    const all = await idsUntilEnd(first);
    expect(all).toEqual(Array.from({ length: published }, (_, at) => `${at + 1}`));
    for (const client of late) {
      const ids = await idsUntilEnd(client);
      expect(ids.length).toBeGreaterThan(0);
      expect(ids).toEqual(all.slice(-ids.length));
    }
  });

  test('a client that leaves during a burst gets no more, and the others get all of it', async () => {
    const app = await useApp();
    const token = await people.head();
    const [staying, leaving] = await useSubscribers(app, [{ token }, { token }]);
    for (let at = 1; at <= 50; at += 1) await publishStorage(app, `${at}`);
    await nextTurn();
    leaving?.send({ id: 'a', type: 'complete' });
    leaving?.send({ type: 'ping' });
    while (app.stats().subscriptions > 1) {
      await publishStorage(app, crypto.randomUUID());
      await nextTurn();
    }
    await publishStorage(app, 'end');
    const all = await idsUntilEnd(staying);
    const got: string[] = [];
    for (let message = await leaving?.next(); message?.['type'] !== 'pong'; message = await leaving?.next())
      got.push(message?.['payload'].data.storageUpdated.id);
    expect(got).toEqual(all.slice(0, got.length));
    expect(got.length).toBeGreaterThanOrEqual(50);
    leaving?.send({ type: 'ping', payload: { after: 'the end' } });
    expect(await leaving?.next()).toEqual({ type: 'pong', payload: { after: 'the end' } });
  });

  test('the last client to leave closes the topic', async () => {
    const app = await useApp();
    const token = await people.head();
    const before = app.stats();
    const clients = await useSubscribers(app, [{ token }, { token }, { token }]);
    const topics = before.openTopics + 1;
    expect(app.stats()).toMatchObject({ openTopics: topics, audiences: 1 });
    clients[0]?.send({ id: 'a', type: 'complete' });
    clients[1]?.socket.terminate();
    await subscribers(app, 1);
    expect(app.stats()).toMatchObject({ openTopics: topics, audiences: 1 });
    clients[2]?.socket.close();
    await until(() => app.stats().openTopics === before.openTopics);
    await subscribers(app, 0);
    expect(app.stats()).toMatchObject({ audiences: 0 });
  });

  test('an audience is closed if its only subscriber leaves while it is being opened, and can be opened again', async () => {
    const { bus, settleAll, waiting } = createHesitantBus();
    const app = await useApp({}, { bus });
    const token = await people.head();
    const before = app.stats();
    const gone = await useSignedInRawClient(app, token);
    gone.send(subscribe(STORAGE));
    await until(() => waiting() === 1);
    gone.socket.terminate();
    await until(() => app.stats().connections === 0);
    expect(app.stats()).toEqual(before);

    const back = await useSignedInRawClient(app, token);
    back.send(subscribe(STORAGE));
    await until(() => waiting() === 2);
    settleAll();
    await publishStorage(app, 'e1');
    expect(await back.next()).toMatchObject({
      type: 'next',
      payload: { data: { storageUpdated: { id: 'e1' } } },
    });
  });

  test('an audience stays open for the second of two waiting clients if the first one leaves', async () => {
    const { bus, settleAll, waiting } = createHesitantBus();
    const app = await useApp({}, { bus });
    const token = await people.head();
    const [gone, staying] = [await useSignedInRawClient(app, token), await useSignedInRawClient(app, token)];
    gone.send(subscribe(STORAGE));
    staying.send(subscribe(STORAGE));
    await subscribers(app, 2);
    expect(waiting()).toBe(1);
    gone.socket.terminate();
    await subscribers(app, 1);
    settleAll();
    await publishStorage(app, 'e1');
    expect(await staying.next()).toMatchObject({ payload: { data: { storageUpdated: { id: 'e1' } } } });
  });

  test('an event that arrives while the audience is being opened reaches all waiting clients', async () => {
    const { bus, settleAll } = createHesitantBus();
    const app = await useApp({}, { bus });
    const token = await people.head();
    const clients = await Promise.all([1, 2, 3].map(() => useSignedInRawClient(app, token)));
    for (const client of clients) client.send(subscribe(STORAGE));
    await subscribers(app, 3);
    await publishStorage(app, 'early');
    settleAll();
    await publishStorage(app, 'late');
    for (const client of clients) {
      expect(await client.next()).toMatchObject({ payload: { data: { storageUpdated: { id: 'early' } } } });
      expect(await client.next()).toMatchObject({ payload: { data: { storageUpdated: { id: 'late' } } } });
    }
  });

  test('a failed opening is reported to all waiting clients, and the next attempt works', async () => {
    const { bus, settleAll, waiting } = createHesitantBus();
    const app = await useApp({}, { bus });
    const token = await people.head();
    const before = app.stats();
    const clients = await Promise.all([1, 2, 3].map(() => useSignedInRawClient(app, token)));
    for (const client of clients) client.send(subscribe(STORAGE));
    await subscribers(app, 3);
    settleAll('refused');
    for (const client of clients) {
      expect(await client.next()).toMatchObject({
        payload: { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] },
      });
      expect(await client.next()).toEqual({ id: 'a', type: 'complete' });
    }
    expect(app.stats()).toMatchObject({ subscriptions: 0, audiences: 0, openTopics: before.openTopics });

    clients[0]?.send(subscribe(STORAGE));
    await until(() => waiting() === 2);
    settleAll();
    await publishStorage(app, 'e1');
    expect(await clients[0]?.next()).toMatchObject({ payload: { data: { storageUpdated: { id: 'e1' } } } });
  });

  test('as many events as arrive at once are executed in their order', async () => {
    const app = await useApp({ MAX_WAITING_EVENTS: '10' });
    const token = await people.head();
    const clients = await useSubscribers(app, [{ token }, { token }]);
    await Promise.all(Array.from({ length: 500 }, (_, at) => publishStorage(app, `${at}`)));
    for (const client of clients) {
      for (let expected = 0; expected < 500; expected += 1)
        expect((await client.next())['payload'].data.storageUpdated.id).toBe(`${expected}`);
    }
  });
});

describe('an operation’s id', () => {
  test('may be any text, and comes back unchanged', async () => {
    const app = await useApp();
    const ids = [
      '"',
      '\\',
      '"}\n',
      'é',
      '日本語',
      '🗄️',
      '\u0000',
      '\ud83d',
      '__proto__',
      'sse',
      'x'.repeat(1000),
      'ü'.repeat(30_000),
    ];
    const client = await useSignedInRawClient(app, await people.head());
    for (const id of ids) client.send(subscribe(STORAGE, id));
    await subscribers(app, ids.length);
    await publishStorage(app, 'e1');
    const got = new Set<string>();
    for (const _id of ids) {
      const { id, ...rest } = await client.next();
      got.add(id);
      expect(rest).toMatchObject({ type: 'next', payload: { data: { storageUpdated: { id: 'e1' } } } });
    }
    expect(got).toEqual(new Set(ids));
  });

  test.each(['subscription { crateUpdated { id } }', 'subscription { dashboardKpis { id } }'])(
    'that is used again at once belongs to the new operation only, after %s',
    async (before) => {
      const app = await useApp({ KPI_INTERVAL_MS: '0' });
      await publish(app, 'dms:kpis:unit:5', messages.kpis({ id: 'known' }));
      const client = await useSignedInRawClient(app, await people.head());
      for (let round = 0; round < 20; round += 1) {
        client.send(subscribe(before));
        if (round % 2 === 0) await subscribers(app, 1);
        if (round % 2 === 0 && before.includes('Kpis'))
          expect(await client.next()).toMatchObject({ type: 'next' });
        client.send({ id: 'a', type: 'complete' });
        client.send(subscribe(STORAGE));
        client.send({ type: 'ping', payload: { round } });
        expect(await nextOf(client, 'pong')).toEqual({ type: 'pong', payload: { round } });
        await until(() => app.stats().audiences === 1 && app.stats().subscriptions === 1);
        await publish(app, 'dms:crate:unit:5', messages.crate());
        await publish(app, 'dms:kpis:unit:5', messages.kpis());
        await publishStorage(app, `e${round}`);
        expect(await client.next()).toMatchObject({
          id: 'a',
          type: 'next',
          payload: { data: { storageUpdated: { id: `e${round}` } } },
        });
        client.send({ id: 'a', type: 'complete' });
        await subscribers(app, 0);
      }
    },
  );

  test('that is used and completed again and again belongs to the last operation only', async () => {
    const app = await useApp();
    const client = await useSignedInRawClient(app, await people.head());
    for (let round = 0; round < 5; round += 1) {
      client.send(subscribe('subscription { crateUpdated { id } }'));
      client.send({ id: 'a', type: 'complete' });
    }
    client.send(subscribe(STORAGE));
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    await until(() => app.stats().audiences === 1 && app.stats().subscriptions === 1);
    await publish(app, 'dms:crate:unit:5', messages.crate());
    await publishStorage(app, 'e1');
    expect(await client.next()).toMatchObject({
      id: 'a',
      payload: { data: { storageUpdated: { id: 'e1' } } },
    });
    client.send({ id: 'a', type: 'complete' });
    client.send(subscribe(STORAGE));
    client.send({ id: 'a', type: 'complete' });
    await subscribers(app, 0);
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    expect(app.stats()).toMatchObject({ audiences: 0, subscriptions: 0 });
  });

  test('that is in use is refused with 4409, even while its previous operation is ending', async () => {
    const app = await useApp();
    const client = await useSignedInRawClient(app, await people.head());
    client.send(subscribe(STORAGE));
    await subscribers(app, 1);
    client.send({ id: 'a', type: 'complete' });
    client.send(subscribe(STORAGE));
    client.send(subscribe(STORAGE));
    expect(await client.closed).toMatchObject({ code: 4409 });
    await until(() => app.stats().connections === 0 && app.stats().subscriptions === 0);
  });
});

describe('frames', () => {
  /** A storage event of about this size in bytes. */
  const storageOf = (bytes: number, id: string): object =>
    messages.storage({}, { id, locations: [entities.storage({ roomName: 'r'.repeat(bytes) })] });

  test('of every length are whole', async () => {
    const app = await useApp();
    const short = 'subscription { storageUpdated { id } }';
    const long = `subscription { storageUpdated { locations { ${Array.from({ length: 4 }, (_, at) => `r${at}: roomName`).join(' ')} } } }`;
    const client = await useSignedInRawClient(app, await people.head());
    client.send(subscribe(short, 's'));
    client.send(subscribe(STORAGE, 'm'));
    client.send(subscribe(long, 'l'));
    await subscribers(app, 3);
    const sizes = [1, ...Array.from({ length: 80 }, (_, at) => at), 65_000, 60_000, 16_000];
    const lengths = new Set<string>();
    for (const [at, size] of sizes.entries()) {
      await publish(app, 'dms:storage:unit:5', storageOf(size % 64_000, `${at}`));
      for (const _operation of ['s', 'm', 'l']) {
        const message = await client.next();
        const length = Buffer.byteLength(JSON.stringify(message));
        lengths.add(length < 126 ? 'short' : length < 65_536 ? 'medium' : 'long');
        const room = 'r'.repeat(size % 64_000);
        if (message['id'] === 's')
          expect(message['payload']).toEqual({ data: { storageUpdated: { id: `${at}` } } });
        if (message['id'] === 'm')
          expect(message['payload'].data.storageUpdated).toEqual({
            id: `${at}`,
            locations: [{ roomName: room }],
          });
        if (message['id'] === 'l')
          expect(message['payload'].data.storageUpdated).toEqual({
            locations: [{ r0: room, r1: room, r2: room, r3: room }],
          });
      }
    }
    expect(lengths).toEqual(new Set(['short', 'medium', 'long']));
  });

  test.each([125, 126, 127, 65_534, 65_535, 65_536, 65_537])('of %i bytes are whole', async (length) => {
    const app = await useApp();
    const query = 'subscription { storageUpdated { id locations { roomName } } }';
    const idOfLength = (rest: object): string =>
      'i'.repeat(
        length - JSON.stringify({ id: '', type: 'next', payload: { data: { storageUpdated: rest } } }).length,
      );
    const event = { id: 'e', locations: [{ roomName: 'r'.repeat(length > 1000 ? 40_000 : 0) }] };
    const client = await useSignedInRawClient(app, await people.head());
    const lengths: number[] = [];
    client.socket.on('message', (data) => {
      const message = String(data);
      if (!message.includes('"ping"')) lengths.push(Buffer.byteLength(message));
    });
    client.send(subscribe(query, idOfLength(event)));
    await subscribers(app, 1);
    const { roomName } = event.locations[0] ?? {};
    const published = messages.storage({}, { id: 'e', locations: [entities.storage({ roomName })] });
    await publish(app, 'dms:storage:unit:5', published);
    await publish(app, 'dms:storage:unit:5', { ...published, id: 'f' });
    for (const id of ['e', 'f'])
      expect(await client.next()).toMatchObject({ payload: { data: { storageUpdated: { ...event, id } } } });
    expect(lengths).toEqual([length, length]);
  });

  test('of events and of answers are never mixed up, under load', async () => {
    const app = await useApp({ MAX_OUTBOX_BYTES: `${2 ** 30}` });
    const token = await people.head();
    const client = await useSignedInRawClient(app, token);
    for (const id of ['one', 'two']) client.send(subscribe(STORAGE, id));
    await subscribers(app, 2);
    const EVENTS = 3000;
    const QUERIES = 500;
    const asking = (async () => {
      for (let at = 0; at < QUERIES; at += 1) {
        client.send(subscribe('{ viewer { id } __schema { types { name description } } }', `q${at}`));
        if (at % 20 === 0) client.send({ type: 'ping' });
        await nextTurn();
      }
    })();
    const publishing = (async () => {
      for (let at = 0; at < EVENTS; at += 1) {
        await publish(app, 'dms:storage:unit:5', storageOf(at % 300, `${at}`));
        if (at % 10 === 0) await nextTurn();
      }
    })();
    const next: Record<string, number> = { one: 0, two: 0 };
    const answers = new Map<string, string[]>();
    let pongs = 0;
    const isDone = (): boolean =>
      next['one'] === EVENTS &&
      next['two'] === EVENTS &&
      answers.size === QUERIES &&
      pongs === QUERIES / 20 &&
      completed === QUERIES;
    let completed = 0;
    while (!isDone()) {
      const message: Data = await client.next(); // a frame that is not whole JSON fails here
      if (message['type'] === 'pong') pongs += 1;
      else if (message['id'] in next) {
        expect(message['payload'].data.storageUpdated.id).toBe(`${next[message['id']]}`);
        next[message['id']] = (next[message['id']] ?? 0) + 1;
      } else {
        const seen = answers.get(message['id']) ?? [];
        answers.set(message['id'], [...seen, message['type']]);
        if (message['type'] === 'complete') completed += 1;
      }
    }
    for (const types of answers.values()) expect(types).toEqual(['next', 'complete']);
    await Promise.all([asking, publishing]);
  });

  test('are never fragmented, masked or compressed', async () => {
    const app = await useApp({ MAX_OUTBOX_BYTES: `${2 ** 30}` });
    const token = await people.head();
    const client = await useSignedInRawClient(app, token);
    client.send(subscribe(STORAGE));
    await subscribers(app, 1);
    const chunks: Buffer[] = [];
    const stream = takeOver(client);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    for (let at = 0; at < 300; at += 1) {
      await publish(app, 'dms:storage:unit:5', storageOf((at * 997) % 64_000, `${at}`));
      if (at % 20 === 0) await nextTurn();
    }
    const texts = (): string[] => {
      try {
        // The ping with the cursor, sent right after subscribing, may come before or after the stream was taken over.
        return readFrames(Buffer.concat(chunks)).filter((text) => !text.startsWith('{"type":"ping"'));
      } catch {
        return []; // the last frame has not fully arrived
      }
    };
    await until(() => Buffer.concat(chunks).includes('"id":"299"') && texts().length === 300);
    expect(texts().map((text) => JSON.parse(text).payload.data.storageUpdated.id)).toEqual(
      Array.from({ length: 300 }, (_, at) => `${at}`),
    );
  });
});

test('variables that are nested too deep to be compared are refused, and the socket stays open', async () => {
  const app = await useApp({ MAX_SUBSCRIPTIONS_PER_USER: '2' });
  const client = await useSignedInRawClient(app, await people.head());
  const deep = `${'['.repeat(25_000)}${']'.repeat(25_000)}`;
  for (let round = 0; round < 3; round += 1) {
    client.send(
      `{"id":"d${round}","type":"subscribe","payload":{"query":"${STORAGE}","variables":{"x":${deep}}}}`,
    );
    expect(await client.next()).toMatchObject({
      id: `d${round}`,
      type: 'error',
      payload: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  }
  client.send(subscribe(STORAGE));
  await subscribers(app, 1);
  await publishStorage(app, 'e1');
  expect(await client.next()).toMatchObject({ payload: { data: { storageUpdated: { id: 'e1' } } } });
});

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function nextOf(client: RawClient, type: string): Promise<Data> {
  let message = await client.next();
  while (message['type'] !== type) message = await client.next();
  return message;
}

async function idsUntilEnd(client: RawClient | undefined): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const id = (await client?.next())?.['payload'].data.storageUpdated.id;
    if (id === 'end') return ids;
    ids.push(id);
  }
}

/** The raw bytes that a client's socket receives from now on. The client's own parser gets none of them. */
function takeOver(client: RawClient): Duplex {
  const stream: unknown = Reflect.get(client.socket, '_socket');
  if (!(stream instanceof Duplex)) throw new Error('ws has no socket');
  stream.removeAllListeners('data');
  return stream;
}

/** A memory bus whose subscriptions to storage topics become live, or are refused, when the test decides it. */
function createHesitantBus(): {
  readonly bus: Bus;
  /** Makes the waiting subscriptions live, or refuses them. */
  settleAll(state?: 'live' | 'refused'): void;
  /** The number of subscriptions so far. */
  waiting(): number;
} {
  const bus = createMemoryBus();
  const settlers: ((state: 'live' | 'refused') => void)[] = [];
  let asked = 0;
  return {
    bus: {
      ...bus,
      subscribe(name, onMessage, onState): BusSubscription {
        const subscription = bus.subscribe(name, onMessage, onState);
        if (!(name.channel ?? name.pattern).includes(':storage:')) return subscription;
        asked += 1;
        const ready = new Promise<void>((resolve) => {
          settlers.push((state) => (state === 'live' ? resolve() : onState?.(state)));
        });
        return { ...subscription, ready };
      },
    },
    settleAll(state = 'live') {
      for (const settle of settlers.splice(0)) settle(state);
    },
    waiting: () => asked,
  };
}
