/** Clients that do not know cursors still work. Clients that pass cursors on can resume. */
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { graphqlUrl, Queue, type Result, socketUrl } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { until } from '../support/redis.ts';
import { publish, publishAll, STORAGE } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

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
