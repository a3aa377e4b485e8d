/**
 * A long replay goes as fast as its client reads. Memory stays bounded, and a client that leaves in the middle leaves nothing
 * open.
 */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { getDefaultHighWaterMark, setDefaultHighWaterMark } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { useApp } from '../support/app.ts';
import { numbers } from '../support/buses.ts';
import { graphqlUrl } from '../support/clients.ts';
import { messages } from '../support/events.ts';
import { executions, readMetrics } from '../support/metrics.ts';
import { until } from '../support/redis.ts';
import { type Followed, publish, type Resumer, useResumer } from '../support/resuming.ts';
import { people } from '../support/tokens.ts';

const LOCATIONS = 'subscription { storageUpdated { id locations { roomName } } }';
const COUNT = 10_000;
const MAX_OUTBOX_BYTES = 1_048_576;

const publishLarge = (app: App, id: string, size = 1000): Promise<unknown> =>
  publish(app, id, {
    event: messages.storage({ roomName: 'r'.repeat(size) }),
    retention: { events: 100_000, seconds: 3600 },
  });

/** An app whose log holds more than a socket accepts at once, and the cursor before it. */
async function useFullLog(
  count = COUNT,
  size = 1000,
  maxOutboxBytes = MAX_OUTBOX_BYTES,
): Promise<{ app: App; token: string; after: string }> {
  const app = await useApp({
    MAX_SUBSCRIPTIONS_PER_CONNECTION: '1000',
    MAX_OUTBOX_BYTES: `${maxOutboxBytes}`,
  });
  const token = await people.head();
  const watcher = (await useResumer(app, token)).run(LOCATIONS);
  const after = await watcher.position();
  watcher.stop();
  await until(() => app.stats().audiences === 0);
  for (const id of numbers(1, count)) await publishLarge(app, id, size);
  return { app, token, after };
}

/** Resumes, and stops reading as soon as the replay has begun. */
async function resumePaused(app: App, token: string, after: string): Promise<[Resumer, Followed]> {
  const socket = await useResumer(app, token);
  const operation = socket.run(LOCATIONS, { after });
  expect(await operation.next()).toBe('1');
  socket.socket.pause();
  await until(() => app.stats().outboxBytes > 0);
  return [socket, operation];
}

const slowClosed = async (app: App): Promise<number | undefined> =>
  (await readMetrics(app)).get('dms_live_slow_clients_closed_total');

test('the replay of 10,000 events waits for a client that stops reading, which gets all of them, and all later ones', async () => {
  const { app, token, after } = await useFullLog();
  const [{ socket }, operation] = await resumePaused(app, token, after);
  const swift = await useResumer(app, token);
  swift.run(LOCATIONS).stop(); // so that the next id is another one: what waits for the slow client must keep its own
  expect(await swift.run(LOCATIONS, { after }).take(COUNT)).toEqual(numbers(1, COUNT));
  expect(await executions(app)).toBe(COUNT);
  const other = (await useResumer(app, token)).run(LOCATIONS);
  await other.position();
  for (const id of numbers(COUNT + 1, COUNT + 500)) await publishLarge(app, id);
  expect(await other.take(500)).toEqual(numbers(COUNT + 1, COUNT + 500));
  expect(app.stats().outboxBytes).toBeLessThanOrEqual(MAX_OUTBOX_BYTES / 4);
  expect([socket.readyState, await slowClosed(app)]).toEqual([socket.OPEN, 0]);

  socket.resume();
  expect(await operation.take(COUNT + 499)).toEqual(numbers(2, COUNT + 500));
  await publishLarge(app, 'live');
  expect(await operation.next()).toBe('live');
  expect(await executions(app)).toBe(COUNT + 501);
}, 60_000);

test('clients that leave in the middle of a replay leave nothing open', async () => {
  const { app, token, after } = await useFullLog(3000, 3000);
  const before = { ...app.stats(), connections: 0, sessions: 0 };
  const [[first], [second, operation]] = [
    await resumePaused(app, token, after),
    await resumePaused(app, token, after),
  ];
  first.socket.terminate();
  operation.stop();
  second.socket.resume();
  await until(() => app.stats().audiences === 0);
  second.socket.close();
  await until(() => app.stats().connections === 1); // the one that read the cursor
  expect({ ...app.stats(), connections: 0, sessions: 0 }).toEqual(before);
  const again = (await useResumer(app, token)).run(LOCATIONS, { after });
  expect(await again.take(3000)).toEqual(numbers(1, 3000));
}, 60_000);

test('many operations of one socket that resume from far back together do not make it a slow client', async () => {
  const { app, token, after } = await useFullLog(200, 10_000);
  const socket = await useResumer(app, token);
  const operations = numbers(1, 40).map((alias) =>
    socket.run(LOCATIONS.replace('storageUpdated', `a${alias}: storageUpdated`), { after }),
  );
  await Promise.all(
    operations.map(async (operation) => expect(await operation.take(200)).toEqual(numbers(1, 200))),
  );
  expect(await slowClosed(app)).toBe(0);
}, 60_000);

test('many operations of one socket that does not read resume within the memory limit of one', async () => {
  const { app, token, after } = await useFullLog(1000, 3000);
  const socket = await useResumer(app, token);
  socket.socket.pause();
  const operations = numbers(1, 40).map((alias) =>
    socket.run(LOCATIONS.replace('storageUpdated', `a${alias}: storageUpdated`), { after }),
  );
  await until(async () => (await executions(app)) === 40_000);
  expect(app.stats().outboxBytes).toBeLessThanOrEqual(MAX_OUTBOX_BYTES / 4);
  await publishLarge(app, '1001');
  socket.socket.resume();
  await Promise.all(
    operations.map(async (operation) => expect(await operation.take(1001)).toEqual(numbers(1, 1001))),
  );
}, 60_000);

/** Resumes over an event stream. */
async function resumeStream(app: App, token: string, after: string): Promise<IncomingMessage> {
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    authorization: `Bearer ${token}`,
  };
  const sent = request(graphqlUrl(app), { method: 'POST', headers });
  onTestFinished(() => void sent.destroy());
  sent.end(JSON.stringify({ query: LOCATIONS, extensions: { after } }));
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response === undefined) throw new Error('no response');
  return response;
}

async function readIds(response: IncomingMessage, count: number): Promise<readonly string[]> {
  let text = '';
  const ids: string[] = [];
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    ids.push(...blocks.flatMap((block) => /"storageUpdated":\{"id":"(\d+)"/.exec(block)?.[1] ?? []));
    if (ids.length >= count) break;
  }
  return ids;
}

function useStillPositions(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }); // so that only its reading makes a stream go on
  onTestFinished(() => void vi.useRealTimers());
}

test('the replay waits for an event stream that is not read as well, and it gets all events', async () => {
  useStillPositions();
  const { app, token, after } = await useFullLog(5000);
  const response = await resumeStream(app, token, after);
  await until(async () => (await executions(app)) === 5000);
  await publishLarge(app, '5001');
  expect(await readIds(response, 5001)).toEqual(numbers(1, 5001));
  expect(await slowClosed(app)).toBe(0);
});

test('it does so with the smallest outbox, and with what Node 22 and later keep for a stream that is not read', async () => {
  const kept = getDefaultHighWaterMark(false);
  setDefaultHighWaterMark(false, 65_536);
  onTestFinished(() => setDefaultHighWaterMark(false, kept));
  useStillPositions();
  const { app, token, after } = await useFullLog(COUNT, 1000, 65_536);
  const response = await resumeStream(app, token, after);
  let waiting = -1;
  await until(async () => {
    const before = waiting;
    waiting = app.stats().outboxBytes;
    return (waiting > 0 && waiting === before) || (await slowClosed(app)) === 1;
  });
  expect(await slowClosed(app)).toBe(0);
  expect(await readIds(response, COUNT)).toEqual(numbers(1, COUNT));
}, 60_000);
