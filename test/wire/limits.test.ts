/** How much one connection and one user may hold. What a user gives back is free again, and other users notice nothing. */
import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { createMemoryBus } from '../../src/bus/memory-bus.ts';
import { useApp } from '../support/app.ts';
import {
  type RawClient,
  useClient,
  useRawClient,
  useSignedInRawClient,
  useStream,
} from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { until, useRedis } from '../support/redis.ts';
import { publish as publishLogged, useResumer } from '../support/resuming.ts';
import { people, signToken } from '../support/tokens.ts';

const STORAGE = 'subscription { storageUpdated { id } }';

const subscribe = (id: string, query = STORAGE) => ({ id, type: 'subscribe', payload: { query } });
const subscribers = (app: App, count: number): Promise<void> =>
  until(() => app.stats().subscriptions === count);

const publish = (app: App, id: string): Promise<void> =>
  app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id })));

/** Expects a refusal of an operation: an `error`, or a result with errors. */
async function expectRefusal(client: RawClient, id: string, code: string): Promise<void> {
  const message = await client.next();
  expect(message['id']).toBe(id);
  const errors = message['type'] === 'error' ? message['payload'] : message['payload'].errors;
  expect(errors).toMatchObject([{ extensions: { code } }]);
  if (message['type'] === 'next') expect(await client.next()).toEqual({ id, type: 'complete' });
}

describe('MAX_SUBSCRIPTIONS_PER_CONNECTION', () => {
  test('refuses one more with LIMIT_EXCEEDED, and the others go on', async () => {
    const app = await useApp({ MAX_SUBSCRIPTIONS_PER_CONNECTION: '3' });
    const token = await people.head();
    const client = await useSignedInRawClient(app, token);
    for (const id of ['1', '2', '3', '4']) client.send(subscribe(id));
    await expectRefusal(client, '4', 'LIMIT_EXCEEDED');
    await subscribers(app, 3);
    await publish(app, 'e1');
    const ids = [await client.next(), await client.next(), await client.next()].map(({ id }) => id);
    expect(ids.toSorted()).toEqual(['1', '2', '3']);

    const other = await useSignedInRawClient(app, token); // the limit is per connection
    other.send(subscribe('4'));
    await subscribers(app, 4);
  });

  test('counts queries that run, and frees what is complete or was refused', async () => {
    const app = await useApp({ MAX_SUBSCRIPTIONS_PER_CONNECTION: '1' });
    const client = await useSignedInRawClient(app, await people.head());
    for (const round of [1, 2, 3]) {
      client.send(subscribe('q', '{ viewer { id } }'));
      expect(await client.next()).toMatchObject({ id: 'q', type: 'next' });
      expect(await client.next()).toEqual({ id: 'q', type: 'complete' });
      client.send(subscribe('bad', 'subscription { auditLogged { id } }'));
      await expectRefusal(client, 'bad', 'FORBIDDEN');
      client.send(subscribe('s'));
      client.send(subscribe('q', '{ viewer { id } }'));
      await expectRefusal(client, 'q', 'LIMIT_EXCEEDED');
      await subscribers(app, 1);
      await publish(app, `e${round}`);
      expect(await client.next()).toMatchObject({ id: 's', type: 'next' });
      client.send({ id: 's', type: 'complete' });
      await subscribers(app, 0);
    }
  });
});

describe('MAX_CONNECTIONS_PER_USER', () => {
  const LIMIT = { MAX_CONNECTIONS_PER_USER: '2' };

  async function refusal(app: App, token: string): Promise<{ code: number }> {
    const client = await useRawClient(app);
    client.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    return client.closed;
  }

  test('closes one more with 4429, whatever its token, and no other user’s', async () => {
    const app = await useApp(LIMIT);
    const first = await useSignedInRawClient(app, await people.head());
    await useSignedInRawClient(app, await people.head());
    expect(await refusal(app, await people.head())).toMatchObject({ code: 4429 });
    expect(await refusal(app, await signToken({ role: 'QC' }))).toMatchObject({ code: 4429 });
    await useSignedInRawClient(app, await signToken({ user_id: 18 }));
    first.send(subscribe('1', '{ viewer { id } }'));
    expect(await first.next()).toMatchObject({ type: 'next' });
    await until(() => app.stats().connections === 3);
    expect(app.stats()).toMatchObject({ sessions: 3 });
  });

  test('frees a connection that is closed or dies, and frees nothing for a refused one', async () => {
    const app = await useApp(LIMIT);
    const token = await people.head();
    for (const leave of ['close', 'terminate', 'close'] as const) {
      const clients = [await useSignedInRawClient(app, token), await useSignedInRawClient(app, token)];
      for (const _try of [1, 2, 3]) expect(await refusal(app, token)).toMatchObject({ code: 4429 });
      for (const { socket } of clients) socket[leave]();
      await until(() => app.stats().connections === 0);
      expect(app.stats().sessions).toBe(0);
    }
  });

  test('does not count connections that have not signed in', async () => {
    const app = await useApp(LIMIT);
    await useRawClient(app);
    expect(await refusal(app, 'not.a.token')).toMatchObject({ code: 4401 });
    expect(await refusal(app, 'not.a.token')).toMatchObject({ code: 4401 });
    await useSignedInRawClient(app, await people.head());
    await useSignedInRawClient(app, await people.head());
  });
});

describe('MAX_SUBSCRIPTIONS_PER_USER', () => {
  const LIMIT = { MAX_SUBSCRIPTIONS_PER_USER: '3' };

  test('refuses one more with LIMIT_EXCEEDED, over WebSockets and event streams together, and no other user’s', async () => {
    const app = await useApp(LIMIT);
    const token = await people.head();
    const client = await useSignedInRawClient(app, token);
    client.send(subscribe('1'));
    (await useSignedInRawClient(app, await people.head())).send(subscribe('1'));
    await subscribers(app, 2);
    const stream = await useStream(app, STORAGE, token);
    await subscribers(app, 3);

    client.send(subscribe('2'));
    await expectRefusal(client, '2', 'LIMIT_EXCEEDED');
    const refused = await useStream(app, STORAGE, token);
    expect((await refused.next())?.data?.errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }]);
    expect((await refused.next())?.event).toBe('complete');
    client.send(subscribe('q', '{ viewer { id } }')); // not a subscription
    expect(await client.next()).toMatchObject({ id: 'q', type: 'next' });
    expect(await client.next()).toEqual({ id: 'q', type: 'complete' });

    const other = await useSignedInRawClient(app, await signToken({ user_id: 18 }));
    other.send(subscribe('1'));
    await subscribers(app, 4);
    await publish(app, 'e1');
    expect(await client.next()).toMatchObject({ id: '1', type: 'next' });
    expect(await other.next()).toMatchObject({ id: '1', type: 'next' });
    expect((await stream.next())?.data?.data).toEqual({ storageUpdated: { id: 'e1' } });
  });

  /** A user can have exactly the maximum again: nothing was lost, and nothing is left. */
  async function expectAllFree(app: App): Promise<void> {
    await subscribers(app, 0);
    const client = await useSignedInRawClient(app, await people.head());
    for (const id of ['1', '2', '3', '4']) client.send(subscribe(id));
    await expectRefusal(client, '4', 'LIMIT_EXCEEDED');
    await subscribers(app, 3);
    client.socket.terminate();
    await subscribers(app, 0);
  }

  test('frees what the client completes', async () => {
    const app = await useApp(LIMIT);
    const client = await useSignedInRawClient(app, await people.head());
    for (const _round of [1, 2]) {
      for (const id of ['1', '2', '3']) client.send(subscribe(id));
      await subscribers(app, 3);
      for (const id of ['1', '2', '3']) client.send({ id, type: 'complete' });
      await subscribers(app, 0);
    }
    await expectAllFree(app);
  });

  test('frees what dies with its socket or its event stream', async () => {
    const app = await useApp(LIMIT);
    const token = await people.head();
    const [dying, leaving] = [await useSignedInRawClient(app, token), await useSignedInRawClient(app, token)];
    dying.send(subscribe('1'));
    leaving.send(subscribe('1'));
    const stream = await useStream(app, STORAGE, token);
    await subscribers(app, 3);
    dying.socket.terminate();
    leaving.socket.close();
    stream.close();
    await expectAllFree(app);
  });

  test('frees what was refused', async () => {
    const app = await useApp(LIMIT);
    const token = await people.head();
    const client = await useSignedInRawClient(app, token);
    const bad = [
      'subscription { auditLogged { id } }',
      'subscription { storageUpdated(unitId: 7) { id } }',
      'subscription { storageUpdated(unitId: "*") { id } }',
      'subscription { requestUpdated(actions: []) { id } }',
      'subscription ($x: Int!) { storageUpdated { id @include(if: true) } }',
      'subscription { nothing }',
      'subscription {',
    ];
    for (const [at, query] of bad.entries()) {
      client.send(subscribe(`${at}`, query));
      let message = await client.next();
      while (message['type'] === 'next') message = await client.next();
      expect(message).toMatchObject({ id: `${at}` });
      const stream = await useStream(app, query, token);
      stream.close();
    }
    await expectAllFree(app);
  });

  test('frees what ended with an error', async () => {
    const redis = await useRedis();
    const app = await useApp({ ...LIMIT, REDIS_URL: redis.url });
    const { run } = await useResumer(app, await people.head());
    const operations = [run(STORAGE), run(STORAGE), run(STORAGE)];
    for (const operation of operations) await operation.position();
    await publishLogged(app, 'kept');
    for (const operation of operations) expect(await operation.next()).toBe('kept');
    await redis.client.flushall();
    await publishLogged(app, 'after a loss');
    for (const operation of operations) expect(await operation.codes()).toEqual(['CURSOR_EXPIRED']);
    await expectAllFree(app);
  });

  test('frees what could not be opened', async () => {
    const bus = createMemoryBus();
    let isRefusing = true;
    const app = await useApp(LIMIT, {
      bus: {
        ...bus,
        subscribe(name, onMessage, onState) {
          const subscription = bus.subscribe(name, onMessage, onState);
          if (!isRefusing || name.channel?.includes(':storage:') !== true) return subscription;
          queueMicrotask(() => onState?.('refused'));
          return { ...subscription, ready: new Promise(() => undefined) };
        },
      },
    });
    const client = await useSignedInRawClient(app, await people.head());
    for (const id of ['1', '2', '3']) {
      client.send(subscribe(id));
      await expectRefusal(client, id, 'SERVICE_UNAVAILABLE');
    }
    isRefusing = false;
    await expectAllFree(app);
  });

  test('frees what ends with its session', async () => {
    const app = await useApp(LIMIT);
    const token = await people.head();
    const client = await useSignedInRawClient(app, token);
    client.send(subscribe('1'));
    client.send(subscribe('2'));
    const stream = await useStream(app, STORAGE, token);
    await subscribers(app, 3);
    await app.bus.publish('dms:session', JSON.stringify({ action: 'REVOKED', userId: 17 }));
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect((await stream.next())?.data?.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    await expectAllFree(app);
  });

  test('is reported to stock clients, too', async () => {
    const app = await useApp({ MAX_SUBSCRIPTIONS_PER_USER: '1' });
    const client = useClient(app, await people.head());
    client.run(STORAGE);
    await subscribers(app, 1);
    expect(await client.run('subscription { crateUpdated { id } }').codes()).toEqual(['LIMIT_EXCEEDED']);
  });
});
