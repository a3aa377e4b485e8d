/** Clients that do not know cursors still work. Clients that pass cursors on can resume. */
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { graphqlUrl, Queue, type Result, socketUrl } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { readMetrics } from '../support/metrics.ts';
import { until } from '../support/redis.ts';
import { publish, publishAll, STORAGE } from '../support/resuming.ts';
import { people, signToken } from '../support/tokens.ts';

const idOf = ({ data }: Result): string => data?.['storageUpdated'].id;
const cursorOf = ({ extensions }: Result): unknown => extensions?.['cursor'];

function useSse(app: App, token: string) {
  const client = createSseClient({
    url: graphqlUrl(app),
    headers: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  onTestFinished(() => client.dispose());
  return client;
}

interface StockSink {
  next(result: object): void;
  error(error: unknown): void;
  complete(): void;
}
/** The `subscribe` that both clients have in common. Their types declare errors differently. */
type Subscribe = (
  request: { query: string; extensions?: Record<string, unknown> },
  sink: StockSink,
) => () => void;

/** Everything that a stock client receives. */
function queueOf(subscribe: Subscribe, extensions?: Record<string, unknown>) {
  const results = new Queue<Result>();
  const errors: unknown[] = [];
  const stop = subscribe(
    { query: STORAGE, ...(extensions && { extensions }) },
    {
      next: (result) => results.push(result),
      error: (error) => errors.push(error),
      complete: () => undefined,
    },
  );
  return { results, errors, stop };
}

test('graphql-ws answers a ping that contains cursors, and passes none of it on', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const app = await useApp();
  const pings = new Queue<unknown>();
  const pongs = new Queue<unknown>();
  const client = createSocketClient({
    url: socketUrl(app),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${await people.head()}` },
    on: {
      ping: (isReceived, payload) => isReceived && pings.push(payload),
      pong: (isReceived, payload) => isReceived || pongs.push(payload),
    },
  });
  onTestFinished(() => client.dispose());
  const { results, errors, stop } = queueOf(client.subscribe);
  const first = await pings.next();
  expect(first).toEqual({ cursors: expect.any(Object) });
  expect(await pongs.next()).toEqual(first);
  await publish(app, 'a');
  expect(await results.next()).toEqual({
    data: { storageUpdated: { id: 'a' } },
    extensions: { cursor: expect.any(String) },
  });
  for (let time = 0; time < 3; time += 1) {
    vi.advanceTimersByTime(12_000);
    await pings.next();
    await publish(app, `${time}`);
    expect(idOf(await results.next())).toBe(`${time}`);
    await new Promise<void>((complete) => {
      const sink = { next: () => undefined, error: () => undefined, complete };
      client.subscribe({ query: '{ viewer { id } }' }, sink); // with its answer, the server has read the pongs
    });
  }
  expect(errors).toEqual([]);
  stop();
  await until(() => app.stats().subscriptions === 0);
});

test('graphql-ws resumes with the extensions of its payload', async () => {
  const app = await useApp();
  const token = await people.head();
  const connect = () => {
    const client = createSocketClient({
      url: socketUrl(app),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    onTestFinished(() => client.dispose());
    return client;
  };
  const first = queueOf(connect().subscribe);
  await until(() => app.stats().subscriptions === 1);
  await publish(app, 'a');
  const after = cursorOf(await first.results.next());
  first.stop();
  await publishAll(app, ['b', 'c']);
  const second = queueOf(connect().subscribe, { after });
  await publish(app, 'd');
  expect(
    [await second.results.next(), await second.results.next(), await second.results.next()].map(idOf),
  ).toEqual(['b', 'c', 'd']);
});

test('graphql-sse ignores cursors without data, and resumes with the extensions of its payload', async () => {
  const app = await useApp();
  const token = await people.head();
  const first = queueOf(useSse(app, token).subscribe);
  await until(() => app.stats().subscriptions === 1);
  await publish(app, 'a');
  const a = await first.results.next();
  expect(a).toEqual({ data: { storageUpdated: { id: 'a' } }, extensions: { cursor: expect.any(String) } });
  await app.bus.publish('dms:storage:unit:5', JSON.stringify(messages.storage({}, { id: 'bare' })));
  expect(await first.results.next()).toEqual({ data: { storageUpdated: { id: 'bare' } } });
  first.stop();
  await publishAll(app, ['b', 'c']);
  const second = queueOf(useSse(app, token).subscribe, { after: cursorOf(a) });
  expect([await second.results.next(), await second.results.next()].map(idOf)).toEqual(['b', 'c']);
  expect([...first.errors, ...second.errors]).toEqual([]);
});

test('a browser’s EventSource reconnects by itself: with GET and the last event id', async () => {
  const app = await useApp();
  const headers = { accept: 'text/event-stream', authorization: `Bearer ${await people.head()}` };
  const url = `${graphqlUrl(app)}?query=${encodeURIComponent(STORAGE)}`;
  const open = async (more: Record<string, string>) => {
    const aborter = new AbortController();
    onTestFinished(() => aborter.abort());
    const response = await fetch(url, { headers: { ...headers, ...more }, signal: aborter.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    return async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const match = pattern.exec(text);
        if (match !== null) return match;
        const chunk = await reader?.read();
        if (chunk?.value === undefined) throw new Error(`ended after ${text}`);
        text += chunk.value;
      }
    };
  };
  const [, start = ''] = await (await open({}))(/^id: (\S+)\n\n/);
  await publishAll(app, ['a', 'b']);
  const again = await open({ 'last-event-id': start });
  const [, id] = await again(/id: (\S+)\nevent: next\ndata: .*"id":"b".*\n\n/);
  expect(id).not.toBe(start);
});

describe('graphql-sse in single connection mode', () => {
  const useSingle = (app: App, token: string) => {
    const client = createSseClient({
      url: graphqlUrl(app),
      singleConnection: true,
      headers: () => ({ authorization: `Bearer ${token}` }),
      retryAttempts: 0,
    });
    onTestFinished(() => client.dispose());
    return client;
  };

  test('runs any number of operations over one stream, and stops each alone', async () => {
    const app = await useApp();
    const client = useSingle(app, await people.head());
    const one = queueOf(client.subscribe);
    const two = queueOf(client.subscribe);
    await until(() => app.stats().subscriptions === 2);
    expect(app.stats().connections).toBe(1);
    await publish(app, 'a');
    const a = await one.results.next();
    expect(a).toEqual({ data: { storageUpdated: { id: 'a' } }, extensions: { cursor: expect.any(String) } });
    expect(idOf(await two.results.next())).toBe('a');
    one.stop();
    await until(() => app.stats().subscriptions === 1);
    await publish(app, 'b');
    expect(idOf(await two.results.next())).toBe('b');
    const resumed = queueOf(client.subscribe, { after: cursorOf(a) });
    expect(idOf(await resumed.results.next())).toBe('b');
    const wrong = new Queue<Result>();
    const sink = {
      next: (result: object) => wrong.push(result),
      error: () => undefined,
      complete: () => undefined,
    };
    client.subscribe({ query: '{ nothing }' }, sink);
    expect((await wrong.next()).errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    client.subscribe({ query: '{ viewer { id } }' }, sink);
    expect(await wrong.next()).toEqual({ data: { viewer: { id: '17' } } });
    expect([...one.errors, ...two.errors, ...resumed.errors]).toEqual([]);
    client.dispose();
    await until(() => app.stats().connections === 0 && app.stats().sessions === 0);
  });

  test('needs a token, and a stream is of one user alone', async () => {
    const app = await useApp({ MAX_CONNECTIONS_PER_USER: '1' });
    const url = graphqlUrl(app);
    const headersOf = (token: string, stream?: string) => ({
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(stream !== undefined && { 'x-graphql-event-stream-token': stream }),
    });
    expect((await fetch(url, { method: 'PUT' })).status).toBe(401);
    const head = await people.head();
    const reserved = await fetch(url, { method: 'PUT', headers: headersOf(head) });
    expect(reserved.status).toBe(201);
    const stream = await reserved.text();
    expect((await fetch(url, { method: 'PUT', headers: headersOf(head) })).status).toBe(429);
    const aborter = new AbortController();
    onTestFinished(() => aborter.abort());
    const open = () => fetch(`${url}?token=${stream}`, { signal: aborter.signal });
    expect((await open()).headers.get('content-type')).toBe('text/event-stream');
    expect((await open()).status).toBe(409);
    const body = JSON.stringify({ query: STORAGE, extensions: { operationId: '1' } });
    const post = async (headers: Record<string, string>) =>
      (await fetch(url, { method: 'POST', headers, body })).status;
    expect(await post(headersOf(await people.stranger(), stream))).toBe(404);
    expect(await post(headersOf(head, 'another'))).toBe(404);
    expect(await post({ ...headersOf(head, stream), authorization: '' })).toBe(401);
    expect(await post(headersOf(head, stream))).toBe(202);
    expect(await post(headersOf(head, stream))).toBe(409);
    expect(app.stats().subscriptions).toBe(1);
  });

  test('cannot be reserved at one of several workers, which says so', async () => {
    const app = await useApp({}, { isOneOfSeveral: true });
    const single = queueOf(useSingle(app, await people.head()).subscribe);
    await until(() => single.errors.length > 0);
    const refused = await fetch(graphqlUrl(app), { method: 'PUT' });
    expect(refused.status).toBe(501);
    expect(await refused.text()).toContain('WORKERS=1');
  });

  test('a stream ends with its session, and says why', async () => {
    const app = await useApp();
    const url = graphqlUrl(app);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await people.head()}`,
        'content-type': 'application/json',
        accept: 'text/event-stream; operations=many',
      },
      body: JSON.stringify([
        { query: STORAGE, extensions: { operationId: '1' } },
        { query: STORAGE, extensions: { operationId: '2' } },
      ]),
    });
    await until(() => app.stats().subscriptions === 2);
    await app.bus.publish('dms:session', JSON.stringify({ action: 'CHANGED', userId: 17 }));
    const text = await response.text();
    expect(text.match(/"code":"UNAUTHENTICATED"/g)).toHaveLength(2);
    await until(() => app.stats().connections === 0 && app.stats().sessions === 0);
  });

  /** Sends single requests of a user. */
  function useRequests(app: App, token: string) {
    const aborter = new AbortController();
    onTestFinished(() => aborter.abort());
    return (method: string, headers: Record<string, string> = {}, body?: string) =>
      fetch(graphqlUrl(app), {
        method,
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': '203.0.113.7', ...headers },
        signal: aborter.signal,
        ...(body !== undefined && { body }),
      });
  }
  const MANY = { accept: 'text/event-stream; operations=many' };
  const named = (id: string) => ({ query: STORAGE, extensions: { operationId: id } });

  test('a request with a token that lasts longer renews the session of its stream', async () => {
    const app = await useApp();
    const expiries: string[] = [];
    const start = Math.floor(Date.now() / 1000);
    const tokens = await Promise.all(
      [1000, 3000, 2000].map((after) =>
        signToken({ user_id: 17, unit_id: 5, role: 'QC', exp: start + after }),
      ),
    );
    const name = await (await useRequests(app, tokens[0] ?? '')('PUT')).text();
    const headers = { 'x-graphql-event-stream-token': name };
    const stream = await useRequests(app, tokens[0] ?? '')('GET', headers);
    const text = (stream.body ?? expect.fail()).pipeThrough(new TextDecoderStream()).getReader();
    for (const token of tokens) {
      const query = JSON.stringify({
        query: '{ viewer { sessionExpiresAt } }',
        extensions: { operationId: '1' },
      });
      expect((await useRequests(app, token)('POST', headers, query)).status).toBe(202);
      let seen = '';
      while (!seen.includes('complete')) seen += (await text.read()).value ?? expect.fail();
      expiries.push(/"sessionExpiresAt":"([^"]+)"/.exec(seen)?.[1] ?? seen);
    }
    const [first = 0, second = 0, third = 0] = expiries.map(Date.parse);
    expect([second - first, third - second]).toEqual([2_000_000, 0]);
  });

  test('a list that is too large, or names two operations alike, is refused', async () => {
    const app = await useApp();
    const send = useRequests(app, await people.head());
    const large = await send('POST', MANY, `[${' '.repeat(300_000)}]`);
    expect([large.status, await large.text()]).toEqual([413, expect.stringContaining('LIMIT_EXCEEDED')]);
    const twice = await send('POST', MANY, JSON.stringify([named('1'), named('1')]));
    expect(twice.status).toBe(400);
    await until(() => app.stats().sessions === 0);
  });

  test('a stream that its name opens is no stranger’s, so that strangers cannot push it out', async () => {
    const app = await useApp({ TRUSTED_PROXIES: '127.0.0.0/8', MAX_STRANGER_REQUESTS_PER_ADDRESS: '1' });
    const send = useRequests(app, await people.head());
    const name = await (await send('PUT')).text();
    const stream = await send('GET', { 'x-graphql-event-stream-token': name });
    expect(stream.status).toBe(200);
    expect(
      (await send('POST', { 'x-graphql-event-stream-token': name }, JSON.stringify(named('1')))).status,
    ).toBe(202);
  });

  test('a client that sends too much loses its stream, and no operation is said to be complete', async () => {
    const app = await useApp({ MAX_MESSAGES_PER_SECOND: '1', MAX_SUBSCRIPTIONS_PER_CONNECTION: '1' });
    const send = useRequests(app, await people.head());
    const name = { 'x-graphql-event-stream-token': await (await send('PUT')).text() };
    const stream = await send('GET', name);
    const statuses: number[] = [];
    for (let count = 0; count < 50 && statuses.at(-1) !== 429; count += 1)
      statuses.push((await send('POST', name, JSON.stringify(named('1')))).status);
    expect(statuses.at(-1)).toBe(429);
    expect(await stream.text()).not.toContain('complete');
    expect((await readMetrics(app)).get('dms_live_refused_total{limit="messages"}')).toBe(1);
    expect(app.stats().sessions).toBe(0);
  });
});
