/** Clients that do not read, and the conflation of KPIs. A slow client delays nobody, and memory stays bounded. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import {
  type Data,
  graphqlUrl,
  type RawClient,
  useClient,
  useSignedInRawClient,
  useStream,
} from '../support/clients.ts';
import { entities, messages } from '../support/events.ts';
import { readMetrics } from '../support/metrics.ts';
import { until } from '../support/redis.ts';
import { people } from '../support/tokens.ts';

const MAX_OUTBOX_BYTES = 65_536;
const BOUNDED = { MAX_OUTBOX_BYTES: `${MAX_OUTBOX_BYTES}`, KPI_INTERVAL_MS: '0' };

const STORAGE = 'subscription { storageUpdated { id locations { roomName } } }';
const KPIS = 'subscription { dashboardKpis { id pendingApprovals } }';
/** So large that a few results fill the buffers of the network. */
const LARGE_KPIS = `subscription { dashboardKpis { id ${Array.from({ length: 10 }, (_, at) => `s${at}: requestsByStatus { status count }`).join(' ')} } }`;
const LARGE_QUERY = getIntrospectionQuery();
const STATUSES = Array.from({ length: 1200 }, (_, count) => ({ status: 'PENDING', count }));

const publish = (app: App, topic: string, message: unknown): Promise<void> =>
  app.bus.publish(topic, JSON.stringify(message));
const publishLarge = (app: App, id: string): Promise<void> =>
  publish(
    app,
    'dms:storage:unit:5',
    messages.storage({}, { id, locations: [entities.storage({ roomName: 'r'.repeat(50_000) })] }),
  );
const publishKpis = (app: App, id: string, more: object = {}): Promise<void> =>
  publish(app, 'dms:kpis:unit:5', messages.kpis({ id, ...more }));

const subscribe = (query: string, id = 'a') => ({ id, type: 'subscribe', payload: { query } });
const subscribers = (app: App, count: number): Promise<void> =>
  until(() => app.stats().subscriptions === count);

async function slowClosed(app: App): Promise<number | undefined> {
  return (await readMetrics(app)).get('dms_live_slow_clients_closed_total');
}

/** A WebSocket client that has subscribed. */
async function useSubscriber(app: App, query: string): Promise<RawClient> {
  const client = await useSignedInRawClient(app, await people.head());
  const { subscriptions } = app.stats();
  client.send(subscribe(query));
  await subscribers(app, subscriptions + 1);
  return client;
}

/** An event stream that is not read until it is resumed. */
async function usePausedStream(
  app: App,
  query: string,
): Promise<{ response: IncomingMessage; text(): string }> {
  const { subscriptions } = app.stats();
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    authorization: `Bearer ${await people.head()}`,
  };
  const sent = request(graphqlUrl(app), { method: 'POST', headers });
  onTestFinished(() => void sent.destroy());
  sent.end(JSON.stringify({ query }));
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response === undefined) throw new Error('no response');
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.pause();
  await subscribers(app, subscriptions + 1);
  return { response, text: () => Buffer.concat(chunks).toString() };
}

describe('a client that stops reading', () => {
  test('is closed with 1013 once too many bytes wait, and the others receive everything', async () => {
    const app = await useApp(BOUNDED);
    const healthy = [await useSubscriber(app, STORAGE), await useSubscriber(app, STORAGE)];
    const stream = await useStream(app, STORAGE, await people.head());
    const slow = await useSubscriber(app, STORAGE);
    expect(app.stats().audiences).toBe(1);
    slow.socket.pause();

    let published = 0;
    for (; (await slowClosed(app)) === 0; published += 1) {
      await publishLarge(app, `${published}`);
      for (const client of healthy)
        expect((await client.next())['payload'].data.storageUpdated.id).toBe(`${published}`);
      expect((await stream.next())?.data?.data).toMatchObject({ storageUpdated: { id: `${published}` } });
      expect(app.stats().outboxBytes).toBeLessThan(4 * MAX_OUTBOX_BYTES);
    }
    await publishLarge(app, 'after');
    for (const client of healthy)
      expect((await client.next())['payload'].data.storageUpdated.id).toBe('after');

    slow.socket.resume();
    expect(await slow.closed).toMatchObject({ code: 1013 });
    let got = 0;
    const ids: string[] = [];
    for (; got < published - 1; got += 1) ids.push((await slow.next())['payload'].data.storageUpdated.id);
    expect(ids).toEqual(Array.from({ length: published - 1 }, (_, at) => `${at}`)); // in order, without a hole or half a frame
    await subscribers(app, 3);
    expect(app.stats().outboxBytes).toBe(0);
    expect(await slowClosed(app)).toBe(1);
  });

  test('is also closed with 1013 for unread answers, and is counted once', async () => {
    const app = await useApp(BOUNDED);
    const slow = await useSignedInRawClient(app, await people.head());
    const good = useClient(app, await people.head());
    slow.socket.pause();
    for (let at = 0; (await slowClosed(app)) === 0; at += 1) {
      slow.send(subscribe(LARGE_QUERY, `q${at}`));
      await good.run('{ viewer { id } }').data();
    }
    for (let at = 0; at < 5; at += 1) slow.send(subscribe('{ viewer { id } }', `late${at}`));
    await good.run('{ viewer { id } }').data();
    slow.socket.resume();
    expect(await slow.closed).toMatchObject({ code: 1013 });
    expect(await slowClosed(app)).toBe(1);
  });

  test('over SSE is cut off once too many bytes wait, and the others receive everything', async () => {
    const app = await useApp(BOUNDED);
    const healthy = await useSubscriber(app, STORAGE);
    const slow = await usePausedStream(app, STORAGE);
    const cut = new Promise((resolve) => slow.response.once('error', resolve));

    let published = 0;
    let largest = 0;
    for (; (await slowClosed(app)) === 0; published += 1) {
      await publishLarge(app, `${published}`);
      expect((await healthy.next())['payload'].data.storageUpdated.id).toBe(`${published}`);
      largest = Math.max(largest, app.stats().outboxBytes);
    }
    expect(largest).toBeGreaterThan(MAX_OUTBOX_BYTES / 2);
    slow.response.resume();
    expect(await cut).toMatchObject({ code: 'ECONNRESET' });
    await until(() => app.stats().connections === 1);
    await subscribers(app, 1);
    expect(app.stats().sessions).toBe(1);
    const ids = [...slow.text().matchAll(/"id":"(\d+)"/g)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from(ids, (_, at) => at));
  });
});

describe('dashboardKpis to a client that stops reading', () => {
  const SNAPSHOTS = 80;

  /** Publishes one snapshot after the other. It waits until a client that reads has received each. */
  async function publishSnapshots(app: App): Promise<string> {
    const healthy = await useSubscriber(app, KPIS);
    for (let at = 1; at <= SNAPSHOTS; at += 1) {
      await publishKpis(app, `s${at}`, { requestsByStatus: STATUSES });
      expect(await healthy.next()).toMatchObject({ payload: { data: { dashboardKpis: { id: `s${at}` } } } });
    }
    return `s${SNAPSHOTS}`;
  }

  test('skips all snapshots but the newest, and is never closed', async () => {
    const app = await useApp(BOUNDED);
    const slow = await useSubscriber(app, LARGE_KPIS);
    slow.socket.pause();
    const newest = await publishSnapshots(app);
    expect(await slowClosed(app)).toBe(0);

    slow.socket.resume();
    const ids: string[] = [];
    while (ids.at(-1) !== newest) ids.push((await slow.next())['payload'].data.dashboardKpis.id);
    expect(ids.length).toBeLessThan(SNAPSHOTS / 2);
    const numbers = ids.map((id) => Number(id.slice(1)));
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));

    slow.send({ type: 'ping' });
    expect(await slow.next()).toEqual({ type: 'pong' });
    await publishKpis(app, 'next');
    expect(await slow.next()).toMatchObject({ payload: { data: { dashboardKpis: { id: 'next' } } } });
  });

  test('is dropped if the client completes it before it reads on', async () => {
    const app = await useApp({ KPI_INTERVAL_MS: '0' });
    const slow = await useSubscriber(app, LARGE_KPIS);
    slow.socket.pause();
    const newest = await publishSnapshots(app);
    slow.send({ id: 'a', type: 'complete' });
    await subscribers(app, 1);
    slow.send({ type: 'ping' });
    slow.socket.resume();
    while ((await slow.next())['type'] !== 'pong');
    slow.send({ type: 'ping', payload: { newest } });
    expect(await slow.next()).toEqual({ type: 'pong', payload: { newest } });
  });

  test('skips all snapshots but the newest over SSE, and is never cut off', async () => {
    const app = await useApp(BOUNDED);
    const slow = await usePausedStream(app, LARGE_KPIS);
    const newest = await publishSnapshots(app);
    expect(await slowClosed(app)).toBe(0);

    slow.response.resume();
    await until(() => slow.text().includes(`"id":"${newest}"`));
    const ids = [...slow.text().matchAll(/"id":"s(\d+)"/g)].map(([, id]) => Number(id));
    expect(ids.length).toBeLessThan(SNAPSHOTS / 2);
    expect(ids).toEqual([...new Set(ids)].toSorted((one, other) => one - other));
    await publishKpis(app, 'next');
    await until(() => slow.text().includes('"id":"next"'));
  });
});

describe('KPI conflation', () => {
  const INTERVAL_MS = 1000;

  async function useConflatingApp(): Promise<App> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    return useApp({ KPI_INTERVAL_MS: `${INTERVAL_MS}` });
  }

  /** All ids that the server has sent so far. The pong shows that the server has handled every earlier message. */
  async function idsSoFar(client: RawClient): Promise<string[]> {
    client.send({ type: 'ping' });
    const ids: string[] = [];
    for (let message: Data = await client.next(); message['type'] !== 'pong'; message = await client.next())
      ids.push(message['payload'].data.dashboardKpis.id);
    return ids;
  }

  test('sends the first snapshot at once, then only the newest one at the end of the interval', async () => {
    const app = await useConflatingApp();
    const client = await useSubscriber(app, KPIS);
    for (const id of ['1', '2', '3']) {
      await publishKpis(app, id);
      await idsSoFar(client).then((ids) => expect(ids).toEqual(id === '1' ? ['1'] : []));
    }
    vi.advanceTimersByTime(INTERVAL_MS - 1);
    expect(await idsSoFar(client)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(await idsSoFar(client)).toEqual(['3']);
    await publishKpis(app, '4');
    expect(await idsSoFar(client)).toEqual([]);
    vi.advanceTimersByTime(INTERVAL_MS);
    expect(await idsSoFar(client)).toEqual(['4']);
    vi.advanceTimersByTime(INTERVAL_MS);
    expect(await idsSoFar(client)).toEqual([]);
    await publishKpis(app, '5'); // at once again, since nothing was sent for an interval
    expect(await idsSoFar(client)).toEqual(['5']);
  });

  test('gives a client that joins late the newest snapshot at once, also one that waits for the interval, and never sends it twice', async () => {
    const app = await useConflatingApp();
    await publishKpis(app, 'known');
    const first = await useSubscriber(app, KPIS);
    expect(await idsSoFar(first)).toEqual(['known']);
    const second = await useSubscriber(app, KPIS);
    expect(await idsSoFar(second)).toEqual(['known']);

    await publishKpis(app, '1');
    await publishKpis(app, '2');
    expect(await idsSoFar(first)).toEqual([]);
    const late = await useSubscriber(app, KPIS);
    expect(await idsSoFar(late)).toEqual(['2']);
    vi.advanceTimersByTime(INTERVAL_MS);
    expect([await idsSoFar(first), await idsSoFar(second), await idsSoFar(late)]).toEqual([['2'], ['2'], []]);

    const token = await people.head();
    const stream = await useStream(app, KPIS, token);
    expect((await stream.next())?.data?.data).toMatchObject({ dashboardKpis: { id: '2' } });
    await publishKpis(app, '3');
    vi.advanceTimersByTime(INTERVAL_MS);
    expect((await stream.next())?.data?.data).toMatchObject({ dashboardKpis: { id: '3' } });
    expect([await idsSoFar(first), await idsSoFar(second), await idsSoFar(late)]).toEqual([
      ['3'],
      ['3'],
      ['3'],
    ]);
  });

  test('does not delay the events of other subscriptions', async () => {
    const app = await useConflatingApp();
    const client = await useSubscriber(app, 'subscription { storageUpdated { id } }');
    for (const id of ['1', '2', '3']) {
      await publish(app, 'dms:storage:unit:5', messages.storage({}, { id }));
      expect(await client.next()).toMatchObject({ payload: { data: { storageUpdated: { id } } } });
    }
  });
});
